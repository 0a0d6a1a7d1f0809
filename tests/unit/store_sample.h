/* store_sample.h - a small store for tests of reading: open, put things in as text, ask, close.
 *
 * sample_open makes a store in a folder of its own; sample_put takes an object written as host_values.h reads it and
 * gives its id. Everything fails the test with the store's own message.
 */
#ifndef LECTERN_TESTS_STORE_SAMPLE_H
#define LECTERN_TESTS_STORE_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "host_values.h"
#include "store_folder.h"
#include "store/read.h"

struct sample {
    char folder[64];
    char path[96];
    struct store *store;
    struct reader *reader;
    struct arena arena;
    struct err err;
    char run[UUID_TEXT + 1];
};

static inline void sample_must(struct sample *s, int rc, const char *what) {
    if (rc) {
        fail_msg("%s: %s %s (%s)", what, err_name(s->err.code), s->err.message, s->err.hint);
    }
}

static inline void sample_open(struct sample *s) {
    *s = (struct sample){.arena = ARENA_INIT};
    err_init(&s->err);
    folder_make(s->folder, false);
    snprintf(s->path, sizeof s->path, "%s/notes.db", s->folder);
    struct store_options o = {.create = true, .migrate = true, .unsafe = true};
    clock_freeze(1767225600000); /* 2026-01-01T00:00:00Z */
    sample_must(s, store_open(s->path, &o, &s->store, &s->err), "open");
    s->reader = store_reader_take(s->store);
}

static inline void sample_close(struct sample *s) {
    char path[128];
    store_reader_give(s->reader);
    store_close(s->store);
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", s->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(s->folder), 0);
    arena_release(&s->arena);
    err_release(&s->err);
    clock_freeze(-1);
}

static inline void sample_apply(struct sample *s, const struct op *op) {
    struct store_run run = {.command = "test",
                            .plugin = "sample",
                            .started_ms = clock_now_ms(),
                            .plugin_cpu_us = -1,
                            .store_us = -1,
                            .waiting_us = -1};
    struct value done = value_array(&s->arena, 0);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_apply(s->store, op, 1, &s->arena, &done, &s->err), "apply");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
}

/* Make, or change where ID is given, an object; its id in the sample's arena. */
static inline const char *sample_change(struct sample *s, const char *type, const char *id, const char *text) {
    enum entity entity;
    const char *at = text;
    struct value body = values_read(&s->arena, &at);
    struct op op = {.kind = OP_PUT, .base_rev = -1, .body = &body};
    assert_int_equal(entity_of(type, &entity), 0);
    op.entity = entity;
    op.id = uuid4();
    if (id) {
        assert_true(uuid_parse(id, strlen(id), &op.id));
    }
    sample_apply(s, &op);
    char *made = arena_alloc(&s->arena, UUID_TEXT + 1);
    uuid_text(&op.id, made);
    return made;
}

static inline const char *sample_put(struct sample *s, const char *type, const char *text) {
    return sample_change(s, type, NULL, text);
}

/* OP_DELETE, OP_RESTORE, or OP_TAG with a body as text. */
static inline void sample_do(struct sample *s, enum op_kind kind, const char *type, const char *id, const char *text) {
    enum entity entity;
    struct value body = value_nil;
    if (text) {
        const char *at = text;
        body = values_read(&s->arena, &at);
    }
    struct op op = {.kind = kind, .base_rev = -1, .body = &body};
    assert_int_equal(entity_of(type, &entity), 0);
    op.entity = entity;
    assert_true(uuid_parse(id, strlen(id), &op.id));
    sample_apply(s, &op);
}

static inline struct value sample_get(struct sample *s, const char *id, struct get_options o) {
    struct uuid u;
    struct value v;
    assert_true(uuid_parse(id, strlen(id), &u));
    sample_must(s, read_get(s->reader, &u, &o, &s->arena, &v, &s->err), "get");
    return v;
}

static inline struct value sample_find(struct sample *s, const struct find *f) {
    struct value v;
    sample_must(s, read_find(s->reader, f, &s->arena, &v, &s->err), f->query ? f->query : "find");
    return v;
}

/* FIELD of each item, joined by "|". */
static inline const char *sample_list(struct sample *s, const struct value *items, const char *field) {
    struct buf b = BUF_INIT;
    for (uint32_t i = 0; i < items->len; i++) {
        buf_addf(&b, "%s%s", i ? "|" : "", value_cstr(value_get(value_at(items, i), field), "-"));
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

/* Titles (names, for what has none) that TYPE and QUERY find, joined by "|". */
static inline const char *sample_titles(struct sample *s, const char *type, const char *query) {
    struct find f = {.type = type, .query = query, .limit = -1};
    struct value page = sample_find(s, &f);
    bool titled = !type || strcmp(type, "talk") == 0 || strcmp(type, "note") == 0;
    const char *field = titled                        ? "title"
                        : strcmp(type, "event") == 0  ? "slug"
                        : strcmp(type, "source") == 0 ? "path"
                                                      : "name";
    return sample_list(s, value_get(&page, "items"), field);
}

static inline struct value sample_search(struct sample *s, const char *query) {
    struct value hits;
    sample_must(s, read_search(s->reader, query, 10, &s->arena, &hits, &s->err), query);
    return hits;
}

static inline const char *sample_json(struct sample *s, const struct value *v) {
    struct buf b = BUF_INIT;
    json_write(&b, v);
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

#endif
