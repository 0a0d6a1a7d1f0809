/* read.h - asking the store: get, find, search, resolve, history; never writes.
 *
 * A `struct reader` is one reading connection; take one per worker thread call and give it back. All results are values in the
 * caller's arena with the contract's field names. Functions return 0 or a negative code; "nothing there" is -E_NOTFOUND
 * only where said.
 */
#ifndef LECTERN_STORE_READ_H
#define LECTERN_STORE_READ_H

#include "store/store.h"

struct reader;
/* Blocks until one is free. Never NULL after store_open succeeded. */
struct reader *store_reader_take(struct store *s);
void store_reader_give(struct reader *r);
/* Interrupt whatever R is doing, from any thread: it ends with -E_CANCELLED. */
void reader_interrupt(struct reader *r);

/* Between these, questions that take no transaction of their own (read_source_known, read_state_get) see one state of
 * the store, and cost less. Let go also after errors. */
int reader_hold(struct reader *r, struct err *err);
void reader_let_go(struct reader *r);

struct get_options {
    bool body;                  /* body and abstract too */
    int64_t rev;                /* 0: current */
    bool deleted;               /* also from the trash */
    const struct value *fields; /* as in struct find; of the current revision only */
};
/* *OUT: the object, or nil when there is none. */
int read_get(struct reader *r, const struct uuid *id, const struct get_options *o, struct arena *a, struct value *out,
             struct err *err);
/* The same from inside the transaction that is open on the writing side: sees what was applied and not yet committed. */
int store_peek(struct store *s, const struct uuid *id, const struct get_options *o, struct arena *a, struct value *out,
               struct err *err);
/* An id, or a unique prefix of 6 or more hex digits (dashes allowed). -E_NOTFOUND; -E_USAGE lists the candidates. */
int read_resolve_id(struct reader *r, const char *text, struct uuid *id, enum entity *entity, struct err *err);
/* Event by id, slug, "NAME YEAR", "NAME'YY" or a unique name. *OUT: event object. -E_NOTFOUND with the nearest; -E_USAGE lists candidates. */
int read_resolve_event(struct reader *r, const char *text, struct arena *a, struct value *out, struct err *err);

struct find {
    const char *type;         /* "talk" "note" "event" "person" "session" "tag" "source"; NULL: talk */
    const char *query;        /* text of the query language, or NULL */
    const char *kind;         /* or NULL; talks without kind leave mentions out */
    const struct uuid *event; /* or NULL */
    const char *sort;  /* "FIELD" or "FIELD:desc": title created updated start ... (find.c); NULL: order of creation */
    int64_t limit;     /* -1: page size decides */
    const char *after; /* cursor of the previous page, or NULL */
    bool body;
    bool deleted;           /* the trash instead */
    const struct uuid *ids; /* only these, in this order; NULL: all */
    size_t nids;
    size_t budget;              /* bytes of a page, about; 0: READ_PAGE_BYTES */
    const struct value *fields; /* an array of names: objects carry these and their id alone; NULL: all */
};
enum { READ_PAGE_ITEMS = 256, READ_PAGE_BYTES = 64 * 1024 };
/* One page: {"items":[...],"after":cursor|nil}. */
int read_find(struct reader *r, const struct find *f, struct arena *a, struct value *out, struct err *err);
/* What F finds (its limit: so many values of each, -1 a thousand), counted: array of {"type":"facet","field","value",
 * "count"}, the most frequent first. FIELDS: names with commas between. */
int read_facets(struct reader *r, const struct find *f, const char *fields, struct arena *a, struct value *out,
                struct err *err);

/* Best first: array of hits {"id","short","type","kind","title","event","speakers","score","snippet","matches"}; a
 * passage appears once, as its talk where it has exactly one, else as its note. Equal scores: the newer first. */
struct search {
    const char *query;
    int64_t limit;         /* -1: a thousand */
    const char *after;     /* id of a hit: go on behind it; NULL: from the best on */
    const double *weights; /* of title, speakers, tags, body; NULL: 10, 6, 4, 1 */
};
enum { SEARCH_WEIGHTS = 4 };
int read_search_for(struct reader *r, const struct search *s, struct arena *a, struct value *hits, struct err *err);
int read_search(struct reader *r, const char *query, int64_t limit, struct arena *a, struct value *hits,
                struct err *err);
/* For words of QUERY that are nowhere: the query with the nearest words that are, or nil. Takes a bounded time. */
int read_suggest(struct reader *r, const char *query, struct arena *a, struct value *out, struct err *err);
/* The words that tell this talk or note from others, best first: [{"word","stem","count","documents","weight"}]. */
int read_terms(struct reader *r, const struct uuid *id, int64_t limit, struct arena *a, struct value *out,
               struct err *err);

/* Revisions of ID, newest first: [{"rev","at","run","command","plugin","op","title","bytes","changed":[field]}]. */
int read_history(struct reader *r, const struct uuid *id, struct arena *a, struct value *out, struct err *err);
/* What differs between two revisions, TO 0: as it is now: {"type","id","short","title","from","to","fields":[{"field","from",
 * "to"}],"text"}; text is the unified diff of body or abstract. Nil where there is nothing; -E_NOTFOUND: no such revision. */
int read_diff(struct reader *r, const struct uuid *id, int64_t from, int64_t to, struct arena *a, struct value *out,
              struct err *err);
/* Open conflicts of ID, NULL: of all that is live: [{"type","id","short","title","rev","path","at","fields":[{"field","mine",
 * "theirs"}],"blocks":[{"line","base","mine","theirs"}],"marked"}]. line: in the body as it is once what does not clash is
 * merged; marked: the body with both sides between marks, nil where no text clashes. At most 1000. */
int read_conflicts(struct reader *r, const struct uuid *id, struct arena *a, struct value *out, struct err *err);
int read_runs(struct reader *r, int64_t limit, struct arena *a, struct value *out, struct err *err);
/* Read-only SQL over the documented views (note, talk, event, person, session, appearance, tag, source, run), under an
 * authorizer, with at most MS milliseconds. ARGS: array or nil, bound in order. */
int read_sql(struct reader *r, const char *sql, const struct value *args, int64_t ms, struct arena *a,
             struct value *rows, struct err *err);
int read_state_get(struct reader *r, const char *plugin, const char *key, struct arena *a, struct value *out,
                   struct err *err);
/* Part of an attachment's content, by its hash in hex: {"bytes","total"}. -E_NOTFOUND. */
int read_attachment(struct reader *r, const char *sha256, int64_t offset, int64_t bytes, struct arena *a,
                    struct value *out, struct err *err);
/* The raw source as it was read: bodies and kept gaps put together again. -E_NOTFOUND. */
int read_source_text(struct reader *r, const struct uuid *source, struct arena *a, struct value *out, struct err *err);
/* Connect and read the schema, so that the next read does not have to. */
int read_ready(struct reader *r, struct err *err);
/* What imported these bytes from this path last; importer "" where nothing did. For skipping before any parsing. */
struct source_known {
    char importer[64], version[96];
};
int read_source_known(struct reader *r, const char *path, const uint8_t sha256[SHA256_BYTES], struct source_known *out,
                      struct err *err);
/* The same of a file whose entry had this stamp (not 0) when it was read. */
int read_source_stamped(struct reader *r, const char *path, int64_t stamp, struct source_known *out, struct err *err);
/* Every invariant of the store that can be checked without writing; array of {"check","ok","detail"}. */
int read_check(struct reader *r, struct arena *a, struct value *out, struct err *err);

#endif
