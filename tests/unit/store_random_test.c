/* Anything in any order: sequences of imports of a file that changes upstream, edits, deletions, decisions, undoings and
 * crashes. Whatever happened:
 *
 *   - what a person typed is in the history, and an import never changes what a person typed last;
 *   - importing the same bytes again writes nothing;
 *   - undoing an undoing gives what was there;
 *   - after a crash in the middle of a change the store is as it was before it;
 *   - the index is what a rebuild would make, and each byte of a source belongs to one note (read_check).
 *
 * LECTERN_SEED repeats a run, LECTERN_SEQUENCES makes it longer and prints what was done (scripts/check-sync).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "store_world.h"

enum { SEQUENCES = 150, STEPS_MOST = 24 };

/* ---- what was done ----------------------------------------------------------------------------------------------- */

enum {
    IMPORTS,
    REPEATED,
    MERGED_ITEMS,
    CONFLICTED_ITEMS,
    ORPHANED_ITEMS,
    EDITS,
    TAGGED,
    TRASHED,
    PEOPLE,
    DECIDED,
    UNDONE,
    UNDO_REFUSED,
    REDONE,
    BACK,
    CRASHED,
    KEPT,
    STILL_THERE,
    CHECKED,
    COUNTERS
};
static const char *const counter_names[COUNTERS] = {
    "imports",
    "imports repeated, nothing written",
    "items merged",
    "items in conflict",
    "items orphaned",
    "edits",
    "tags",
    "deletions and restorings",
    "people merged or split",
    "conflicts decided",
    "runs undone",
    "undoings refused",
    "undoings undone, the same as before",
    "steps undone at once, the same as before",
    "crashes in mid-change",
    "typed texts found in history",
    "typed texts untouched by an import",
    "checks of all invariants",
};

/* ---- what a person typed ----------------------------------------------------------------------------------------- */

static bool holds_text(struct sample *s, const struct typed *t, int64_t rev) {
    struct get_options o = {.body = true, .rev = rev, .deleted = true};
    struct value v = sample_get(s, t->id, o);
    const struct value *f = value_get(&v, t->field);
    return strstr(value_is(f, VALUE_STR) ? f->s : sample_json(s, f), t->text) != NULL;
}

/* Somebody decided: what of it still stands is looked up again. */
static void look_again(struct world *w) {
    for (size_t i = 0; i < w->ntyped; i++) {
        w->typed[i].now = holds_text(w->s, &w->typed[i], 0);
    }
}

static void must_be_untouched(struct world *w) {
    for (size_t i = 0; i < w->ntyped; i++) {
        if (w->typed[i].now && !holds_text(w->s, &w->typed[i], 0)) {
            fail_msg("an import took '%s' out of the %s of %s", w->typed[i].text, w->typed[i].field, w->typed[i].id);
        }
        w->counts[STILL_THERE] += w->typed[i].now;
    }
}

static void must_be_in_history(struct world *w) {
    for (size_t i = 0; i < w->ntyped; i++) {
        if (!holds_text(w->s, &w->typed[i], w->typed[i].rev)) {
            fail_msg("'%s' is not in revision %d of %s", w->typed[i].text, (int)w->typed[i].rev, w->typed[i].id);
        }
        w->counts[KEPT]++;
    }
}

static void remember(struct world *w, const char *id, const char *field, const char *text) {
    struct value v = sample_get(w->s, id, (struct get_options){.deleted = true});
    look_again(w); /* what stood there before may be gone by this */
    if (w->ntyped == TYPED) {
        return;
    }
    struct typed *t = &w->typed[w->ntyped++];
    *t = (struct typed){.field = field, .rev = value_toint(value_get(&v, "rev"), 0), .now = true};
    snprintf(t->id, sizeof t->id, "%s", id);
    snprintf(t->text, sizeof t->text, "%s", text);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static const char *random_id(struct world *w, const char *type, bool deleted) {
    struct find f = {.type = type, .limit = -1, .deleted = deleted};
    struct value page = sample_find(w->s, &f);
    const struct value *items = value_get(&page, "items");
    return items->len ? value_cstr(value_get(value_at(items, below(w, items->len)), "id"), NULL) : NULL;
}

static void import_document(struct world *w, size_t at, const struct document *d) {
    struct buf text = BUF_INIT;
    struct buf records = BUF_INIT;
    char path[16];
    snprintf(path, sizeof path, "/t/%zu", at);
    render(w, d, &text, &records);
    struct source src = {.path = path, .text = text.data, .records = records.data};
    struct value r = source_import(w->s, &src);
    char run[UUID_TEXT + 1];
    memcpy(run, w->s->run, sizeof run);
    source_reads(w->s, path, text.data);
    must_be_untouched(w);
    const struct value *items = value_get(&r, "items");
    for (uint32_t i = 0; i < items->len; i++) {
        const struct value *status = value_get(&items->items[i], "status");
        w->counts[MERGED_ITEMS] += value_eqs(status, "merged");
        w->counts[CONFLICTED_ITEMS] += value_eqs(status, "conflicted");
        w->counts[ORPHANED_ITEMS] += value_eqs(status, "orphaned");
    }
    r = source_import(w->s, &src);
    if (w->s->run[0] || strcmp(source_status(&r), "unchanged") != 0) {
        fail_msg("the same bytes were %s", source_status(&r));
    }
    w->counts[IMPORTS]++;
    w->counts[REPEATED]++;
    memcpy(w->s->run, run, sizeof run);
    buf_release(&text);
    buf_release(&records);
}

static void step_import(struct world *w) {
    size_t at = below(w, PATHS);
    if (below(w, 8) == 0) { /* upstream went back */
        struct document back = w->older[at];
        w->older[at] = w->documents[at];
        w->documents[at] = back;
    } else {
        w->older[at] = w->documents[at];
        for (size_t i = 1 + below(w, 3); i > 0; i--) {
            change_document(w, &w->documents[at]);
        }
    }
    import_document(w, at, &w->documents[at]);
}

/* A block of TEXT replaced by MINE, or MINE put between or behind. */
static const char *edited(struct world *w, const char *text, const char *mine) {
    size_t blocks = 1;
    for (const char *p = text; (p = strstr(p, "\n\n")); p += 2) {
        blocks++;
    }
    size_t at = below(w, blocks);
    const char *p = text;
    for (size_t i = 0; i < at; i++) {
        p = strstr(p, "\n\n") + 2;
    }
    const char *rest = below(w, 2) ? p : strstr(p, "\n\n");
    struct buf out = BUF_INIT;
    buf_add(&out, text, (size_t)(p - text));
    buf_addf(&out, "%s\n\n", mine);
    buf_adds(&out, rest ? rest : "");
    const char *made = arena_dup(&w->s->arena, out.data, out.len);
    buf_release(&out);
    return made;
}

static void put_field(struct world *w, const char *type, const char *id, const char *field, const char *text) {
    struct value body = value_map(&w->s->arena, 1);
    struct op op = {.kind = OP_PUT, .base_rev = -1, .body = &body};
    value_set(&w->s->arena, &body, field, value_lit(text));
    assert_int_equal(entity_of(type, &op.entity), 0);
    assert_true(uuid_parse(id, strlen(id), &op.id));
    sample_apply(w->s, &op);
    w->counts[EDITS]++;
}

static void step_edit(struct world *w) {
    const char *note = random_id(w, "note", false);
    const char *talk = random_id(w, "talk", false);
    char mine[24];
    snprintf(mine, sizeof mine, "typed%zu", ++w->words);
    size_t what = below(w, 6);
    if (note && what < 3) {
        struct value v = sample_get(w->s, note, (struct get_options){.body = true});
        put_field(w, "note", note, "body", edited(w, value_cstr(value_get(&v, "body"), ""), mine));
        remember(w, note, "body", mine);
    } else if (note && what == 3) {
        put_field(w, "note", note, "title", mine);
        remember(w, note, "title", mine);
    } else if (talk) {
        const char *field = what == 4 ? "room" : "title";
        put_field(w, "talk", talk, field, mine);
        remember(w, talk, field, mine);
    }
}

static void step_tag(struct world *w) {
    const char *type = below(w, 2) ? "note" : "talk";
    const char *id = random_id(w, type, false);
    char mine[24];
    char body[64];
    snprintf(mine, sizeof mine, "typed%zu", ++w->words);
    snprintf(body, sizeof body, "{add:['%s'], remove:['up%zu']}", mine, 1 + below(w, BLOCKS));
    if (id) {
        sample_do(w->s, OP_TAG, type, id, body);
        remember(w, id, "tags", mine);
        w->counts[TAGGED]++;
    }
}

static void step_trash(struct world *w) {
    static const char *const types[] = {"note", "note", "talk", "talk", "event", "person", "source"};
    const char *type = PICK(w, types);
    bool back = below(w, 3) == 0;
    const char *id = random_id(w, type, back);
    if (id) {
        sample_do(w->s, back ? OP_RESTORE : OP_DELETE, type, id, NULL);
        w->counts[TRASHED]++;
    }
}

/* An operation that may be refused. */
static bool try_do(struct world *w, enum op_kind kind, const char *type, const char *id, const char *text) {
    struct sample *s = w->s;
    struct store_run run = {.command = "test"};
    struct value done = value_array(&s->arena, 0);
    struct value body = sample_text(s, text);
    struct op op = {.kind = kind, .base_rev = -1, .body = &body};
    assert_int_equal(entity_of(type, &op.entity), 0);
    assert_true(uuid_parse(id, strlen(id), &op.id));
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    if (store_apply(s->store, &op, 1, &s->arena, &done, &s->err)) {
        store_rollback(s->store);
        assert_true(s->err.code == E_NOTFOUND || s->err.code == E_USAGE);
        return false;
    }
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    return true;
}

static void step_people(struct world *w) {
    const char *person = random_id(w, "person", false);
    const char *other = random_id(w, "person", false);
    if (person && other && below(w, 2)) {
        w->counts[PEOPLE] += try_do(w, OP_MERGE, "person", person, arena_printf(&w->s->arena, "{with:'%s'}", other));
    } else if (person) {
        w->counts[PEOPLE] +=
            try_do(w, OP_SPLIT, "person", person, arena_printf(&w->s->arena, "{name:'%s'}", PICK(w, names)));
    }
}

static void step_decide(struct world *w) {
    struct value open;
    sample_must(w->s, read_conflicts(w->s->reader, NULL, &w->s->arena, &open, &w->s->err), "conflicts");
    if (open.len) {
        const struct value *c = value_at(&open, below(w, open.len));
        bool theirs = below(w, 2);
        sample_do(w->s, OP_RESOLVE, value_cstr(value_get(c, "type"), ""), value_cstr(value_get(c, "id"), ""),
                  theirs ? "{take:'theirs'}" : "{take:'mine'}");
        look_again(w);
        w->counts[DECIDED]++;
    }
}

/* ---- taking back ------------------------------------------------------------------------------------------------- */

/* Everything that lives, as text, but for what counts changes. */
static const char *snapshot(struct sample *s) {
    static const char *const types[] = {"note", "talk", "event", "person", "session", "source"};
    struct buf all = BUF_INIT;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct find f = {.type = types[t], .limit = -1, .body = true};
        struct value page;
        do {
            page = sample_find(s, &f);
            const struct value *items = value_get(&page, "items");
            for (uint32_t i = 0; i < items->len; i++) {
                struct value object = value_copy(&s->arena, &items->items[i]);
                for (uint32_t k = 0; k < object.len; k++) {
                    const struct value *key = &object.pairs[k].key;
                    if (value_eqs(key, "rev") || value_eqs(key, "updated") || value_eqs(key, "imported")) {
                        object.pairs[k].val = value_nil;
                    }
                }
                buf_addf(&all, "%s\n", sample_json(s, &object));
            }
            f.after = value_cstr(value_get(&page, "after"), NULL);
        } while (f.after);
    }
    const char *text = arena_dup(&s->arena, all.len ? all.data : "", all.len);
    buf_release(&all);
    return text;
}

/* The id of the undoing run, or NULL: what was undone already, or others built on, is refused. */
static const char *try_undo(struct world *w, const char *id) {
    struct sample *s = w->s;
    struct store_run run = {.command = "undo"};
    struct value done = value_array(&s->arena, 4);
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    int rc = store_undo(s->store, id, &s->arena, &done, &s->err);
    if (rc) {
        store_rollback(s->store);
        assert_true(rc == -(int)E_BUSY || rc == -(int)E_USAGE || rc == -(int)E_NOTFOUND);
        w->counts[UNDO_REFUSED]++;
        return NULL;
    }
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    w->counts[UNDONE]++;
    return arena_strdup(&s->arena, s->run);
}

static void must_equal(const char *what, const char *wanted, const char *got) {
    size_t at = 0;
    if (strcmp(wanted, got) == 0) {
        return;
    }
    while (wanted[at] == got[at]) {
        at++;
    }
    at = at > 300 ? at - 300 : 0;
    fail_msg("%s gives\n%.700s\n--- not\n%.700s", what, got + at, wanted + at);
}

static void step_undo(struct world *w) {
    const char *id = w->nruns && below(w, 2) ? w->runs[below(w, w->nruns)] : NULL;
    bool twice = below(w, 2);
    const char *before = twice ? snapshot(w->s) : NULL;
    const char *undone = try_undo(w, id);
    if (undone && twice) {
        if (!try_undo(w, undone)) {
            fail_msg("an undoing cannot be undone: %s", w->s->err.message);
        }
        must_equal("undo of undo", before, snapshot(w->s));
        w->counts[REDONE]++;
    }
    look_again(w);
}

/* What was just done is taken back, which gives what was before it, and done again. */
static void there_and_back(struct world *w, const char *before) {
    char run[UUID_TEXT + 1];
    memcpy(run, w->s->run, sizeof run);
    const char *after = snapshot(w->s);
    const char *undone = try_undo(w, run);
    if (!undone) {
        return; /* all it made is in use */
    }
    must_equal("undo", before, snapshot(w->s));
    if (!try_undo(w, undone)) {
        fail_msg("an undoing cannot be undone: %s", w->s->err.message);
    }
    must_equal("undo of undo", after, snapshot(w->s));
    w->counts[BACK]++;
    look_again(w);
}

/* ---- crashes ----------------------------------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to) {
    char block[65536];
    ssize_t n;
    int in = open(from, O_RDONLY);
    if (in < 0) {
        return;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(out >= 0);
    while ((n = read(in, block, sizeof block)) > 0) {
        assert_int_equal(write(out, block, (size_t)n), n);
    }
    close(in);
    close(out);
}

static void open_at(struct sample *s) {
    struct store_options o = {.create = false, .migrate = true};
    sample_must(s, store_open(s->path, &o, &s->store, &s->err), "open");
    s->reader = store_reader_take(s->store);
}

/* The power is gone in the middle of a change: what is on disk then is what is opened. */
static void step_crash(struct world *w) {
    struct sample *s = w->s;
    struct store_run run = {.command = "crash"};
    struct value report;
    struct buf text = BUF_INIT;
    struct buf records = BUF_INIT;
    const char *before = snapshot(s);
    const char *wal = arena_printf(&s->arena, "%s-wal", s->path);
    const char *kept = arena_printf(&s->arena, "%s.kept", s->path);
    const char *kept_wal = arena_printf(&s->arena, "%s.kept-wal", s->path);
    struct document d = w->documents[0];
    change_document(w, &d);
    change_document(w, &d);
    render(w, &d, &text, &records);
    struct source src = {.path = "/t/0", .text = text.data, .records = records.data};
    store_bulk(s->store, below(w, 2));
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, source_ingest(s, &src, &report), "ingest");
    copy_file(s->path, kept);
    copy_file(wal, kept_wal);
    store_rollback(s->store);
    store_reader_give(s->reader);
    store_close(s->store);
    unlink(wal);
    unlink(arena_printf(&s->arena, "%s-shm", s->path));
    assert_int_equal(rename(kept, s->path), 0);
    rename(kept_wal, wal);
    open_at(s);
    assert_string_equal(snapshot(s), before);
    assert_sound(s);
    w->counts[CRASHED]++;
    w->counts[CHECKED]++;
    buf_release(&text);
    buf_release(&records);
}

/* ---- sequences --------------------------------------------------------------------------------------------------- */

static void step(struct world *w) {
    static void (*const kinds[])(struct world *) = {step_import, step_import, step_import, step_import, step_import,
                                                    step_import, step_edit,   step_edit,   step_edit,   step_edit,
                                                    step_edit,   step_tag,    step_trash,  step_people, step_decide,
                                                    step_decide, step_undo,   step_crash};
    void (*kind)(struct world *) = PICK(w, kinds);
    bool back = kind != step_undo && kind != step_crash && below(w, 4) == 0;
    const char *before = back ? snapshot(w->s) : NULL;
    w->s->run[0] = '\0';
    kind(w);
    if (back && w->s->run[0]) {
        there_and_back(w, before);
    }
    if (w->s->run[0]) {
        memcpy(w->runs[w->nruns < RUNS ? w->nruns++ : below(w, RUNS)], w->s->run, sizeof w->runs[0]);
    }
}

static void sequence(struct world *w) {
    for (size_t i = 0; i < PATHS; i++) {
        for (size_t k = 1 + below(w, 3); k > 0; k--) {
            new_section(w, &w->documents[i].sections[w->documents[i].n++]);
        }
        w->older[i] = w->documents[i];
    }
    import_document(w, 0, &w->documents[0]);
    for (size_t i = 4 + below(w, STEPS_MOST - 3); i > 0; i--) {
        step(w);
    }
    must_be_in_history(w);
    assert_sound(w->s);
    w->counts[CHECKED]++;
    arena_clear(&w->s->arena);
}

/* A store of its own for each sequence, copied from an empty one; in memory where there is such a place. */
static void run_sequence(uint64_t seed, const char *template, size_t *counts) {
    struct sample s = {.arena = ARENA_INIT};
    struct world *w = mem_alloc(sizeof *w);
    *w = (struct world){.s = &s, .seed = seed, .counts = counts};
    err_init(&s.err);
    folder_make(s.folder, true);
    snprintf(s.path, sizeof s.path, "%s/notes.db", s.folder);
    copy_file(template, s.path);
    open_at(&s);
    sequence(w);
    mem_free(w);
    sample_close(&s);
}

static void any_order_keeps_what_matters(void **state) {
    const char *first = getenv("LECTERN_SEED");
    const char *wanted = getenv("LECTERN_SEQUENCES");
    size_t counts[COUNTERS] = {0};
    size_t n = wanted ? strtoul(wanted, NULL, 10) : SEQUENCES;
    uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
    struct sample empty;
    (void)state;
    sample_open(&empty);
    char template[128];
    snprintf(template, sizeof template, "%s.empty", empty.path);
    store_reader_give(empty.reader);
    store_close(empty.store);
    copy_file(empty.path, template);
    open_at(&empty);
    for (size_t i = 0; i < n; i++) {
        if (wanted && i % 500 == 0) {
            fprintf(stderr, "\rsequence %zu of %zu (seed %llu)", i, n, (unsigned long long)(seed + i));
        }
        clock_freeze(1767225600000);
        run_sequence(seed + i, template, counts);
    }
    for (size_t i = 0; wanted && i < COUNTERS; i++) {
        fprintf(stderr, "%s%10zu %s\n", i ? "" : "\r\x1b[K", counts[i], counter_names[i]);
    }
    unlink(template);
    sample_close(&empty);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order_keeps_what_matters)};
    return cmocka_run_group_tests_name("store random", tests, NULL, NULL);
}
