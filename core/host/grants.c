/* grants.c - which plugin may do what, as plain lines of text.
 *
 * Shipped:  NAME capability ...            (bound to the bundled folder by where the plugin was found)
 * User's:   NAME HASH capability ...       (bound to the content; a plugin under CONFIG/plugins may change and keep what it has)
 */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "host/plugin.h"

enum { GRANTS_BYTES = 1024 * 1024 };

/* Calls FN with the words of each line. */
static void each_line(struct buf *text, struct arena *a, void (*fn)(void *ctx, char **words, size_t n), void *ctx) {
    char *save = NULL;
    for (char *line = strtok_r(arena_dup(a, text->data, text->len), "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *words[64], *inner = NULL;
        size_t n = 0;
        for (char *w = strtok_r(line, " \t\r", &inner); w && *w != '#' && n < 64; w = strtok_r(NULL, " \t\r", &inner))
            words[n++] = w;
        if (n)
            fn(ctx, words, n);
    }
}

struct applying {
    struct plugin **plugins;
    size_t n;
    struct arena *arena;
    bool bundled;
};

static void apply_line(void *ctx, char **words, size_t n) {
    struct applying *ap = ctx;
    size_t first = ap->bundled ? 1 : 2;
    if (n < first)
        return;
    for (size_t i = 0; i < ap->n; i++) {
        struct plugin *p = ap->plugins[i];
        if (strcmp(p->name, words[0]) || (p->home == HOME_BUNDLED) != ap->bundled || p->state == PLUGIN_SHADOWED)
            continue;
        if (!ap->bundled && p->home != HOME_CONFIG && strcmp(words[1], p->hash))
            continue;
        struct value *list = arena_zalloc(ap->arena, sizeof *list);
        *list = value_array(ap->arena, (uint32_t)(n - first));
        for (size_t k = first; k < n; k++)
            value_push(ap->arena, list, value_lit(words[k]));
        p->granted = list;
    }
}

static bool holds(const struct value *list, const char *capability) {
    for (size_t i = 0; i < list->len && value_is(list, VALUE_ARRAY); i++)
        if (value_eqs(value_at(list, i), capability))
            return true;
    return false;
}

bool plugin_may(const struct plugin *p, const char *capability) {
    return p->home == HOME_USER || holds(p->granted, capability);
}

static void hold_if_uncovered(struct plugin *p) {
    const struct value *needs = value_get(p->info, "needs");
    if (p->state != PLUGIN_OK || !value_is(needs, VALUE_ARRAY))
        return;
    struct buf missing = BUF_INIT;
    for (size_t i = 0; i < needs->len; i++) {
        const char *need = value_cstr(value_at(needs, i), "?");
        if (!plugin_may(p, need))
            buf_addf(&missing, "%s%s", missing.len ? ", " : "", need);
    }
    if (missing.len) {
        p->state = PLUGIN_HELD;
        err_set(&p->err, E_DENIED, "plugin '%s' wants %s, which was not granted", p->name, missing.data);
        err_hint(&p->err, "look at it, then: lectern plugin grant %s", p->name);
    }
    buf_release(&missing);
}

static void user_file(struct buf *out, const struct place *place) {
    path_join(out, place->config, "grants");
}

void grants_apply(struct plugin **plugins, size_t n, struct arena *a, const struct place *place,
                  const struct place_tree *tree) {
    struct buf text = BUF_INIT, path = BUF_INIT;
    struct applying ap = {.plugins = plugins, .n = n, .arena = a, .bundled = true};
    if (!path_read(tree->grants, &text, GRANTS_BYTES, NULL))
        each_line(&text, a, apply_line, &ap);
    buf_clear(&text);
    user_file(&path, place);
    ap.bundled = false;
    if (!path_read(path.data, &text, GRANTS_BYTES, NULL))
        each_line(&text, a, apply_line, &ap);
    for (size_t i = 0; i < n; i++)
        hold_if_uncovered(plugins[i]);
    buf_release(&text);
    buf_release(&path);
}

int grants_add(const struct plugin *p, const struct place *place, struct err *err) {
    struct buf text = BUF_INIT, path = BUF_INIT, out = BUF_INIT;
    user_file(&path, place);
    if (access(path.data, F_OK)) {
        buf_adds(&text, "# what each plugin may do: NAME HASH capability ...\n");
    } else if (path_read(path.data, &text, GRANTS_BYTES, err)) { /* what is there may not get lost */
        buf_release(&text);
        buf_release(&path);
        return err_set(err, E_CONFIG, "cannot read the grants in '%s/grants'", place->config);
    }
    size_t name = strlen(p->name);
    for (const char *line = text.data; *line;) {
        size_t len = strcspn(line, "\n");
        bool same = !strncmp(line, p->name, name) && line[name] == ' ';
        if (!same)
            buf_addf(&out, "%.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    buf_addf(&out, "%s %s", p->name, p->hash);
    const struct value *needs = value_get(p->info, "needs");
    for (size_t i = 0; value_is(needs, VALUE_ARRAY) && i < needs->len; i++)
        buf_addf(&out, " %s", value_cstr(value_at(needs, i), ""));
    buf_addc(&out, '\n');
    int rc = path_mkdirs(place->config, 0700, err);
    if (!rc)
        rc = path_write_atomic(path.data, out.data, out.len, 0600, err);
    buf_release(&text);
    buf_release(&path);
    buf_release(&out);
    return rc;
}
