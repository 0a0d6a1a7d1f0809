/* query_tests.c - the tests in braces of query_fields.c, filled in.
 *
 * The one idea: a test is SQL of ours around a column and a number of a parameter. The value is bound in the form that
 * the test compares (as it is, in small letters, as a key), once for each form, however often it is tested.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/names_priv.h"
#include "store/query_priv.h"
#include "store/read_priv.h"
#include "store/regex.h"

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
    case QUERY_FOLDED:
        text_fold(out, text, strlen(text));
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

/* The first thing that is wrong with a query is told, with its column. */
static void refuse(const struct query_leaf *l, const char *what, const char *hint) {
    if (l->err && l->err->code == E_OK) {
        query_refuse(l->value, what, hint, l->err);
    }
}

static void check_regex(const struct query_leaf *l) {
    struct regex *re = mem_alloc(sizeof *re);
    if (!regex_compile(re, l->value->text, strlen(l->value->text))) {
        refuse(l, "is no regular expression", "in quotes it is looked for as it stands");
    }
    mem_free(re);
}

static void in_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused);

/* What is the same for every text: any value, something inside it, and a regex. */
static bool pattern_test(struct expander *c, struct query_leaf *l, const char *column) {
    if (is_any(l)) {
        buf_addf(&c->out->sql, "%s IS NOT NULL", column);
        return true;
    }
    if (l->value->node == QUERY_INSIDE) {
        in_test(c, l, column, NULL);
        return true;
    }
    if (l->value->node == QUERY_REGEX) {
        check_regex(l);
        add(c, "lectern_regex(");
        add_form(c, l, QUERY_RAW);
        buf_addf(&c->out->sql, ",%s)", column);
        return true;
    }
    return false;
}

static void in_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    add(c, "lectern_inside(");
    add_form(c, l, QUERY_FOLDED);
    buf_addf(&c->out->sql, ",%s)", column);
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
        if (end == s || end - s > 4 || *s < '0' || *s > '9') {
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
        refuse(l, "is no year", "2017, 201*, 2015..2017, 2015.. or ..2017");
    }
}

static bool whole_number(const char *s, int64_t *out) {
    char *end;
    *out = strtoll(s, &end, 10);
    return *s >= '0' && *s <= '9' && *end == '\0' && end - s < 18;
}

/* "100", ">100", ">=100", "<100", "<=100", "10..100", "10..", "..100"; false where it is none of these. */
static bool number_range(const char *s, int64_t *low, int64_t *high) {
    int64_t n;
    const char *dots = strstr(s, "..");
    *low = 0;
    *high = INT64_MAX;
    if (dots) {
        char first[24] = "";
        size_t len = (size_t)(dots - s);
        memcpy(first, s, len < sizeof first - 1 ? len : sizeof first - 1);
        return len < sizeof first && (len || dots[2]) && (!len || whole_number(first, low)) &&
               (!dots[2] || whole_number(dots + 2, high));
    }
    bool more = *s == '>';
    bool less = *s == '<';
    s += more || less;
    bool equal = (more || less) && *s == '=';
    if (!whole_number(s + equal, &n)) {
        return false;
    }
    *low = less ? 0 : n + (more && !equal);
    *high = more ? INT64_MAX : n - (less && !equal);
    return true;
}

static void number_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    int64_t low, high;
    if (pattern_test(c, l, column)) {
        return;
    }
    if (l->value->node != QUERY_PREFIX && number_range(l->value->text, &low, &high)) {
        buf_addf(&c->out->sql, "%s BETWEEN %lld AND %lld", column, (long long)low, (long long)high);
    } else {
        add(c, "0");
        refuse(l, "is no number", "100, >100, >=100, <100, <=100 or 10..100");
    }
}

/* Is S[0..N) a time as the contract writes it: a year, a month, a day, an hour or a minute? */
static bool is_date(const char *s, size_t n) {
    static const char form[] = "0000-00-00T00:00";
    if (n != 4 && n != 7 && n != 10 && n != 13 && n != 16) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i]) {
            return false;
        }
    }
    return true;
}

/* An end of a range is as coarse as it was written: 2014-05 is all of that May. */
static void add_end(struct expander *c, const char *column, const char *s, size_t n, const char *compared) {
    buf_addf(&c->out->sql, "substr(%s,1,%zu)%s'", column, n, compared);
    buf_add(&c->out->sql, s, n); /* digits, dashes, T and colons only */
    add(c, "'");
}

static void date_test(struct expander *c, struct query_leaf *l, const char *column, const char *unused) {
    (void)unused;
    const char *s = l->value->text;
    if (pattern_test(c, l, column)) {
        return;
    }
    const char *dots = strstr(s, "..");
    size_t first = dots ? (size_t)(dots - s) : strlen(s);
    const char *last = dots ? dots + 2 : s;
    size_t rest = strlen(last);
    bool fine = (first || rest) && (!first || is_date(s, first)) && (!rest || is_date(last, rest));
    if (!fine || l->value->node == QUERY_PREFIX) {
        add(c, "0");
        refuse(l, "is no date", "2017, 2017-10, 2017-10-28, 2014..2017, 2014.. or ..2017-06");
        return;
    }
    add(c, "(");
    if (first) {
        add_end(c, column, s, first, ">=");
    }
    add(c, first && rest ? " AND " : "");
    if (rest) {
        add_end(c, column, last, rest, "<=");
    }
    add(c, ")");
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
    if (l->value->node == QUERY_REGEX || l->value->node == QUERY_INSIDE) {
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
    {"key", key_test},     {"words", words_test}, {"in", in_test}, {"is", is_test},         {"has", has_test},
    {"event", event_test}, {"year", year_test},   {"id", id_test}, {"number", number_test}, {"date", date_test},
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

/* "@" in an argument becomes the parameter that holds the name. */
static void put_name(struct expander *c, struct query_leaf *l, char word[WORD_MAX]) {
    char *hole = strchr(word, '@');
    char after[WORD_MAX];
    if (!hole || !l->name) {
        return;
    }
    if (!l->name_bound) {
        l->name_bound = query_bind(c->out, c->arena, value_str(c->arena, l->name));
    }
    snprintf(after, sizeof after, "%s", hole + 1);
    snprintf(hole, WORD_MAX - (size_t)(hole - word), "?%d%.64s", l->name_bound, after);
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
            put_name(c, l, words[i]);
        }
        sql += *sql == '}';
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
            if (strcmp(tests[i].name, words[0]) == 0) {
                tests[i].add(c, l, words[1], words[2]);
            }
        }
    }
}
