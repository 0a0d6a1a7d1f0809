/* store_soundness.h - set up and tear down for tests of writing: each ends with a store in which every check holds. */
#ifndef LECTERN_TESTS_STORE_SOUNDNESS_H
#define LECTERN_TESTS_STORE_SOUNDNESS_H

#include "store_sample.h"

static inline void assert_sound(struct sample *s) {
    struct value checks;
    sample_must(s, read_check(s->reader, &s->arena, &checks, &s->err), "check");
    assert_true(checks.len > 0);
    for (size_t i = 0; i < checks.len; i++) {
        const struct value *c = value_at(&checks, i);
        if (!value_tobool(value_get(c, "ok"), false)) {
            fail_msg("check failed: %s", sample_json(s, c));
        }
    }
}

static inline int sound_set_up(void **state) {
    struct sample *s = mem_alloc(sizeof *s);
    sample_open(s);
    *state = s;
    return 0;
}

static inline int sound_tear_down(void **state) {
    struct sample *s = *state;
    assert_sound(s);
    sample_close(s);
    mem_free(s);
    return 0;
}

static inline struct value sample_text(struct sample *s, const char *text) {
    return values_read(&s->arena, &text);
}

/* One field of an object, live or not: text as it is, else as JSON. */
static inline const char *sample_field(struct sample *s, const char *id, const char *name) {
    struct value v = sample_get(s, id, (struct get_options){.body = true, .deleted = true});
    struct value f = *value_get(&v, name);
    return value_is(&f, VALUE_STR) ? f.s : sample_json(s, &f);
}

static inline bool sample_live(struct sample *s, const char *id) {
    struct value v = sample_get(s, id, (struct get_options){0});
    return !value_is(&v, VALUE_NIL);
}

/* Titles of what a search finds, joined by "|". */
static inline const char *sample_found(struct sample *s, const char *query) {
    struct value hits = sample_search(s, query);
    return sample_list(s, &hits, "title");
}

/* Id of the one thing of TYPE there is. */
static inline const char *sample_only(struct sample *s, const char *type) {
    struct find f = {.type = type, .limit = -1};
    struct value page = sample_find(s, &f);
    const struct value *items = value_get(&page, "items");
    assert_int_equal(items->len, 1);
    return value_cstr(value_get(value_at(items, 0), "id"), "");
}

/* Undo RUN (NULL: the newest) as a run of its own; its id in the arena. What was told is in *DONE where that is not NULL. */
static inline const char *sample_undo(struct sample *s, const char *run_id, struct value *done) {
    struct store_run run = {
        .command = "undo", .started_ms = clock_now_ms(), .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
    struct value told = value_array(&s->arena, 4);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_undo(s->store, run_id, &s->arena, &told, &s->err), "undo");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    if (done) {
        *done = told;
    }
    return arena_strdup(&s->arena, s->run);
}

static inline void sample_undo_refused(struct sample *s, const char *run_id, enum err_code code, const char *part) {
    struct store_run run = {.command = "undo"};
    struct value told = value_array(&s->arena, 4);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_undo(s->store, run_id, &s->arena, &told, &s->err);
    store_rollback(s->store);
    if (rc != -(int)code || !strstr(s->err.message, part)) {
        fail_msg("undo: got %d '%s', wanted %s '%s'", rc, s->err.message, err_name(code), part);
    }
}

static inline const char *sample_last_run(struct sample *s) {
    return arena_strdup(&s->arena, s->run);
}

#define SOUND(f) cmocka_unit_test_setup_teardown(f, sound_set_up, sound_tear_down)

#endif
