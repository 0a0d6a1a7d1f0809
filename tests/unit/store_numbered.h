/* store_numbered.h - sample files by number, for tests that import many and look later what is there: file I is "/t/I"
 * with a note "note I" and a talk.
 */
#ifndef LECTERN_TESTS_STORE_NUMBERED_H
#define LECTERN_TESTS_STORE_NUMBERED_H

#include "base/arena.h"
#include "base/digest.h"
#include "host_values.h"
#include "store/store.h"

enum { NUMBERED_LINES = 40 };

/* The text of file I: the last line tells the VERSION. Long enough that a transaction is many pages. */
static inline void numbered_text(int i, int version, struct buf *out) {
    buf_clear(out);
    for (int k = 1; k < NUMBERED_LINES; k++) {
        buf_addf(out, "line %d of note %d, word%d other%d\n", k, i, i * 31 + k, i % 97);
    }
    buf_addf(out, "version %d\n", version);
}

static inline struct value numbered_records(int i, struct arena *a) {
    const char *text = arena_printf(
        a,
        "[{type:'note', key:'n', title:'note %d', span:[1,%d]}, {type:'talk', title:'talk %d', event:'Conf %d', "
        "speakers:['Person %d'], note:'n', tags:['t%d']}]",
        i, NUMBERED_LINES, i, 2000 + i % 20, i % 50, i % 7);
    return values_read(a, &text);
}

/* Imports it in a run of its own; where that fails, the store is as it was before. */
static inline int numbered_import(struct store *s, int i, int version, struct arena *a, struct err *err) {
    struct store_run run = {.command = "import", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct buf text = BUF_INIT;
    struct value records = numbered_records(i, a);
    struct value report;
    char id[UUID_TEXT + 1];
    numbered_text(i, version, &text);
    struct ingest in = {.path = arena_printf(a, "/t/%d", i),
                        .importer = "plain",
                        .importer_version = "1",
                        .encoding = "utf-8",
                        .text = text.data,
                        .text_len = text.len,
                        .raw_bytes = (int64_t)text.len,
                        .records = &records};
    sha256(text.data, text.len, in.sha256);
    int rc = store_begin(s, &run, err);
    rc = rc ? rc : store_ingest(s, &in, a, &report, err);
    rc = rc ? rc : store_commit(s, &run, id, err);
    if (rc) {
        store_rollback(s);
    }
    buf_release(&text);
    return rc;
}

#endif
