/* args.c - around the arguments: words, global options, which command, and the finished map.
 *
 * The parser of what follows a command is in args_parse.c, single values in args_value.c; what callers that pass values
 * share with those that pass words is here. Must not know the registry: names are looked up by the caller's function.
 */
#include "host/args.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "host/args_priv.h"

/* ---- words ------------------------------------------------------------------------------------------------------ */
int args_words(struct arena *a, const struct value *argv, const char *const **words, size_t *n, struct err *err) {
    *n = 0;
    if (argv->kind != VALUE_ARRAY || argv->len > ARGS_WORDS_MAX) {
        return err_set(err, E_USAGE, "the command line must be a list of at most %d words", ARGS_WORDS_MAX);
    }
    const char **list = arena_alloc(a, argv->len * sizeof *list + 1);
    size_t bytes = 0;
    for (uint32_t i = 0; i < argv->len; i++) {
        const struct value *v = &argv->items[i];
        bool text = v->kind == VALUE_STR || v->kind == VALUE_BIN;
        if (!text || memchr(v->s, '\0', v->len)) {
            return err_set(err, E_USAGE, "word %u of the command line is no text", i + 1);
        }
        if ((bytes += v->len) > ARGS_BYTES_MAX) {
            return err_set(err, E_USAGE, "the command line has more than %d bytes", ARGS_BYTES_MAX);
        }
        list[i] = arena_dup(a, v->s, v->len);
    }
    *words = list;
    *n = argv->len;
    return 0;
}

/* ---- global options --------------------------------------------------------------------------------------------- */
static const struct args_global globals[] = {
    {"store", 0, "a file", false}, {"config", 0, "a folder", false},    {"json", 0, NULL, true},
    {"jsonl", 0, NULL, true},      {"quiet", 'q', NULL, true},          {"verbose", 'v', NULL, false},
    {"no-daemon", 0, NULL, false}, {"timeout", 0, "a duration", false}, {"color", 0, "a word", false},
    {"no-pager", 0, NULL, false},  {"dry-run", 0, NULL, true},          {"version", 'V', NULL, false},
    {"help", 'h', NULL, true},
};
enum { GLOBALS = sizeof globals / sizeof globals[0] };

const struct args_global *args_global_find(const char *name, size_t n) {
    for (size_t i = 0; i < GLOBALS; i++) {
        if (strlen(globals[i].name) == n && memcmp(globals[i].name, name, n) == 0) {
            return &globals[i];
        }
    }
    return NULL;
}

const struct args_global *args_global_letter(char letter) {
    for (size_t i = 0; letter && i < GLOBALS; i++) {
        if (globals[i].letter == letter) {
            return &globals[i];
        }
    }
    return NULL;
}

static int set_color(struct args_globals *g, const char *value, struct err *err) {
    static const char *const words[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(words[i], value) == 0) {
            g->color = (enum args_color)i;
            return 0;
        }
    }
    return err_set(err, E_USAGE, "'--color' wants auto, always or never, not '%.60s'", value);
}

static int set_timeout(struct args_globals *g, const char *value, struct err *err) {
    if (clock_parse_duration(value, strlen(value), &g->timeout_ms) && g->timeout_ms > 0) {
        return 0;
    }
    return err_set(err, E_USAGE, "'--timeout' wants a duration like 90s or 5m, not '%.60s'", value);
}

int args_global_set(struct args_globals *g, const struct args_global *option, const char *value, struct err *err) {
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        {"json", &g->json},       {"jsonl", &g->jsonl},         {"quiet", &g->quiet},
        {"verbose", &g->verbose}, {"no-daemon", &g->no_daemon}, {"no-pager", &g->no_pager},
        {"dry-run", &g->dry_run}, {"version", &g->version},     {"help", &g->help},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].name, option->name) == 0) {
            *flags[i].flag = true;
            return 0;
        }
    }
    if (!*value) {
        return err_set(err, E_USAGE, "'--%s' wants %s, not ''", option->name, option->value);
    }
    if (strcmp(option->name, "color") == 0) {
        return set_color(g, value, err);
    }
    if (strcmp(option->name, "timeout") == 0) {
        return set_timeout(g, value, err);
    }
    *(strcmp(option->name, "store") == 0 ? &g->store : &g->config) = value;
    return 0;
}

static int unknown_global(const char *word, struct err *err) {
    const char *names[GLOBALS];
    for (size_t i = 0; i < GLOBALS; i++) {
        names[i] = globals[i].name;
    }
    size_t n = strcspn(word + 2, "=");
    char name[32] = "";
    if (word[1] == '-' && n < sizeof name) {
        snprintf(name, sizeof name, "%.*s", (int)n, word + 2);
    }
    const char *near = text_nearest(name, names, GLOBALS);
    int rc = err_set(err, E_USAGE, "unknown option '%.60s'%s%s%s", word, near ? "; did you mean '--" : "",
                     near ? near : "", near ? "'?" : "");
    err_hint(err, "lectern --help lists the global options; those of a command follow its name");
    return rc;
}

static int global_long(const char *const *words, size_t n, size_t *at, struct args_globals *g, struct err *err) {
    const char *word = words[*at];
    size_t len = strcspn(word + 2, "=");
    const struct args_global *option = args_global_find(word + 2, len);
    const char *value = word[2 + len] ? word + 2 + len + 1 : NULL;
    if (!option) {
        return unknown_global(word, err);
    }
    ++*at;
    if (!option->value) {
        return value ? err_set(err, E_USAGE, "'--%s' takes no value", option->name)
                     : args_global_set(g, option, NULL, err);
    }
    if (!value && *at == n) {
        return err_set(err, E_USAGE, "'--%s' wants %s", option->name, option->value);
    }
    return args_global_set(g, option, value ? value : words[(*at)++], err);
}

static int global_letters(const char *word, struct args_globals *g, struct err *err) {
    for (const char *p = word + 1; *p; p++) {
        const struct args_global *option = args_global_letter(*p);
        if (!option) {
            return unknown_global(word, err);
        }
        args_global_set(g, option, NULL, err);
    }
    return 0;
}

int args_globals(const char *const *words, size_t n, struct args_globals *g, size_t *used, struct err *err) {
    *g = (struct args_globals){.timeout_ms = -1};
    size_t at = 0;
    int rc = 0;
    while (rc == 0 && at < n && words[at][0] == '-' && words[at][1]) {
        if (words[at][1] != '-') {
            rc = global_letters(words[at++], g, err);
        } else if (words[at][2]) {
            rc = global_long(words, n, &at, g, err);
        } else {
            at++;
            break;
        }
    }
    *used = at;
    return rc;
}

/* ---- the command ------------------------------------------------------------------------------------------------ */
const struct command_spec *args_command(const char *const *words, size_t n, args_lookup *lookup, void *ctx,
                                        size_t *used) {
    const struct command_spec *found = NULL;
    char name[SPEC_NAME_MAX + 1] = "";
    size_t len = 0;
    *used = 0;
    for (size_t i = 0; i < n && spec_name_ok(words[i], true); i++) {
        int more = snprintf(name + len, sizeof name - len, "%s%s", i ? "." : "", words[i]);
        len += (size_t)more;
        if (len >= sizeof name) {
            break;
        }
        const struct command_spec *spec = lookup(ctx, name);
        if (spec) {
            found = spec;
            *used = i + 1;
        }
    }
    return found;
}

/* The last parts of the names that start with GROUP and a dot: "run, start, stop". */
static void group_members(struct buf *out, const char *group, const char *const *names, size_t n) {
    size_t len = strlen(group);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(names[i], group, len) == 0 && names[i][len] == '.') {
            buf_addf(out, "%s%s", out->len ? ", " : "", names[i] + len + 1);
        }
    }
}

static int unknown_word(const char *word, const char *const *names, size_t n, struct err *err) {
    const char *near = strlen(word) <= SPEC_NAME_MAX ? text_nearest(word, names, n) : NULL;
    err_set(err, E_USAGE, "unknown command '%.60s'%s%s%s", word, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
    err_hint(err, "lectern help lists the commands");
    return -E_USAGE;
}

/* WORD alone names nothing, but MEMBERS go with it. */
static int unknown_member(const char *const *words, size_t n, const char *members, const char *const *names,
                          size_t nnames, struct err *err) {
    char both[2 * SPEC_NAME_MAX + 2] = "";
    if (n > 1 && strlen(words[1]) <= SPEC_NAME_MAX) {
        snprintf(both, sizeof both, "%s.%s", words[0], words[1]);
    }
    const char *near = text_nearest(both, names, nnames);
    if (near && strchr(near, '.')) {
        return err_set(err, E_USAGE, "unknown command '%s %s'; did you mean '%s'?", words[0], words[1], near);
    }
    return err_set(err, E_USAGE, "'%s' is no command by itself; it goes with %s", words[0], members);
}

int args_unknown_command(const char *const *words, size_t n, const char *const *names, size_t nnames, struct err *err) {
    if (n == 0) {
        err_set(err, E_USAGE, "no command was named");
        err_hint(err, "lectern help lists the commands");
        return -E_USAGE;
    }
    struct buf members = BUF_INIT;
    group_members(&members, words[0], names, nnames);
    int rc = members.len ? unknown_member(words, n, members.data, names, nnames, err)
                         : unknown_word(words[0], names, nnames, err);
    buf_release(&members);
    return rc;
}

/* ---- the finished map ------------------------------------------------------------------------------------------- */
static bool needs_store(enum arg_type type) {
    return type == ARG_EVENT || type == ARG_TALK || type == ARG_NOTE || type == ARG_PERSON || type == ARG_QUERY;
}

static size_t count_items(const struct args *out) {
    size_t n = 0;
    for (uint32_t i = 0; i < out->map.len; i++) {
        const struct value *v = &out->map.pairs[i].val;
        n += v->kind == VALUE_ARRAY ? v->len : 1;
    }
    return n;
}

static void note_item(struct args *out, const struct arg_spec *arg, const struct args_slot *slot, struct value *item) {
    enum arg_type type = arg->type == ARG_LIST ? arg->item->type : arg->type;
    if (needs_store(type)) {
        out->refs[out->nrefs++] =
            (struct args_ref){.arg = arg, .type = type, .slot = item, .words = type == ARG_QUERY ? &slot->words : NULL};
    }
    if (type == ARG_PATH && slot->given && !value_eqs(item, "-")) {
        enum path_mode mode = arg->type == ARG_LIST ? arg->item->mode : arg->mode;
        out->paths[out->npaths++] = (struct args_path){.arg = arg, .mode = mode, .path = item->s};
    }
}

static void note_value(struct args *out, const struct arg_spec *arg, const struct args_slot *slot, struct value *v) {
    if (arg->type != ARG_LIST) {
        note_item(out, arg, slot, v);
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        note_item(out, arg, slot, &v->items[i]);
    }
}

static int complete(const struct args_reader *r, const struct arg_spec *arg, struct args_slot *slot, struct err *err) {
    if (slot->given) {
        return 0;
    }
    if (arg->required) {
        return err_set(err, E_USAGE, "'%s' needs %s", r->command, args_label(r->a, arg));
    }
    slot->value = args_value_default(r, arg);
    return 0;
}

/* A query that came as one value has one word: itself. */
static void complete_words(struct arena *a, const struct arg_spec *arg, struct args_slot *slot) {
    if (arg->type == ARG_QUERY && slot->words.kind != VALUE_ARRAY) {
        slot->words = value_array(a, 1);
        value_push(a, &slot->words, slot->value);
    }
}

int args_finish(const struct args_reader *r, const struct command_spec *spec, struct args_slot *slots, struct args *out,
                struct err *err) {
    *out = (struct args){.map = value_map(r->a, (uint32_t)spec->nargs)};
    for (size_t i = 0; i < spec->nargs; i++) {
        int rc = complete(r, &spec->args[i], &slots[i], err);
        if (rc < 0) {
            return rc;
        }
        if (slots[i].value.kind != VALUE_NIL) {
            complete_words(r->a, &spec->args[i], &slots[i]);
            value_set(r->a, &out->map, spec->args[i].name, slots[i].value);
        }
    }
    size_t items = count_items(out);
    out->refs = arena_alloc(r->a, items * sizeof *out->refs + 1);
    out->paths = arena_alloc(r->a, items * sizeof *out->paths + 1);
    for (size_t i = 0, at = 0; i < spec->nargs; i++) {
        if (slots[i].value.kind != VALUE_NIL) {
            note_value(out, &spec->args[i], &slots[i], &out->map.pairs[at++].val);
        }
    }
    return 0;
}
