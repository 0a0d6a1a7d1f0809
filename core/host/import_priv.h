/* import_priv.h - the import pipeline: import.c steers, import_read.c reads files, import_commit.c writes groups, import_held.c holds back
 * what is to be corrected first, import_attach.c reads the files that notes link to. */
#ifndef LECTERN_HOST_IMPORT_PRIV_H
#define LECTERN_HOST_IMPORT_PRIV_H

#include "host/import.h"
#include "host/store_work.h"
#include "host/walk.h"

enum {
    IMPORT_BATCH = 32,        /* files read by one task */
    IMPORT_BATCH_KNOWN = 512, /* the same, where all of the last ones were known */
    IMPORT_LOOK = 1024,       /* names looked at for it: the loop has other things to do */
    IMPORT_IN_FLIGHT = 64,    /* sources between read and grouped */
    IMPORT_IN_FLIGHT_BYTES = 16 * 1024 * 1024,
    IMPORT_GROUP_BYTES = 4 * 1024 * 1024,
    IMPORT_GROUP_LEAST = 250, /* records that are worth a transaction, where the writer has nothing to do */
    IMPORT_GROUP_MOST = 2000, /* records that wait while it has */
    IMPORT_GROUP_MS = 100,
    IMPORT_LISTED = 10000,     /* sources in a report: of more, only those with something to tell */
    IMPORT_LISTED_TEXT = 1000, /* the same, for a person to read */
    IMPORT_FILE_BYTES = 50 * 1024 * 1024,
    IMPORT_INLINE_BYTES = 1024 * 1024,
    IMPORT_RECORDS_BYTES = 64 * 1024 * 1024, /* what one source may emit */
    IMPORT_CANDIDATES = 8,
    ATTACH_FILE_BYTES = 16 * 1024 * 1024,
    ATTACH_SOURCE_BYTES = 64 * 1024 * 1024, /* all files of one source */
    ATTACH_FILES = 1000,
    ATTACH_NAME_BYTES = 1024,
    ATTACH_WARNINGS = 20, /* of one source */
};

struct import_source {
    struct import *import;
    const struct walk_file *file;
    struct arena arena;
    struct buf raw, decoded;
    const char *text; /* into raw or decoded */
    size_t len, bom, lines;
    uint8_t sha256[SHA256_BYTES];
    int64_t stamp; /* of the entry in the folder before the bytes were read; 0: no evidence */
    const char *encoding;
    struct contribution *candidates[IMPORT_CANDIDATES]; /* importers that might read it */
    size_t ncandidates, asked;
    bool fits; /* the one candidate matches by name, or was named: no need to ask it */
    struct contribution *importer;
    const struct value *wish;    /* what the caller said of this source, or nil */
    struct contribution *wished; /* the importer named there, or NULL */
    const char *moved;           /* where the file with its corrections was, or NULL */
    bool hold, given;            /* its records go back to the caller; came from there */
    bool corrected;              /* the same bytes by the same importer: only what was corrected by hand differs */
    double best;
    bool detecting; /* an importer says whether it knows this; it may not emit yet */
    bool known;     /* these bytes were imported already, by the importer that they would go to */
    struct source_known last;
    struct value records, warnings, what;
    struct call *call;
    struct err err;
    struct value report; /* of the store */
    struct import_source *next;
};

struct import {
    struct host *host;
    struct request *rq;
    struct job *job;
    struct contribution *with; /* --with, or NULL */
    struct value event, stdin_bytes;
    bool explain, copy, attach, hold, may_pin;
    const struct value *wishes; /* path -> {sha256?, recipe?, importer?, hold?, records?}, or nil; in the request */
    const struct value *moved;  /* hash -> where it was corrected, or nil */
    size_t held_bytes;
    struct walk walk;
    size_t at;   /* next file to read */
    size_t done; /* reported */
    size_t in_flight;
    size_t in_flight_bytes;
    size_t landing;               /* of those in flight: known, and about to be reported */
    size_t batch;                 /* files that the next task reads */
    bool reading;                 /* or walking */
    struct import_source *unread; /* in flight, but the last batch was full of bytes before their turn */
    struct import_source *group, **group_last;
    size_t group_bytes, group_records;
    bool writing;
    struct timer *timer;
    bool timer_due;
    struct arena arena;
    struct value *reports; /* one for each file, in their order; nil: not yet, or left out */
    size_t listed, listed_most;
    int64_t totals[7];
    char run_id[UUID_TEXT + 1];
    bool cancelled;
    struct err fatal; /* ends the whole import */
};

void import_advance(struct import *im);
void import_read_more(struct import *im);                            /* import_read.c */
void import_was_read(struct import *im, struct import_source *list); /* back on the loop */
void import_group_add(struct import *im, struct import_source *s);   /* import_commit.c */
void import_flush(struct import *im);
void import_end_bulk(struct import *im); /* the store gives back the memory that many writes took */
bool import_group_full(const struct import *im);
void import_report_one(struct import *im, struct import_source *s);
void import_source_free(struct import_source *s);

/* What makes the same bytes new: the version that the plugin states, its hash where it states none. */
const char *import_version(const struct contribution *importer);

/* ---- import_attach.c: in the task that writes ---- */
struct import_files {
    struct ingest_file *list;
    const char **names; /* in the source's arena */
    size_t n;
};
/* Read what the records of S name as {file = NAME}: they get hash, size and type, and the content is in OUT. What cannot be read is a warning. */
void import_attach(struct import_source *s, struct import_files *out);
void import_files_release(struct import_files *f);

/* ---- import_held.c ---- */
int import_check_wishes(struct import *im, struct err *err);
/* May a file that nobody named be read? By a plugin that may, where it has the very bytes that the plugin knows the hash of. */
bool import_pinned(const struct request *rq, const char *path);
void import_take_wish(struct import_source *s);
int import_check_pin(struct import_source *s);
void import_look_for_moved(struct import_source *s);
const char *import_source_version(struct import_source *s, const struct contribution *importer); /* with its recipe */
bool import_only_recipe_differs(const struct import_source *s, const struct contribution *importer);
void import_use_given(struct import_source *s);
bool import_is_held(const struct import_source *s);
/* {text, sha256, version, encoding, records, moved?} for the report; nil where the report is full, or s->err says that it never fits. */
struct value import_held(struct import_source *s);

#endif
