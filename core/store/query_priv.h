/* query_priv.h - the table of fields, and how a parsed query becomes SQL. Inside core/store only.
 *
 * query_fields.c says what a field means, as SQL with tests of the value in braces:
 *
 *     {key K N}    K, a column of text_keys, has the value's words in a row; N is the text K was made of
 *     {words N}    the same for a column of texts without keys
 *     {in C}       C contains the value, letters folded (text_fold); no patterns
 *     {is C}       C equals the value, or starts with it (value*); any case
 *     {has C}      C contains the value; any case
 *     {event C}    C is the n of an event that the value names
 *     {year C}     C is in the value: 2017, 201*, 2015..2017, ..2017, 2015-2017
 *     {id C}       C is an id that starts with the value
 *     {number C}   C is as the value says: 100, >100, >=100, <100, <=100, 10..100
 *     {date C}     C, a time as the contract writes it, is in the value: 2014, 2014-05, 2014..2017-06, 2014..
 *
 * All understand /regex/, *text* and "*" where a text is tested. Arguments hold no spaces. In row conditions the row is t.
 */
#ifndef LECTERN_STORE_QUERY_PRIV_H
#define LECTERN_STORE_QUERY_PRIV_H

#include "store/objects_priv.h"
#include "store/query.h"

/* What a query is about: the type of an object, or the documents of the search index (t is fts: notes and talks). */
enum { QUERY_DOCS = OBJECT_TYPES, QUERY_TARGETS };

enum {
    QUERY_NOTES_TOO = 1, /* a note has what one of its talks has */
    QUERY_TALKS_TOO = 2, /* a talk has what one of its notes has */
    QUERY_COLUMN = 4,    /* words are looked up in the index's column of this name */
    QUERY_NAMED = 8,     /* the value names a row of query_has */
    QUERY_DOTTED = 16,   /* its name goes on behind a dot: field.NAME; "@" in its SQL is NAME */
    QUERY_SAVED = 32,    /* the value names a saved query */
};

struct query_field {
    const char *name;
    const char *also; /* another name, or NULL */
    unsigned flags;
    const char *talks, *notes;      /* SELECTs of their n; NULL: none, or by rows[] */
    const char *docs;               /* the same for documents, where they are not talks and notes together */
    const char *rows[OBJECT_TYPES]; /* row conditions; where NULL: what talks and notes selected so have */
};
extern const struct query_field query_fields[]; /* up to one without name */
extern const struct query_field query_has[];    /* has:NAME and is:NAME */
extern const struct query_field query_words;    /* words without a field, where the index is of no use */
const struct query_field *query_field_of(const struct query_field *table, const char *name,
                                         size_t n); /* any case; or NULL */

/* A condition over rows called t, with its values. */
struct query_sql {
    struct buf sql;  /* never empty */
    struct buf with; /* what is nested too deep for SQLite's parser: "WITH q1(n) AS (...), ... ", before the SELECT */
    int withs;
    struct value binds;       /* ?1 is items[0] */
    const char *match;        /* QUERY_DOCS: FTS5 expression that must match too and ranks, or NULL */
    const struct query *tree; /* the same as a tree */
    bool names_mentions;      /* asks for mentions by kind */
};
#define QUERY_SQL_INIT                                                                                                 \
    { .sql = BUF_INIT, .with = BUF_INIT }
void query_release(struct query_sql *qs);
/* The caller releases OUT, also after errors. */
int query_compile(struct db *db, const struct query *q, int target, struct arena *a, struct query_sql *out,
                  struct err *err);
bool query_is_plain(const struct query_sql *qs);                       /* nothing but words that the index matches */
int query_bind(struct query_sql *qs, struct arena *a, struct value v); /* one value more; its number */
void query_bind_all(const struct query_sql *qs, sqlite3_stmt *st);

/* query_saved.c: Q with each query:NAME replaced by what is saved under that name (state of the plugin "find"). */
int query_expand_saved(struct db *db, const struct query **q, struct arena *a, struct err *err);
/* "'VALUE' WHAT, at column N of the query", with the column and the query. */
int query_refuse(const struct query *value, const char *what, const char *hint, struct err *err);

/* query_tests.c: a value, and SQL with its tests in braces filled in. */
enum query_form { QUERY_RAW, QUERY_FOLDED, QUERY_LOWER, QUERY_KEY, QUERY_SPACED_KEY, QUERY_SPLIT_KEY, QUERY_FORMS };
struct query_leaf {
    const struct query *value; /* WORD, PREFIX, INSIDE, PHRASE or REGEX */
    int bound[QUERY_FORMS];    /* parameter that holds it in this form; 0 until it is needed */
    bool no_key;      /* nothing that text_key knows, or a run without spaces: only the text itself can be found */
    int year;         /* of QUERY_SPLIT_KEY, "NAME YEAR" */
    const char *name; /* what "@" stands for, or NULL */
    int name_bound;
    struct err *err; /* filled where the value is none that the field can have */
};
struct query_leaf query_leaf_of(const struct query *value);
/* What the value cannot be is in l->err. */
void query_expand(struct query_sql *out, struct arena *a, struct query_leaf *l, const char *sql);

/* query_terms.c: does the index's tokenizer see a word in TEXT? Would it miss words inside (CJK, Thai: no spaces)? */
bool query_has_token(struct db *db, const char *text);
bool query_is_run(const char *text);
bool query_is_unspaced(uint32_t cp); /* of such a script */
/* The first byte of the texts of a document that is in another language than English, and not stemmed (tokenizer.c). */
#define TOKENIZER_PLAIN '\x02'
/* The index's tokenizer; the caller calls xDelete on *MADE. */
bool query_tokenizer(struct db *db, fts5_tokenizer *tokenizer, Fts5Tokenizer **made);
/* Append Q, words, phrases, AND and OR only, as an FTS5 expression with every text quoted. */
void query_match(struct buf *out, const struct query *q);

#endif
