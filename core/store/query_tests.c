/* query_tests.c - the tests in braces of query_fields.c, filled in.
 *
 * The one idea: a test is SQL of ours around a column and a number of a parameter. The value is bound in the form that
 * the test compares (as it is, in small letters, as a key), once for each form, however often it is tested.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/names_priv.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

enum { WORD_MAX = 128 };

struct expander {
    struct query_sql *out;
    struct arena *arena;
};

struct query_leaf query_leaf_of(const struct query *value) {
    struct query_leaf l = {.value = value};
    struct buf key = BUF_INIT;
    text_key(&key, value->text, strlen(value->text));
    l.no_key = key.len == 0 || query_is_run(value->text);
    buf_release(&key);
    return l;
}

/* ---- forms of a value ------------------------------------------------------------------------------------------ */

static void add_lower(struct buf *out, const char *text) {
    for (; *text; text++) {
        buf_addc(out, *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text);
    }
}

static void make_form(struct query_leaf *l, enum query_form form, struct buf *out) {
    const char *text = l->value->text;
    struct buf name = BUF_INIT;
    switch (form) {
    case QUERY_RAW:
        buf_adds(out, text);
        break;
    case QUERY_LOWER:
        add_lower(out, text);
        break;
    case QUERY_KEY:
        text_key(out, text, strlen(text));
        break;
    case QUERY_SPACED_KEY: /* between blanks, so that whole words are compared; a prefix has no blank after it */
        buf_addc(out, ' ');
        text_key(out, text, strlen(text));
        buf_adds(out, l->value->node == QUERY_PREFIX ? "" : " ");
        break;
    default:
        names_split_event(text, strlen(text), &name, &l->year);
        text_key(out, name.data, name.len);
        break;
    }
    buf_release(&name);
}

static void add_form(struct expander *c, struct query_leaf *l, enum query_form form) {
    if (!l->bound[form]) {
        struct buf text = BUF_INIT;
        make_form(l, form, &text);
        l->bound[form] = query_bind(c->out, c->arena, value_strn(c->arena, text.data, text.len));
        buf_release(&text);
    }
    buf_addf(&c->out->sql, "?%d", l->bound[form]);
}

static void add(struct expander *c, const char *sql) {
    buf_adds(&c->out->sql, sql);
}

static bool is_any(const struct query_leaf *l) {
    return l->value->node == QUERY_PREFIX && !l->value->text[0];
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

/* BEFORE COLUMN BETWEEN ?form AFTER */
static void add_test(struct expander *c, struct query_leaf *l, const char *before, const char *column,
                     const char *between, enum query_form form, const char *after) {
    add(c, before);
    add(c, column);
    add(c, between);
    add_form(c, l, form);
    add(c, after);
}

/* What is the same for every text: any value, and a regex. */
static bool pattern_test(struct expander *c, struct query_leaf *l, const char *column) {
    if (is_any(l)) {
        buf_addf(&c->out->sql, "%s IS NOT NULL", column);
        return true;
    }
    if (l->value->node == QUERY_REGEX) {
        add(c, "lectern_regex(");
        add_form(c, l, QUERY_RAW);
        buf_addf(&c->out->sql, ",%s)", column);
        return true;
    }
    return false;
}

static void in_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    add_test(c, l, "instr(", column, ",", QUERY_RAW, ")>0");
}

static void key_test(struct expander *c, struct query_leaf *l, const char *key, const char *name) {
    if (pattern_test(c, l, name)) {
        return;
    }
    if (l->no_key) {
        in_test(c, l, name, NULL);
    } else {
        add_test(c, l, "instr(' '||", key, "||' ',", QUERY_SPACED_KEY, ")>0");
    }
}

static void words_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    if (pattern_test(c, l, column)) {
        return;
    }
    if (l->no_key) {
        in_test(c, l, column, unused);
    } else {
        add_test(c, l, "lectern_words(", column, ",", QUERY_SPACED_KEY, ")");
    }
}

static void is_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    if (pattern_test(c, l, column)) {
        return;
    }
    if (l->value->node == QUERY_PREFIX) {
        add_test(c, l, "instr(lower(", column, "),", QUERY_LOWER, ")=1");
    } else {
        add_test(c, l, "", column, "=", QUERY_RAW, " COLLATE NOCASE");
    }
}

static void has_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    if (!pattern_test(c, l, column)) {
        add_test(c, l, "instr(lower(", column, "),", QUERY_LOWER, ")>0");
    }
}

/* "2017", "201*", "2015..2017", "2015-2017", "2015..", "..2017"; false where it is none of these. */
static bool year_range(const struct query *value, long *low, long *high) {
    char *end;
    const char *s = value->text;
    *low = 0;
    *high = 9999;
    if (strncmp(s, "..", 2) != 0) {
        *low = *high = strtol(s, &end, 10);
        if (end == s || end - s > 4 || *s == '-' || *s == '+') {
            return false;
        }
        for (long digits = end - s; value->node == QUERY_PREFIX && digits < 4; digits++) {
            *low = *low * 10;
            *high = *high * 10 + 9;
        }
        s = end;
    }
    if (*s == '\0') {
        return true;
    }
    s += *s == '-' ? 1 : strncmp(s, "..", 2) == 0 ? 2 : 0;
    *high = *s >= '0' && *s <= '9' ? strtol(s, &end, 10) : 9999;
    return s > value->text && (*s >= '0' && *s <= '9' ? *end == '\0' : *s == '\0' && s[-1] == '.');
}

static void year_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    long low, high;
    if (pattern_test(c, l, column)) {
        return;
    }
    if (year_range(l->value, &low, &high)) {
        buf_addf(&c->out->sql, "%s BETWEEN %ld AND %ld", column, low, high);
    } else {
        add(c, "0");
    }
}

static void id_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    char digits[2 * UUID_BYTES + 1];
    size_t n = resolve_digits(l->value->text, digits);
    if (n < 6) {
        add(c, "0");
        return;
    }
    buf_addf(&c->out->sql, "%s BETWEEN x'%s", column, digits); /* hex digits only */
    buf_pad(&c->out->sql, '0', 2 * UUID_BYTES - n);
    buf_addf(&c->out->sql, "' AND x'%s", digits);
    buf_pad(&c->out->sql, 'f', 2 * UUID_BYTES - n);
    add(c, "'");
}

/* A set of events. What a person types for one event is understood as in resolve.c. */
static void event_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    if (is_any(l)) {
        buf_addf(&c->out->sql, "%s IS NOT NULL", column);
        return;
    }
    buf_addf(&c->out->sql, "%s IN (SELECT n FROM t_event WHERE ", column);
    is_test(c, l, "slug", NULL);
    add(c, " UNION ALL SELECT n FROM t_event WHERE ");
    is_test(c, l, "series", NULL);
    add(c, " UNION ALL SELECT event FROM event_name WHERE ");
    if (l->value->node == QUERY_REGEX) {
        pattern_test(c, l, "name");
    } else if (l->no_key) {
        in_test(c, l, "name", NULL);
    } else if (l->value->node == QUERY_PREFIX) {
        add_test(c, l, "instr(", "' '||key", ",", QUERY_SPACED_KEY, ")=1");
    } else {
        add_test(c, l, "", "key", "=", QUERY_KEY, "");
        add(c, " UNION ALL SELECT x.event FROM event_name x CROSS JOIN t_event v ON v.n = x.event WHERE x.key = ");
        add_form(c, l, QUERY_SPLIT_KEY);
        buf_addf(&c->out->sql, " AND v.year = %d UNION ALL SELECT n FROM entity WHERE ", l->year);
        id_test(c, l, "id", NULL);
    }
    add(c, ")");
}

static const struct {
    const char *name;
    void (*add)(struct expander *c, struct query_leaf *l, const char *one, const char *two);
} tests[] = {
    {"key", key_test}, {"words", words_test}, {"in", in_test},     {"is", is_test},
    {"has", has_test}, {"event", event_test}, {"year", year_test}, {"id", id_test},
};

/* The word of SQL that ends before a blank or a brace; *SQL moves behind it. */
static void take_word(const char **sql, char out[WORD_MAX]) {
    size_t n = strcspn(*sql, " }");
    size_t fits = n < WORD_MAX - 1 ? n : WORD_MAX - 1;
    memcpy(out, *sql, fits);
    out[fits] = '\0';
    *sql += n;
    *sql += **sql == ' ';
}

/* SQL with its tests filled in. */
void query_expand(struct query_sql *out, struct arena *a, struct query_leaf *l, const char *sql) {
    struct expander *c = &(struct expander){out, a};
    while (*sql) {
        size_t plain = strcspn(sql, "{");
        buf_add(&c->out->sql, sql, plain);
        sql += plain;
        if (*sql != '{') {
            return;
        }
        char words[3][WORD_MAX];
        sql++;
        for (int i = 0; i < 3; i++) {
            take_word(&sql, words[i]);
        }
        sql += *sql == '}';
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
            if (strcmp(tests[i].name, words[0]) == 0) {
                tests[i].add(c, l, words[1], words[2]);
            }
        }
    }
}
