/* store.h - the one door to the notes: open it, change them by operations, take them back.
 *
 * A `struct store` is one SQLite file (WAL, synchronous=FULL) with one writing connection and a few reading ones. Calls
 * block and are made off the event loop: at most one thread at a time on the writing side (everything that takes a
 * `struct store *`), any number of readers up to STORE_READERS on the reading side (everything in read.h).
 *
 * Every function that takes a `struct err *` needs one that was initialised. Nothing else writes. A change is a list of
 * finished operations inside a run:
 *
 *     store_begin(s, &run, err);                 BEGIN IMMEDIATE, waits up to 5 s for another host, then -E_BUSY
 *     store_apply(s, ops, n, &a, &done, err);    rows, search index and journal together; journal rows can undo them
 *     store_ingest(s, &src, &a, &report, err);   or: one imported source, whole or not at all
 *     store_commit(s, &run_id, err);             acknowledged after this returned 0, and only then
 *
 * Objects go in and come out as values with the field names of the contract (CONTRACT.md: talk, note, event, person,
 * session, tag, source). Text is partitioned: each byte of a decoded source belongs to exactly one note; a body is
 * stored once, in the note's revision; row, index and journal refer to (note, rev). Deleting is soft.
 */
#ifndef LECTERN_STORE_STORE_H
#define LECTERN_STORE_STORE_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/value.h"

struct store;

enum { STORE_READERS = 4 };

struct store_options {
    bool create;  /* make file and parent folders (0700) where absent; else a missing file is -E_INPUT */
    bool migrate; /* may run migrations (the holder of the lock); else an older file is -E_BUSY with the way out */
    bool
        unsafe; /* tests only: journal in memory, no syncs, slow commits: to show that the crash tests can see damage */
};
/* A newer schema is refused untouched (-E_CONFIG, names both numbers); a file that is no lectern store, or a damaged
 * one, is -E_STORE and never written. */
int store_open(const char *path, const struct store_options *options, struct store **out, struct err *err);
void store_close(struct store *s);
int store_schema(void); /* newest schema number this program knows */
/* True when another process changed the file since the last call (PRAGMA data_version): drop caches. */
bool store_changed_elsewhere(struct store *s);
/* Before and after many writes (an import): more memory and rarer checkpoints, then the memory given back. */
void store_bulk(struct store *s, bool on);

/* One small step (60 ms at most) of what makes searches inside of words and in scripts without spaces fast. For hosts that
 * have nothing else to do. *MORE: there are steps left. Not *ALONE: another process wrote since the last call, so nothing was
 * done. */
int store_fill(struct store *s, bool *more, bool *alone, struct err *err);

/* Nobody asked for a while: gives back memory that only makes searches faster. From any thread, at any time. */
void store_relax(struct store *s);

/* ---- runs ------------------------------------------------------------------------------------------------------ */
struct store_run {
    const char *command;                         /* "import" */
    const char *plugin;                          /* whose command; may be NULL */
    const char *plugin_hash;                     /* hex, may be NULL */
    const struct value *args;                    /* map, may be NULL */
    int64_t started_ms;                          /* wall clock */
    int64_t plugin_cpu_us, store_us, waiting_us; /* known at commit; -1 unknown */
};
int store_begin(struct store *s, const struct store_run *run, struct err *err);
/* Commit. When operations were applied, RUN_ID (UUID_TEXT+1 bytes) gets the id of the recorded run, else "" and nothing
 * is written at all. JOB-LEVEL times may have been updated in *run before. */
int store_commit(struct store *s, const struct store_run *run, char run_id[UUID_TEXT + 1], struct err *err);
void store_rollback(struct store *s);
/* Continue the run RUN_ID in a further transaction (a long import commits in groups under one run). */
int store_begin_more(struct store *s, const char *run_id, struct err *err);
/* Record runs that only read, in one transaction. RUNS: array of the contract's run maps. */
int store_record_runs(struct store *s, const struct value *runs, struct err *err);

/* ---- operations ------------------------------------------------------------------------------------------------ */
enum entity { ENTITY_NOTE, ENTITY_TALK, ENTITY_EVENT, ENTITY_SESSION, ENTITY_PERSON, ENTITY_SOURCE, ENTITY_COUNT };
const char *entity_name(enum entity e);            /* "note" ... */
int entity_of(const char *name, enum entity *out); /* 0 or -1 */

enum op_kind {
    OP_PUT,     /* create (no row with this id yet) or update the fields present in body; VALUE_NIL clears a field */
    OP_DELETE,  /* to the trash */
    OP_RESTORE, /* out of the trash */
    OP_TAG,     /* body {"add":[..],"remove":[..]} */
    OP_RESOLVE, /* its conflicts are settled; body {"take":"mine"|"theirs"} */
    OP_MERGE,   /* a person: body {"with": id} of another, who becomes a spelling of this one and goes to the trash */
    OP_SPLIT,   /* a person: body {"name": an alias, "in": [ids of talks, notes]}: the alias becomes a person, who gets
                   what the journal says was theirs before a merge, and what is named */
    OP_PURGE,   /* what is in the trash: its text, fields and history are gone for good; it stays known as deleted */
};
struct op {
    enum op_kind kind;
    enum entity entity;
    struct uuid id;           /* chosen by the caller, also for new ones */
    int64_t base_rev;         /* revision it is based on; -1: none given; else a mismatch is -E_BUSY, ERR names both */
    const struct value *body; /* map: contract fields. Besides ids, `event` may be a slug, "NAME YEAR" or {"name",
                                  "year",...}, `speakers` names or maps, `author` and `session` names: found or
                                  made (evidence: equal text_key) */
};
/* Apply inside store_begin. DONE (array) gets {"op","type","id","title"} for each that changed something. All or
 * nothing: after an error only store_rollback is allowed. */
int store_apply(struct store *s, const struct op *ops, size_t n, struct arena *a, struct value *done, struct err *err);
/* Revert run RUN (id or unique prefix; NULL or "": the newest run that wrote, was not undone and is no undoing itself):
 * appends the inverse operations to the current run. Refused (-E_BUSY) naming the later run when something it touched
 * has changed since; runs that were undone, and what undid them, do not count. What a run made and others need by now
 * (a person, an event) stays. To redo, undo the run that undid. */
int store_undo(struct store *s, const char *run, struct arena *a, struct value *done, struct err *err);

/* ---- one imported source --------------------------------------------------------------------------------------- */
struct ingest_file { /* content that records name by its hash: attachments = {{name, sha256, bytes, mime}} */
    uint8_t sha256[SHA256_BYTES];
    const void *data;
    size_t len;
};
struct ingest {
    const char *path;     /* display path, absolute or "-" ; identity of the source */
    const char *importer; /* "markdown" */
    const char *importer_version;
    uint8_t sha256[SHA256_BYTES]; /* of the raw bytes */
    int64_t raw_bytes;
    int64_t stamp;        /* of the file's entry, see read_source_stamped; 0: none */
    const char *encoding; /* "utf-8", ... */
    size_t bom;           /* raw bytes dropped before the text */
    const char *text;     /* decoded UTF-8 */
    size_t text_len;
    const struct value *records; /* array of maps, in order of emission (see ARCHITECTURE, "What an importer emits") */
    const struct value *event;   /* event to use where a record states none, or nil (--event) */
    bool copy;                   /* import as new although known */
    bool attach; /* linked files were looked for: FILES are those that were read; the same bytes are looked at again */
    const struct ingest_file *files;
    size_t nfiles;
    bool
        corrected; /* the same bytes as before, but a person has corrected what comes from them: what does not any more goes to
                              * the trash, unless others changed it or told of it too */
};
/* Resolve identities, make and apply operations for one source: whole or absent. REPORT gets the contract's source map:
 * {"path","importer","status","made","updated","unchanged","conflicted","skipped","warnings","error","items"}, and how
 * many of the updated were "merged" and what is "orphaned". Bad
 * records are -E_DATA: nothing of it is kept, the transaction stays usable. After any other error the transaction
 * may be taken back as a whole; whoever uses it next is told so. The same bytes from the same path by the same importer
 * version write nothing and report "unchanged", without items. */
int store_ingest(struct store *s, const struct ingest *in, struct arena *a, struct value *report, struct err *err);

/* ---- small state of plugins ------------------------------------------------------------------------------------ */
/* Nil deletes; at most 16 MiB a plugin. In the open transaction, or in one of its own; neither journaled nor undone. */
int store_state_set(struct store *s, const char *plugin, const char *key, const struct value *v, struct err *err);

#endif
