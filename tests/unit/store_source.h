/* store_source.h - for tests of importing: a source as text, its records as text, and what became of them. */
#ifndef LECTERN_TESTS_STORE_SOURCE_H
#define LECTERN_TESTS_STORE_SOURCE_H

#include "store_soundness.h"

struct source {
    const char *path;
    const char *text;
    const char *records; /* as host_values.h reads them */
    const char *event;   /* the same, or NULL */
    const char *version; /* "1" */
    bool copy, corrected;
};

static inline int source_ingest(struct sample *s, const struct source *src, struct value *report) {
    struct value records = sample_text(s, src->records ? src->records : "[]");
    struct value event = src->event ? sample_text(s, src->event) : value_nil;
    struct ingest in = {.path = src->path,
                        .importer = "plain",
                        .importer_version = src->version ? src->version : "1",
                        .raw_bytes = (int64_t)strlen(src->text),
                        .encoding = "utf-8",
                        .text = src->text,
                        .text_len = strlen(src->text),
                        .records = &records,
                        .event = &event,
                        .copy = src->copy,
                        .corrected = src->corrected};
    sha256(src->text, in.text_len, in.sha256);
    return store_ingest(s->store, &in, &s->arena, report, &s->err);
}

/* Import SRC in a run of its own; s->run is "" where nothing was written. */
static inline struct value source_import(struct sample *s, const struct source *src) {
    struct store_run run = {
        .command = "import", .started_ms = clock_now_ms(), .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct value report;
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, source_ingest(s, src, &report), "ingest");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    return report;
}

/* "type status title" of each item, joined by "|". */
static inline const char *source_items(struct sample *s, const struct value *report) {
    struct buf b = BUF_INIT;
    const struct value *items = value_get(report, "items");
    for (size_t i = 0; i < items->len; i++) {
        const struct value *item = value_at(items, i);
        buf_addf(&b, "%s%s %s %s", i ? "|" : "", value_cstr(value_get(item, "type"), "?"),
                 value_cstr(value_get(item, "status"), "?"), value_cstr(value_get(item, "title"), "?"));
    }
    const char *text = arena_dup(&s->arena, b.data, b.len);
    buf_release(&b);
    return text;
}

static inline const char *source_status(const struct value *report) {
    return value_cstr(value_get(report, "status"), "?");
}

static inline const char *source_warnings(struct sample *s, const struct value *report) {
    return sample_list(s, value_get(report, "warnings"), "message");
}

static inline const char *source_item_id(const struct value *report, size_t i) {
    return value_cstr(value_get(value_at(value_get(report, "items"), i), "id"), "");
}

/* What the store has of the file at PATH (one of them, where there are copies) reads TEXT, byte for byte. */
static inline void source_reads(struct sample *s, const char *path, const char *text) {
    struct find f = {.type = "source", .limit = -1};
    struct value page = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    struct value got = value_nil;
    for (size_t i = 0; i < items->len; i++) {
        const struct value *id_text = value_get(value_at(items, i), "id");
        struct uuid id;
        if (value_eqs(value_get(value_at(items, i), "path"), path)) {
            assert_true(uuid_parse(id_text->s, id_text->len, &id));
            sample_must(s, read_source_text(s->reader, &id, &s->arena, &got, &s->err), "source text");
            if (got.len == strlen(text) && value_eqs(&got, text)) {
                return;
            }
        }
    }
    fail_msg("the source at '%s' reads '%s', not '%s'", path, value_cstr(&got, "(nothing)"), text);
}

#endif
