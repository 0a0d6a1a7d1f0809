/* sql_guard.c - reading is allowed through the documented views and in no other way.
 *
 * The one idea: SQLite tells for each column read through which view, by name. Names of common table expressions look
 * the same, so a query that takes a view's name for one is refused before SQLite sees it. Functions are a list of what
 * is allowed: all of them end in time linear in what they are given (functions.c replaces those of SQLite that do
 * not).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "store/sql_priv.h"

const char *const sql_views[] = {"note",       "talk", "event",  "session", "person",
                                 "appearance", "tag",  "source", "run",     NULL};

/* What the views are made of. */
static const char *const behind_views[] = {"entity",    "t_note",   "note_rev",     "note_talk", "t_talk",  "t_event",
                                           "t_session", "t_person", "t_appearance", "t_tag",     "tagging", "t_source",
                                           "t_run",     NULL};

static const char *const functions[] = {"abs",
                                        "avg",
                                        "ceil",
                                        "ceiling",
                                        "changes",
                                        "char",
                                        "coalesce",
                                        "count",
                                        "cume_dist",
                                        "current_date",
                                        "current_time",
                                        "current_timestamp",
                                        "date",
                                        "datetime",
                                        "dense_rank",
                                        "exp",
                                        "first_value",
                                        "floor",
                                        "format",
                                        "glob",
                                        "group_concat",
                                        "hex",
                                        "ifnull",
                                        "iif",
                                        "instr",
                                        "json",
                                        "json_array",
                                        "json_array_length",
                                        "json_extract",
                                        "json_group_array",
                                        "json_group_object",
                                        "json_object",
                                        "json_quote",
                                        "json_type",
                                        "json_valid",
                                        "->",
                                        "->>",
                                        "julianday",
                                        "lag",
                                        "last_value",
                                        "lead",
                                        "length",
                                        "like",
                                        "ln",
                                        "log",
                                        "log10",
                                        "log2",
                                        "lower",
                                        "ltrim",
                                        "max",
                                        "min",
                                        "mod",
                                        "nth_value",
                                        "ntile",
                                        "nullif",
                                        "percent_rank",
                                        "pow",
                                        "power",
                                        "printf",
                                        "quote",
                                        "random",
                                        "rank",
                                        "replace",
                                        "round",
                                        "row_number",
                                        "rtrim",
                                        "sign",
                                        "sqrt",
                                        "strftime",
                                        "substr",
                                        "substring",
                                        "sum",
                                        "time",
                                        "total",
                                        "trim",
                                        "trunc",
                                        "typeof",
                                        "unicode",
                                        "unixepoch",
                                        "upper",
                                        NULL};

static bool is_in(const char *name, const char *const *list) {
    for (; name && *list; list++) {
        if (strcasecmp(name, *list) == 0) {
            return true;
        }
    }
    return false;
}

static int deny(struct sql_guard *g, const char *what) {
    snprintf(g->denied, sizeof g->denied, "%s", what ? what : "");
    return SQLITE_DENY;
}

/* A FROM item no column of which is read comes without database and without its view: a common table expression, or a
 * table that a view joins. So rows of the latter can be counted, in the trash too; what is in them cannot be had. */
static bool may_read(const struct sql_guard *g, const char *table, const char *database, const char *via) {
    if (is_in(table, sql_views) || (!via && (strcmp(table, "json_each") == 0 || strcmp(table, "json_tree") == 0))) {
        return true;
    }
    if (is_in(via, sql_views)) {
        return is_in(table, behind_views);
    }
    bool hidden =
        is_in(table, g->tables) || strncasecmp(table, "sqlite_", 7) == 0 || strncasecmp(table, "pragma_", 7) == 0;
    return !database && (!hidden || is_in(table, behind_views));
}

int sql_authorize(void *guard, int action, const char *one, const char *two, const char *database, const char *via) {
    struct sql_guard *g = guard;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return one && may_read(g, one, database, via) ? SQLITE_OK : deny(g, one);
    case SQLITE_FUNCTION:
        return is_in(two, functions) ? SQLITE_OK : deny(g, two);
    default:
        return deny(g, "anything but SELECT");
    }
}

/* ---- names of common table expressions ------------------------------------------------------------------------- */

struct scanner {
    const char *p;
    char text[16]; /* the token, quotes off, cut */
    bool name;     /* a word, or anything quoted: '...' is a name where SQL wants one */
};

static bool is_word(char c) {
    return c == '_' || c == '$' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (unsigned char)c >= 0x80;
}

static const char *skip_space(const char *p) {
    for (;;) {
        if (*p == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else if (*p == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            p = end ? end + 2 : p + strlen(p);
        } else if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
            p++;
        } else {
            return p;
        }
    }
}

static void put(struct scanner *s, size_t *n, char c) {
    if (*n < sizeof s->text - 1) {
        s->text[(*n)++] = c;
    }
}

static void quoted(struct scanner *s, char close) {
    size_t n = 0;
    for (s->p++; *s->p; s->p++) {
        if (*s->p == close && (close == ']' || s->p[1] != close)) {
            s->p++;
            break;
        }
        s->p += *s->p == close;
        put(s, &n, *s->p);
    }
    s->text[n] = '\0';
    s->name = true;
}

static bool next_token(struct scanner *s) {
    size_t n = 0;
    s->p = skip_space(s->p);
    s->name = false;
    if (!*s->p) {
        return false;
    }
    if (strchr("'\"`[", *s->p)) {
        quoted(s, *s->p == '[' ? ']' : *s->p);
        return true;
    }
    if (is_word(*s->p)) {
        for (; is_word(*s->p); s->p++) {
            put(s, &n, *s->p);
        }
        s->name = true;
    } else {
        put(s, &n, *s->p++);
    }
    s->text[n] = '\0';
    return true;
}

/* NAME ( ..., or NAME AS (, or NAME AS [NOT] MATERIALIZED: nothing else in a SELECT looks so. */
static bool is_definition(struct scanner s) {
    if (!next_token(&s) || (s.text[0] != '(' && strcasecmp(s.text, "as") != 0)) {
        return false;
    }
    if (s.text[0] == '(') {
        return true;
    }
    return next_token(&s) &&
           (s.text[0] == '(' || strcasecmp(s.text, "not") == 0 || strcasecmp(s.text, "materialized") == 0);
}

bool sql_shadows_view(const char *text) {
    struct scanner s = {.p = text};
    while (next_token(&s)) {
        if (s.name && is_in(s.text, sql_views) && is_definition(s)) {
            return true;
        }
    }
    return false;
}
