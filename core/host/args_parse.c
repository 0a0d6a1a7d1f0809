/* args_parse.c - the words after a command, read by its spec; and the same from a map of values.
 *
 * One pass over the words with one index of the next positional. What a word is depends on three things only: whether
 * options have ended, whether it is a declared option, and the type of the next positional. Must not know the store.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "host/args_priv.h"
#include "host/help.h"

struct parse {
    struct args_reader r;
    const struct command_spec *spec;
    struct args_globals *g;
    struct err *err;
    const char *const *words;
    size_t n, at;
    struct args_slot *slots; /* one for each argument of the spec */
    size_t next;             /* the next positional; nargs: there is none */
    bool literal;            /* after `--` */
};

static const struct arg_spec *next_arg(const struct parse *p) {
    return p->next < p->spec->nargs ? &p->spec->args[p->next] : NULL;
}

static void advance(struct parse *p) {
    do {
        p->next++;
    } while (p->next < p->spec->nargs && p->spec->args[p->next].flag);
}

static struct args_slot *slot_of(const struct parse *p, const struct arg_spec *arg) {
    return &p->slots[arg - p->spec->args];
}

/* ---- storing a value -------------------------------------------------------------------------------------------- */
static int put_item(struct parse *p, const struct arg_spec *arg, struct args_slot *slot, const char *text) {
    struct value item;
    int rc = args_value_text(&p->r, arg->item, text, &item, p->err);
    if (rc < 0) {
        return rc;
    }
    if (!slot->given) {
        slot->value = value_array(p->r.a, 0);
    }
    value_push(p->r.a, &slot->value, item);
    return 0;
}

static int put_tag(struct parse *p, const struct arg_spec *arg, struct args_slot *slot, const char *word) {
    if (!slot->given) {
        slot->value = args_value_tagedit(p->r.a);
    }
    return args_value_tag(&p->r, arg, word, &slot->value, p->err);
}

static int put_word(struct parse *p, const struct arg_spec *arg, struct args_slot *slot, const char *word) {
    struct value text;
    int rc = args_value_text(&p->r, arg, word, &text, p->err);
    if (rc < 0) {
        return rc;
    }
    if (!slot->given) {
        slot->words = value_array(p->r.a, 1);
    }
    value_push(p->r.a, &slot->words, text);
    return 0;
}

/* An option given twice: the last counts, but lists and tags collect. */
static int put_option(struct parse *p, const struct arg_spec *arg, const char *text) {
    struct args_slot *slot = slot_of(p, arg);
    int rc;
    if (arg->type == ARG_LIST) {
        rc = put_item(p, arg, slot, text);
    } else if (arg->type == ARG_TAGEDIT) {
        rc = put_tag(p, arg, slot, text);
    } else {
        rc = args_value_text(&p->r, arg, text, &slot->value, p->err);
    }
    slot->given = slot->given || rc == 0;
    return rc;
}

/* ---- options ---------------------------------------------------------------------------------------------------- */
static const struct arg_spec *find_flag(const struct command_spec *spec, const char *name, size_t n) {
    for (size_t i = 0; i < spec->nargs; i++) {
        const struct arg_spec *arg = &spec->args[i];
        if (arg->flag && strlen(arg->name) == n && memcmp(arg->name, name, n) == 0) {
            return arg;
        }
    }
    return NULL;
}

static const struct arg_spec *find_negated(const struct command_spec *spec, const char *name, size_t n) {
    const struct arg_spec *arg = n > 3 && strncmp(name, "no-", 3) == 0 ? find_flag(spec, name + 3, n - 3) : NULL;
    return arg && arg->type == ARG_BOOL ? arg : NULL;
}

static int unknown_option(struct parse *p, const char *word) {
    const char **names = arena_alloc(p->r.a, (2 * p->spec->nargs + 8) * sizeof *names);
    static const char *const common[] = {"--json", "--jsonl", "--quiet", "--dry-run", "--help"};
    size_t n = 0;
    for (size_t i = 0; i < p->spec->nargs; i++) {
        const struct arg_spec *arg = &p->spec->args[i];
        if (arg->flag) {
            names[n++] = arena_printf(p->r.a, "--%s", arg->name);
        }
        if (arg->flag && arg->type == ARG_BOOL) {
            names[n++] = arena_printf(p->r.a, "--no-%s", arg->name);
        }
    }
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        names[n++] = common[i];
    }
    size_t len = strcspn(word, "=");
    const char *name = arena_dup(p->r.a, word, len);
    const char *near = len <= SPEC_NAME_MAX && word[1] == '-' ? text_nearest(name, names, n) : NULL;
    return err_set(p->err, E_USAGE, "unknown option '%s' of '%s'%s%s%s", args_quote(p->r.a, name, len), p->spec->name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int use_global(struct parse *p, const struct args_global *option, const char *word, bool has_value) {
    if (!option->after) {
        return err_set(p->err, E_USAGE, "'%s' goes before the command: lectern %s ... %s", word, word, p->spec->name);
    }
    return has_value ? err_set(p->err, E_USAGE, "'--%s' takes no value", option->name)
                     : args_global_set(p->g, option, NULL, p->err);
}

static int use_option(struct parse *p, const struct arg_spec *arg, const char *value) {
    if (!value && arg->type == ARG_BOOL) {
        value = "yes";
    }
    if (!value && p->at == p->n) {
        return err_set(p->err, E_USAGE, "'%s --%s' wants a value", p->spec->name, arg->name);
    }
    return put_option(p, arg, value ? value : p->words[p->at++]);
}

static int read_long(struct parse *p, const char *word) {
    const char *name = word + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] ? name + n + 1 : NULL;
    const struct arg_spec *arg = find_flag(p->spec, name, n);
    if (arg) {
        return use_option(p, arg, value);
    }
    if ((arg = find_negated(p->spec, name, n))) {
        return value ? err_set(p->err, E_USAGE, "'%s --no-%s' takes no value", p->spec->name, arg->name)
                     : put_option(p, arg, "no");
    }
    const struct args_global *option = args_global_find(name, n);
    return option ? use_global(p, option, arena_dup(p->r.a, word, n + 2), value != NULL) : unknown_option(p, word);
}

/* True when every letter up to the first that takes a value is an option here. */
static bool are_letters(const struct parse *p, const char *letters) {
    for (; *letters; letters++) {
        const struct arg_spec *arg = spec_letter(p->spec, *letters);
        const struct args_global *option = args_global_letter(*letters);
        if (arg && arg->type != ARG_BOOL) {
            return true;
        }
        if (!arg && !(option && option->after)) {
            return false;
        }
    }
    return true;
}

static int read_letters(struct parse *p, const char *letters) {
    int rc = 0;
    for (; rc == 0 && *letters; letters++) {
        const struct arg_spec *arg = spec_letter(p->spec, *letters);
        const struct args_global *option = arg ? NULL : args_global_letter(*letters);
        if (arg && arg->type != ARG_BOOL) {
            return use_option(p, arg, letters[1] ? letters + 1 : NULL);
        }
        if (arg) {
            rc = put_option(p, arg, "yes");
        } else if (option) {
            rc = args_global_set(p->g, option, NULL, p->err);
        }
    }
    return rc;
}

/* ---- positionals ------------------------------------------------------------------------------------------------ */
static bool takes_dash(const struct parse *p, const char *word) {
    const struct arg_spec *arg = next_arg(p);
    enum arg_type type = !arg ? ARG_BOOL : arg->type == ARG_LIST ? arg->item->type : arg->type;
    if (type == ARG_QUERY || type == ARG_TAGEDIT) {
        return true;
    }
    return (type == ARG_INT || type == ARG_NUMBER) && strchr(".0123456789", word[1]);
}

static int too_many(struct parse *p, const char *word) {
    size_t n = 0;
    for (size_t i = 0; i < p->spec->nargs; i++) {
        n += !p->spec->args[i].flag;
    }
    const char *quoted = args_quote(p->r.a, word, strlen(word));
    return n == 0 ? err_set(p->err, E_USAGE, "'%s' takes no arguments; '%s' is left over", p->spec->name, quoted)
                  : err_set(p->err, E_USAGE, "'%s' takes at most %zu argument%s; '%s' is left over", p->spec->name, n,
                            n > 1 ? "s" : "", quoted);
}

/* A tagedit ends at the first word that is no edit, and at `--`. */
static bool ends_tags(const struct parse *p, const struct arg_spec *arg, const char *word) {
    bool given = slot_of(p, arg)->given;
    if (strcmp(word, "--") == 0) {
        return given;
    }
    return (word[0] != '+' && word[0] != '-') || !word[1] ? given || !arg->required : false;
}

static int read_positional(struct parse *p, const char *word) {
    if (p->next >= p->spec->nargs) {
        return too_many(p, word);
    }
    const struct arg_spec *arg = &p->spec->args[p->next];
    if (arg->type == ARG_TAGEDIT && ends_tags(p, arg, word)) {
        advance(p);
        return strcmp(word, "--") == 0 ? 0 : read_positional(p, word);
    }
    struct args_slot *slot = slot_of(p, arg);
    int rc;
    switch (arg->type) {
    case ARG_TAGEDIT:
        rc = put_tag(p, arg, slot, word);
        break;
    case ARG_QUERY:
        rc = put_word(p, arg, slot, word);
        break;
    case ARG_LIST:
        rc = put_item(p, arg, slot, word);
        break;
    default:
        rc = args_value_text(&p->r, arg, word, &slot->value, p->err);
        advance(p);
        break;
    }
    slot->given = slot->given || rc == 0;
    return rc;
}

/* ---- all words -------------------------------------------------------------------------------------------------- */
static int read_word(struct parse *p, const char *word) {
    if (p->literal || word[0] != '-' || !word[1]) {
        return read_positional(p, word);
    }
    if (word[1] == '-' && word[2]) {
        return read_long(p, word);
    }
    if (word[1] == '-') {
        const struct arg_spec *arg = next_arg(p);
        p->literal = true;
        return arg && arg->type == ARG_TAGEDIT && slot_of(p, arg)->given ? read_positional(p, word) : 0;
    }
    if (are_letters(p, word + 1)) {
        return read_letters(p, word + 1);
    }
    return takes_dash(p, word) ? read_positional(p, word) : unknown_option(p, word);
}

static void join_words(struct arena *a, struct args_slot *slot) {
    struct buf text = BUF_INIT;
    for (uint32_t i = 0; i < slot->words.len; i++) {
        buf_adds(&text, i ? " " : "");
        buf_add(&text, slot->words.items[i].s, slot->words.items[i].len);
    }
    slot->value = value_strn(a, text.data, text.len);
    buf_release(&text);
}

static int finish_slots(struct parse *p) {
    for (size_t i = 0; i < p->spec->nargs; i++) {
        const struct arg_spec *arg = &p->spec->args[i];
        struct args_slot *slot = &p->slots[i];
        if (arg->type == ARG_QUERY && slot->words.kind == VALUE_ARRAY) {
            join_words(p->r.a, slot);
        }
        int rc = arg->type == ARG_LIST && slot->given ? args_value_count(&p->r, arg, slot->value.len, p->err) : 0;
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int check_size(const char *const *words, size_t n, struct err *err) {
    size_t bytes = 0;
    for (size_t i = 0; i < n && i <= ARGS_WORDS_MAX; i++) {
        bytes += strlen(words[i]);
    }
    return n > ARGS_WORDS_MAX || bytes > ARGS_BYTES_MAX ? err_set(err, E_USAGE, "the command line is too long") : 0;
}

static void hint_usage(const struct command_spec *spec, struct err *err) {
    struct buf usage = BUF_INIT;
    help_usage(&usage, spec);
    err_hint(err, "usage: %s", usage.data);
    buf_release(&usage);
}

int args_parse(struct arena *a, const struct command_spec *spec, const char *const *words, size_t n, const char *cwd,
               struct args_globals *g, struct args *out, struct err *err) {
    struct parse p = {.r = {.a = a, .command = spec->name, .cwd = cwd}, .spec = spec, .g = g, .err = err};
    p.words = words;
    p.n = n;
    p.slots = arena_zalloc(a, spec->nargs * sizeof *p.slots + 1);
    p.next = (size_t)-1;
    advance(&p);
    *out = (struct args){.map = value_map(a, 0)};
    int rc = check_size(words, n, err);
    while (rc == 0 && !g->help && p.at < n) {
        const char *word = words[p.at++];
        rc = read_word(&p, word);
    }
    if (rc == 0 && !g->help) {
        rc = finish_slots(&p);
        rc = rc < 0 ? rc : args_finish(&p.r, spec, p.slots, out, err);
    }
    if (rc < 0) {
        hint_usage(spec, err);
    }
    return rc;
}

/* ---- from values ------------------------------------------------------------------------------------------------ */
static int unknown_argument(const struct args_reader *r, const struct command_spec *spec, const char *name,
                            struct err *err) {
    const char **names = arena_alloc(r->a, spec->nargs * sizeof *names + 1);
    for (size_t i = 0; i < spec->nargs; i++) {
        names[i] = spec->args[i].name;
    }
    const char *near = strlen(name) <= SPEC_NAME_MAX ? text_nearest(name, names, spec->nargs) : NULL;
    return err_set(err, E_USAGE, "unknown argument '%s' of '%s'%s%s%s", args_quote(r->a, name, strlen(name)),
                   spec->name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int read_pair(const struct args_reader *r, const struct command_spec *spec, const struct pair *pair,
                     struct args_slot *slots, struct err *err) {
    const char *name = value_cstr(&pair->key, "?");
    const struct arg_spec *arg = spec_arg(spec, name);
    if (!arg) {
        return unknown_argument(r, spec, name, err);
    }
    if (pair->val.kind == VALUE_NIL) {
        return 0;
    }
    struct args_slot *slot = &slots[arg - spec->args];
    slot->given = true;
    return args_value_typed(r, arg, &pair->val, &slot->value, err);
}

int args_from_value(struct arena *a, const struct command_spec *spec, const struct value *map, const char *cwd,
                    struct args *out, struct err *err) {
    struct args_reader r = {.a = a, .command = spec->name, .cwd = cwd};
    struct args_slot *slots = arena_zalloc(a, spec->nargs * sizeof *slots + 1);
    bool empty = map->kind == VALUE_NIL || (map->kind == VALUE_ARRAY && map->len == 0);
    *out = (struct args){.map = value_map(a, 0)};
    if (map->kind != VALUE_MAP && !empty) {
        return err_set(err, E_USAGE, "the arguments of '%s' must be a map of names and values", spec->name);
    }
    for (uint32_t i = 0; !empty && i < map->len; i++) {
        int rc = read_pair(&r, spec, &map->pairs[i], slots, err);
        if (rc < 0) {
            return rc;
        }
    }
    return args_finish(&r, spec, slots, out, err);
}
