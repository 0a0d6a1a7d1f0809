/* store_priv.h - the writing side from inside: the store, its open transaction, and the steps every change is made of.
 *
 *     apply.c, ingest.c, undo.c     decide what changes           (contract form -> image form)
 *     change.c                      makes, changes, trashes one entity: rows, journal and touched documents together
 *     image.c index.c               the rows; the search index at the end of the transaction
 *     txn.c store.c                 transaction and run; the file and its connections
 */
#ifndef LECTERN_STORE_STORE_PRIV_H
#define LECTERN_STORE_STORE_PRIV_H

#include <pthread.h>

#include "store/cache_priv.h"
#include "store/image_priv.h"
#include "store/postings_priv.h"

/* One document of the index as it was before this transaction first touched it. */
struct touched {
    int64_t n;
    bool indexed;         /* was in the index: the texts are what is to be taken out */
    bool covered;         /* a talk with a live note: it has no document */
    struct value text[4]; /* title, speakers, tags, body */
};

struct txn {
    bool open;
    bool dirty;              /* something was written, if only state */
    bool purged;             /* something was: see purge_sweep */
    struct arena arena;      /* lives until the transaction ends: caches, old documents */
    struct cache names;      /* see names.c */
    struct cache touched_at; /* n -> place in touched */
    struct touched *touched;
    size_t ntouched, touched_cap;
    int64_t first_n;          /* entities from here on were made in this transaction */
    int64_t next_n, next_seq; /* 0: not yet asked */
    int64_t run;              /* its number; 0 until something is written */
    struct uuid run_id;
    bool run_exists; /* the row is there: this goes on with an earlier run */
    int64_t undoes;  /* run that this one reverts, or 0 */
    int64_t at;      /* wall clock of this transaction */
    int64_t operations;
    int64_t source;              /* being ingested, for the journal; 0 none */
    const struct ingest *ingest; /* it, or NULL: its files may be attached */
    bool grams_known;
    int64_t grams_upto; /* documents up to this one have their pieces, see grams_priv.h */
};

struct store {
    char *path;
    struct db db; /* the writing connection */
    int64_t data_version;
    bool unsafe, bulk;
    struct txn txn;
    struct arena scratch; /* of one ingest, cleared after it */
    pthread_mutex_t lock; /* of the readers below */
    pthread_cond_t given;
    struct reader *readers[STORE_READERS];
    struct postings_cache *postings;
    int64_t fill_version; /* data_version when store_fill looked last */
};

struct entity_row {
    int64_t n;
    struct uuid id;
    enum entity type;
    int64_t rev, seq, created, updated;
    int64_t deleted; /* 0: live */
};

/* ---- txn.c ------------------------------------------------------------------------------------------------------- */
int txn_need(struct store *s, struct err *err); /* an open transaction, or an error */
int txn_next_n(struct store *s, int64_t *n, struct err *err);
int txn_next_seq(struct store *s, int64_t *seq, struct err *err);
/* The number of this run, given out when it first changes something. */
int txn_run(struct store *s, int64_t *run, struct err *err);
/* One savepoint at a time: what happened since can be taken back and the transaction goes on. */
struct txn_mark {
    size_t touched;
    int64_t operations;
    bool dirty;
};
int txn_savepoint(struct store *s, struct txn_mark *mark, struct err *err);
int txn_release(struct store *s, struct err *err);
/* The transaction cannot go on: take it back now; whoever uses it next is told. */
void txn_abandon(struct store *s);
void txn_back_to(struct store *s, const struct txn_mark *mark);

/* ---- change.c ---------------------------------------------------------------------------------------------------- */
/* 1 found, 0 not, or negative. In the trash counts as found. */
int entity_by_id(struct store *s, const struct uuid *id, struct entity_row *row, struct err *err);
int entity_by_n(struct store *s, int64_t n, struct entity_row *row, struct err *err);
/* Make it. IM holds at least what must be there; a body is text here. Fills ROW; row->n is 0 or was had from
 * txn_next_n. */
int change_make(struct store *s, enum entity type, const struct uuid *id, const struct image *im,
                struct entity_row *row, struct err *err);
/* Change the fields present in FIELDS (a body: text, or the int of an older revision). *CHANGED: bits of those that
 * differed; 0: nothing was written. ROW is brought up to date. */
int change_fields(struct store *s, struct entity_row *row, const struct image *im, enum journal_op op,
                  uint64_t *changed, struct err *err);
int change_trash(struct store *s, struct entity_row *row, bool trash,
                 struct err *err); /* nothing where it is so already */
/* A new revision that keeps all fields and stores THEIRS, what a source says, as text beside them. OPEN: for a conflict. */
int change_theirs(struct store *s, struct entity_row *row, const struct value *theirs, bool open, struct err *err);
/* The conflicts with these IDS (array of ints), all of ROW, are settled, or open again. */
int change_resolve(struct store *s, struct entity_row *row, const struct value *ids, bool settle, struct err *err);

/* A row that says only that it happened; ROW is brought up to date. */
int change_mark(struct store *s, struct entity_row *row, enum journal_op op, struct err *err);

/* ---- undo.c ------------------------------------------------------------------------------------------------------ */
/* Does something live, made or imported by others, still need it? */
int undo_needed(struct store *s, const struct entity_row *row, int64_t *yes, struct err *err);

/* ---- apply.c ----------------------------------------------------------------------------------------------------- */
/* What people know it by, or nil. */
int entity_title(struct store *s, const struct entity_row *row, struct arena *a, struct value *out, struct err *err);
/* Append {"op","type","id","title"} to DONE. */
int done_add(struct store *s, const struct entity_row *row, enum journal_op op, struct arena *a, struct value *done,
             struct err *err);

/* ---- index.c ----------------------------------------------------------------------------------------------------- */
/* Before N changes: remember its document, and those of the notes or talks whose documents change with it. */
int index_touch(struct store *s, const struct entity_row *row, struct err *err);
int index_touch_n(struct store *s, int64_t n, struct err *err); /* the document of N alone */
/* N, touched before, is a talk that just got a live note. Holds until it is touched again. */
void index_cover(struct store *s, int64_t n);
/* What is to be flushed, for those who keep lists of documents; before index_flush. */
void index_watch(struct store *s, struct postings_watch *w);
int index_flush(struct store *s, struct err *err); /* bring the index up to date, forget what was touched */
extern const char index_select_doc[];              /* title, speakers, tags and body of document ?1 */
void index_forget(struct store *s, size_t mark);   /* touched entries from MARK on */

#endif
