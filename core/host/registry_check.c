/* registry_check.c - is what a plugin registered fit to be kept?
 *
 * The runtime refuses most mistakes with a better message; this is the host's own look at what a compartment sent, and it trusts nothing.
 */
#include "host/registry_priv.h"

enum { CONTRIBUTIONS_MAX = 256, NEEDS_MAX = 32, WORD_MAX = 200 }; /* of one plugin */

/* Names of capabilities and helpers go into files and command lines: words and nothing else. */
static int check_words(const struct plugin *p, const char *what, const struct value *list, struct err *err) {
    if (value_is(list, VALUE_NIL))
        return 0;
    bool fine = (value_is(list, VALUE_ARRAY) && list->len <= NEEDS_MAX) || (value_is(list, VALUE_MAP) && !list->len);
    for (size_t i = 0; fine && value_is(list, VALUE_ARRAY) && i < list->len; i++) {
        const struct value *v = value_at(list, i);
        fine = value_is(v, VALUE_STR) && v->len && v->len <= WORD_MAX;
        for (size_t k = 0; fine && k < v->len; k++)
            fine = v->s[k] > ' ' && v->s[k] < 127 && v->s[k] != ',' && v->s[k] != '#';
    }
    return fine ? 0
                : err_set(err, E_PLUGIN, "plugin '%s' states its %s badly: a list of words is wanted", p->name, what);
}

static int check_contributions(const struct plugin *p, const struct value *list, struct err *err) {
    static const char *const kinds[] = {"command", "importer", "summariser", "exporter"};
    if (!value_is(list, VALUE_ARRAY))
        return err_set(err, E_PLUGIN, "plugin '%s' did not register a list", p->name);
    if (list->len > CONTRIBUTIONS_MAX)
        return err_set(err, E_PLUGIN, "plugin '%s' registers more than %d things", p->name, CONTRIBUTIONS_MAX);
    struct arena scratch = ARENA_INIT;
    int rc = 0;
    for (size_t i = 0; i < list->len && !rc; i++) {
        const struct value *raw = value_at(list, i);
        const struct command_spec *spec;
        bool known = false;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            known |= value_eqs(value_get(raw, "kind"), kinds[k]);
        if (!known)
            rc = err_set(err, E_PLUGIN, "plugin '%s' registered something of an unknown kind", p->name);
        else
            rc = spec_parse(&scratch, p->name, raw, &spec, err);
    }
    arena_release(&scratch);
    return rc;
}

int registry_check(const struct plugin *p, const struct value *result, struct err *err) {
    int rc = check_contributions(p, value_get(result, "contributions"), err);
    if (!rc)
        rc = check_words(p, "needs", value_get(value_get(result, "plugin"), "needs"), err);
    return rc ? rc : check_words(p, "helpers", value_get(result, "helpers"), err);
}
