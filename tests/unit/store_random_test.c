/* Anything in any order: random imports, edits, deletions and undoings; the store stays sound and sources read as imported.
 *
 * LECTERN_SEED repeats a run; LECTERN_STEPS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_source.h"

enum { STEPS = 400, PATHS = 4, RUNS = 64 };

struct world {
    struct sample *s;
    uint64_t seed;
    char runs[RUNS][UUID_TEXT + 1];
    size_t nruns;
};

static uint64_t next(struct world *w) {
    uint64_t z = (w->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(struct world *w, size_t n) {
    return (size_t)(next(w) % n);
}

static const char *const titles[] = {"Raft", "Paxos", "Welcome", "Fast paths", "Fast path", "Zig", "Q&A", "Lunch", "C++", "\xc3\x9c" "ber"};
static const char *const names[] = {"Ann", "Bo", "Cy", "D. E. Foe", "ann"};
static const char *const events[] = {"SOSP 2017", "SOSP\\'17", "OSDI 2018", "sosp-2017", "Unconference"};
static const char *const tags[] = {"a", "b", "#c", "A"};
static const char *const lines[] = {"one line of text", "another line here", "- a list of things", "x", "", "> quoted words of somebody"};
#define PICK(w, list) list[below(w, sizeof(list) / sizeof *(list))]

/* ---- a random source ------------------------------------------------------------------------------------------------ */

static void random_body(struct world *w, struct buf *text, size_t *line) {
    for (size_t i = 1 + below(w, 4); i > 0; i--) {
        buf_addf(text, "%s\n", PICK(w, lines));
        ++*line;
    }
}

static void random_talk(struct world *w, struct buf *records, const char *title, size_t part, size_t first, size_t last) {
    buf_addf(records, ", {type:'talk', title:'%s', note:'part%zu', span:[%zu,%zu]", title, part, first, last);
    if (below(w, 4)) {
        buf_addf(records, ", event:'%s'", PICK(w, events));
    }
    if (below(w, 4)) {
        buf_addf(records, ", speakers:['%s', {name:'%s', role:'author'}]", PICK(w, names), PICK(w, names));
    }
    if (below(w, 2)) {
        buf_addf(records, ", room:'%zu', start:'2017-0%zu', tags:['%s']", below(w, 3), 1 + below(w, 9), PICK(w, tags));
    }
    if (below(w, 5) == 0) {
        buf_addf(records, ", session:'S%zu', guid:'g%zu', abstract:'%s'", below(w, 2), below(w, 5), PICK(w, lines));
    }
    buf_adds(records, "}");
}

static void random_import(struct world *w) {
    struct buf text = BUF_INIT;
    struct buf records = BUF_INIT;
    char path[32];
    size_t line = 1;
    buf_addf(&text, "# File %zu\n", below(w, 3));
    buf_adds(&records, "[{type:'note', key:'file', title:'File', span:[1,1]}");
    for (size_t part = below(w, 5); part > 0; part--) {
        const char *title = PICK(w, titles);
        size_t first = line + 1;
        random_body(w, &text, &line);
        if (below(w, 6) == 0) { /* between the notes */
            random_body(w, &text, &line);
            first = line;
        }
        buf_addf(&records, ", {type:'note', key:'part%zu', title:'%s', span:[%zu,%zu], part_of:'file'%s}", part, title, first, line,
                 below(w, 3) ? "" : ", tags:['b','z']");
        if (below(w, 4)) {
            random_talk(w, &records, title, part, first, line);
        }
    }
    buf_adds(&records, "]");
    snprintf(path, sizeof path, below(w, 12) ? "/t/%zu" : "-", below(w, PATHS));
    struct source src = {.path = path, .text = text.data, .records = records.data, .copy = below(w, 20) == 0,
                         .event = below(w, 5) ? NULL : "'Given 2001'"};
    source_import(w->s, &src);
    if (!src.copy && strcmp(path, "-") != 0) {
        source_reads(w->s, path, text.data);
    }
    buf_release(&text);
    buf_release(&records);
}

/* ---- random changes -------------------------------------------------------------------------------------------------- */

static const char *random_id(struct world *w, const char *type, bool deleted) {
    struct find f = {.type = type, .limit = -1, .deleted = deleted};
    struct value page = sample_find(w->s, &f);
    const struct value *items = value_get(&page, "items");
    return items->len ? value_cstr(value_get(value_at(items, below(w, items->len)), "id"), NULL) : NULL;
}

static void random_edit(struct world *w) {
    char text[256];
    const char *note = random_id(w, "note", false);
    const char *talk = random_id(w, "talk", false);
    if (note && below(w, 2)) {
        snprintf(text, sizeof text, "{body:'%s %zu'}", PICK(w, lines), below(w, 100));
        sample_change(w->s, "note", note, text);
    } else if (note && talk && below(w, 3) == 0) {
        snprintf(text, sizeof text, "{title:'%s', talks:['%s'], tags:['%s']}", PICK(w, titles), talk, PICK(w, tags));
        sample_change(w->s, "note", note, text);
    } else if (talk) {
        snprintf(text, sizeof text, "{title:'%s', speakers:['%s'], event:'%s', room:null, awards:['%s']}", PICK(w, titles), PICK(w, names),
                 PICK(w, events), PICK(w, titles));
        sample_change(w->s, "talk", talk, text);
    }
}

static void random_trash(struct world *w) {
    static const char *const types[] = {"note", "talk", "event", "person", "session", "source"};
    const char *type = PICK(w, types);
    bool back = below(w, 3) == 0;
    const char *id = random_id(w, type, back);
    if (id) {
        sample_do(w->s, back ? OP_RESTORE : OP_DELETE, type, id, NULL);
    }
}

static void random_rename(struct world *w) {
    char text[128];
    const char *person = random_id(w, "person", false);
    const char *event = random_id(w, "event", false);
    if (person && below(w, 2)) {
        snprintf(text, sizeof text, "{name:'%s', aliases:['%s']}", PICK(w, names), PICK(w, names));
        sample_change(w->s, "person", person, text);
    } else if (event) {
        snprintf(text, sizeof text, "{full_name:'%s', year:%zu}", PICK(w, titles), 2000 + below(w, 20));
        sample_change(w->s, "event", event, text);
    }
}

/* May be refused: what was undone already, or others built on. */
static void random_undo(struct world *w) {
    struct sample *s = w->s;
    struct store_run run = {.command = "undo"};
    struct value done = value_array(&s->arena, 4);
    const char *id = w->nruns && below(w, 2) ? w->runs[below(w, w->nruns)] : NULL;
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_undo(s->store, id, &s->arena, &done, &s->err);
    if (rc) {
        store_rollback(s->store);
        assert_true(rc == -(int)E_BUSY || rc == -(int)E_USAGE || rc == -(int)E_NOTFOUND);
    } else {
        sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    }
}

static void step(struct world *w) {
    static void (*const kinds[])(struct world *) = {random_import, random_import, random_import, random_edit,
                                                    random_edit,   random_trash,  random_rename, random_undo};
    w->s->run[0] = '\0';
    PICK(w, kinds)(w);
    if (w->s->run[0]) {
        strcpy(w->runs[w->nruns < RUNS ? w->nruns++ : below(w, RUNS)], w->s->run);
    }
}

static void any_order_keeps_the_store_sound(void **state) {
    const char *seed = getenv("LECTERN_SEED");
    const char *steps = getenv("LECTERN_STEPS");
    struct world w = {.s = *state, .seed = seed ? strtoull(seed, NULL, 10) : 20260101};
    for (int i = 0, n = steps ? atoi(steps) : STEPS; i < n; i++) {
        step(&w);
        if (i % 20 == 19) {
            assert_sound(w.s);
        }
        arena_clear(&w.s->arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {SOUND(any_order_keeps_the_store_sound)};
    return cmocka_run_group_tests_name("store random", tests, NULL, NULL);
}
