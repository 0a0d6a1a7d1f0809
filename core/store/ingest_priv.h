/* ingest_priv.h - one imported source on its way into the store.
 *
 *     ingest_check.c    records are what they may be; spans, lines and bodies of each       (no store)
 *     ingest_refs.c     so are the names and maps in them                                     (no store)
 *     ingest_source.c   the source itself: known, moved, changed; its origins and gaps
 *     ingest_match.c    which record is which entity, ingest_rename.c: when keys do not say
 *     ingest_merge.c    what a record means for an entity that is there: three ways, field by field
 *     ingest_prune.c    what does not come from it any more since a person corrected what does
 *     ingest_base.c     what the source said of it before
 *     ingest_body.c     its text, block by block
 *     ingest_fill.c     and for one that another source told us about
 *     ingest.c          the order of all this
 *     ingest_report.c   what became of it, in words
 */
#ifndef LECTERN_STORE_INGEST_PRIV_H
#define LECTERN_STORE_INGEST_PRIV_H

#include "store/store_priv.h"

enum outcome { MADE, UPDATED, MERGED, UNCHANGED, CONFLICTED, SKIPPED };

/* A row of origin; n -1 in positions that are not known. */
struct origin {
    int64_t n;
    int64_t state, rev;
    int64_t byte_start, byte_end, line_start, line_end, body_start, body_end;
    int64_t print;
    const char *key;     /* or NULL */
    enum entity type;    /* of n */
    bool taken;          /* a record was matched to it */
    bool pruned;         /* it went to the trash */
    struct origin *next; /* in a pool */
    bool renewed;        /* and wrote it anew */
};

struct record {
    size_t number;    /* counted from 1, for messages */
    enum entity type; /* note, talk, event */
    const struct value *raw;
    struct image form;                             /* fields in contract form, checked */
    uint64_t clear;                                /* bits of fields that are empty by what it says */
    const char *key, *guid, *note, *part_of, *why; /* or NULL */
    double confidence;
    bool has_span;
    size_t start, end; /* bytes */
    int64_t line_start, line_end;
    bool has_body; /* body_start..body_end of the text is the body, byte for byte */
    size_t body_start, body_end;
    uint64_t print; /* of what it says, wherever it stands */

    int64_t event;         /* n of its event, 0 none */
    struct entity_row row; /* n 0: to be made */
    struct origin *origin; /* as this source was imported before, or NULL */
    struct uuid id;        /* for a new one */
    int64_t base_rev;      /* revision with the text that the source has; 0 none */
    struct origin *guess;  /* what its id in the source names, where the titles do not agree; or NULL */
    struct record *twin;   /* an earlier record of the same talk, or NULL */
    enum outcome outcome;

    /* For the report: bits of fields. */
    uint64_t took, kept, joined, clashed;
    size_t blocks_taken, blocks_clashed;
    const char *matched; /* how it was known again where its key or identity did not say, or NULL */
};

struct ingestion {
    struct store *s;
    const struct ingest *in;
    struct arena *a;   /* scratch: gone when the report is made */
    struct arena *out; /* the caller's */
    struct record *records;
    size_t count;
    size_t *lines; /* byte where each line starts */
    size_t nlines;
    struct value warnings; /* in OUT */

    struct entity_row source; /* n 0: new, not yet made */
    bool known;               /* a row for this source is there */
    bool same_bytes;          /* and has these very bytes, read by the same version */
    bool only_more;           /* they too, but an event was given, or files were looked for, that it may lack */
    bool moved;               /* it was at another path */
    bool revived;             /* it was in the trash; what went there with it comes back */
    int64_t trashed_seq_run;  /* run that trashed it */
    struct origin *origins;
    size_t norigins;
    struct cache seen; /* see ingest_match.c */
    bool risky;        /* something only the store can judge: it may still be refused */
};

/* ---- ingest_check.c ---------------------------------------------------------------------------------------------- */
int ingest_check(struct ingestion *g, struct err *err);
/* The references of R, for ingest_check. */
int ingest_check_refs(struct ingestion *g, const struct record *r, struct err *err);
/* Line (from 1) that byte AT is on. */
int64_t ingest_line(const struct ingestion *g, size_t at);
/* Make ERR an -E_DATA that says which record it was. */
int ingest_refuse(const struct record *r, struct err *err);
void ingest_warn(struct ingestion *g, int64_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- ingest_report.c --------------------------------------------------------------------------------------------- */
/* The contract's source map, in g->out. */
int ingest_report(struct ingestion *g, struct value *report, struct err *err);

/* ---- ingest_source.c --------------------------------------------------------------------------------------------- */
int source_find(struct ingestion *g, struct err *err);
int source_load_origins(struct ingestion *g, struct err *err);
int source_save(struct ingestion *g, struct err *err); /* the row, its origins and gaps */

/* ---- ingest_match.c, ingest_rename.c ----------------------------------------------------------------------------- */
void match_print(struct record *r); /* sets r->print */
/* Give every note its entity, or an id for a new one. */
int match_notes(struct ingestion *g, struct err *err);
/* The same for talks, whose events are known: by identity first, then what was renamed upstream. */
int match_talks(struct ingestion *g, struct err *err);
/* R is what came as O before; O is taken. */
int match_to(struct ingestion *g, struct record *r, struct origin *o, struct err *err);
/* Notes and talks that no key and no identity matched, by what else they have in common with what nobody took. */
/* Origins by some bytes they have in common: put in all, take each out once, in order. An origin is in one pool at a
 * time. */
struct pool {
    struct cache heads;
};
void pool_add(struct ingestion *g, struct pool *p, const void *key, size_t len, struct origin *o);
struct origin *pool_take(struct ingestion *g, struct pool *p, const void *key,
                         size_t len); /* NULL: none left untaken */
/* Is what R's id names called like R, about? */
int rename_confirm(struct ingestion *g, const struct record *r, const struct origin *o, bool *yes, struct err *err);
/* Talks with a guess: who is called like them, else who was guessed. */
int rename_unconfirmed(struct ingestion *g, struct err *err);
int rename_notes(struct ingestion *g, struct err *err);
int rename_talks(struct ingestion *g, struct err *err);

/* ---- ingest_prune.c ---------------------------------------------------------------------------------------------- */
/* The source was corrected by hand: what no record renewed goes to the trash, unless others had a hand in it too. */
int prune_origins(struct ingestion *g, struct err *err);
/* ---- ingest_base.c ----------------------------------------------------------------------------------------------- */
struct base {
    struct image im;  /* fields that differ from what is here now, as this source said them last */
    uint64_t by_hand; /* those that people changed since, not other sources */
    uint64_t known;   /* fields whose last word was found */
};
/* BASE is zeroed. WANTED: bits of the fields that are asked for. */
int base_load(struct ingestion *g, const struct record *r, uint64_t wanted, struct base *base, struct err *err);

/* ---- ingest_body.c ----------------------------------------------------------------------------------------------- */
struct body_verdict {
    bool take;        /* RESULT is to be the body */
    bool keep;        /* THEIRS is to be kept as a revision of its own: mine and theirs are merged */
    bool kept;        /* mine is another than theirs, and they said nothing new */
    bool open, fresh; /* they clash; and did not before */
    struct value result, theirs;
    int64_t clash_base;    /* revision that the clash is counted from */
    size_t taken, clashes; /* blocks */
};
/* MINE_REV: the body that is here. CLASH_BASE: where an open conflict with this source began, 0 where there is none.
 * Sets r->base_rev where theirs is here already. */
int body_judge(struct ingestion *g, struct record *r, int64_t mine_rev, int64_t clash_base, const struct value *said,
               struct body_verdict *v, struct err *err);
/* r->has_body holds only where revision r->base_rev is that part of the source. */
int body_check(struct ingestion *g, struct record *r, struct err *err);

/* ---- ingest_merge.c, ingest_fill.c ------------------------------------------------------------------------------- */
/* IM: the record in image form. Makes or changes its entity; sets r->row, r->outcome and r->base_rev. */
int merge_record(struct ingestion *g, struct record *r, struct image *im, struct err *err);
/* For an entity that others told us about: what of IM it lacks, into TAKE; what contradicts it is a warning. */
void fill_image(struct ingestion *g, const struct record *r, const struct image *mine, const struct image *im,
                struct image *take);
/* Say that MINE and the source differ in F. */
void fill_contradiction(struct ingestion *g, const struct record *r, enum field_id f, const struct value *mine,
                        const struct value *theirs);
/* Sorted arrays of ints as sets, any may be nil: mine, and what they added, without what they took away. */
struct value fill_sets(struct arena *a, const struct value *mine, const struct value *theirs, const struct value *base);

#endif
