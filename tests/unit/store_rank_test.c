/* Ranking: the same documents in the same order, to the last bit, by FTS5's own bm25, by a scan, by lists in memory, and
 * by lists that were mended after changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "store_sample.h"
#include "store/db_priv.h"
#include "store/postings_priv.h"
#include "store/read_priv.h"
#include "store/store_priv.h"

enum { MOST = 64 };

struct answer {
    struct rank_top top;
    struct ranked best[MOST];
};

static void reset(struct answer *a, int limit) {
    *a = (struct answer){.top = {.wanted = (size_t)limit}};
    a->top.best = a->best;
}

/* As FTS5 ranks. */
static void naive(struct sample *s, const char *match, const double *weights, struct answer *a) {
    struct buf sql = BUF_INIT;
    buf_addf(&sql,
             "SELECT rowid, -bm25(fts, %.17g, %.17g, %.17g, %.17g) AS score FROM fts WHERE fts MATCH ?1 "
             "ORDER BY score DESC, rowid DESC LIMIT ?2",
             weights[0], weights[1], weights[2], weights[3]);
    sqlite3_stmt *st = db_prepare(&s->reader->db, sql.data, &s->err);
    assert_non_null(st);
    bind_str(st, 1, match);
    bind_int(st, 2, (int64_t)a->top.wanted);
    while (db_step(&s->reader->db, st, &s->err) == 1) {
        a->best[a->top.count++] = (struct ranked){sqlite3_column_double(st, 1), col_int(st, 0)};
    }
    db_finish(st);
    buf_release(&sql);
}

static bool is_same(const struct answer *a, const struct answer *b) {
    bool same = a->top.count == b->top.count;
    for (size_t i = 0; same && i < a->top.count; i++) {
        same = a->best[i].n == b->best[i].n && a->best[i].score == b->best[i].score;
    }
    return same;
}

static void assert_same(const struct answer *a, const struct answer *b, const char *query, const char *how) {
    if (a->top.count != b->top.count) {
        fail_msg("%s (%s): %zu documents for %zu", query, how, a->top.count, b->top.count);
    }
    for (size_t i = 0; i < a->top.count; i++) {
        if (a->best[i].n != b->best[i].n || a->best[i].score != b->best[i].score) {
            fail_msg("%s (%s): %zu is %lld with %.17g, not %lld with %.17g", query, how, i, (long long)a->best[i].n,
                     a->best[i].score, (long long)b->best[i].n, b->best[i].score);
        }
    }
}

/* 1 where lists gave the answer. */
static int compare(struct sample *s, const char *text, int limit, const double *weights) {
    struct answer by_fts, by_scan, by_lists;
    struct query_sql qs;
    struct db *db = &s->reader->db;
    reset(&by_fts, limit);
    reset(&by_scan, limit);
    reset(&by_lists, limit);
    sample_must(s, reading_begin(s->reader, &s->err), "begin");
    sample_must(s, query_compile(db, query_parse(&s->arena, text, strlen(text)), QUERY_DOCS, &s->arena, &qs, &s->err),
                text);
    assert_non_null(qs.match);
    naive(s, qs.match, weights, &by_fts);
    sample_must(s, rank_scan(db, &qs, weights, &by_scan.top, &s->err), text);
    int rc = postings_rank(s->store->postings, db, &qs, weights, &by_lists.top, &s->err);
    reading_end(s->reader);
    assert_true(rc >= 0);
    assert_same(&by_scan, &by_fts, text, "scan");
    if (rc == 1) {
        assert_same(&by_lists, &by_fts, text, "lists");
    }
    query_release(&qs);
    return rc;
}

/* Documents of all lengths, made of twenty words, the first ones most often. */
static void random_note(struct buf *b) {
    buf_clear(b);
    static const char *const languages[] = {"null", "'en'", "'de'"};
    buf_addf(b, "{title:'w%ld w%ld', tags:['w%ld'], lang:%s, body:'", random() % 20, random() % 20, random() % 20,
             languages[random() % 3]);
    for (long k = random() % 120; k > 0; k--) { /* the stem of w3s is w3, in English */
        buf_addf(b, "w%ld%s ", (random() % 20) * (random() % 20) / 20, random() % 6 ? "" : "s");
    }
    buf_adds(b, "'}");
}

static void fill(struct sample *s, int count, const char **ids) {
    struct store_run run = {.command = "test", .started_ms = clock_now_ms()};
    struct value done = value_array(&s->arena, 0);
    struct buf b = BUF_INIT;
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    for (int i = 0; i < count; i++) {
        random_note(&b);
        const char *at = b.data;
        struct value body = values_read(&s->arena, &at);
        struct op op = {.kind = OP_PUT, .entity = ENTITY_NOTE, .id = uuid4(), .base_rev = -1, .body = &body};
        sample_must(s, store_apply(s->store, &op, 1, &s->arena, &done, &s->err), "apply");
        char *id = arena_alloc(&s->arena, UUID_TEXT + 1);
        uuid_text(&op.id, id);
        ids[i] = id;
    }
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
    buf_release(&b);
}

static const char *const queries[] = {
    "w0",
    "w3",
    "w19",
    "w0 OR w1",
    "w0 w1",
    "\"w0 w1\"",
    "w1*",
    "w2 w2",
    "nothing",
    "w0 nothing",
    "w0 OR w99",
    "w1 w2 w3 w4",
    "w5 OR w6 OR w7 OR w8",
    "(w0 OR w7) w2",
    "w5 OR w6 w1",
    "\"w1 w2\" w3",
    "w1* OR w19",
    "w0 w19 w18",
    "w2s",
    "w1s OR w2",
    "\"w0s w1\"",
    "w1s w3s*",
};
enum { QUERIES = sizeof queries / sizeof *queries };

static void all_ways_agree(void **state) {
    struct sample *s = *state;
    static const char *ids[400];
    static const int limits[] = {1, 3, 10, 60};
    static const double odd[] = {3.3, 0.7, 1.1, 0.1};
    int lists = 0;
    srandom(5);
    fill(s, 400, ids);
    for (size_t q = 0; q < QUERIES; q++) {
        for (size_t l = 0; l < 4; l++) {
            compare(s, queries[q], limits[l], rank_weights);
            lists += compare(s, queries[q], limits[l], odd);
        }
    }
    assert_true(lists >= 50); /* all but the first time, but for the three of mixed operators */
}

/* Lists follow changes of all kinds: mended, or made again. */
static void lists_follow_changes(void **state) {
    struct sample *s = *state;
    static const char *ids[300];
    struct buf b = BUF_INIT;
    int lists = 0;
    srandom(9);
    fill(s, 300, ids);
    for (int round = 0; round < 60; round++) {
        for (long k = random() % 4; k > 0; k--) {
            const char *id = ids[random() % 300];
            random_note(&b);
            sample_do(s, OP_RESTORE, "note", id, NULL);
            switch (random() % 4) {
            case 0:
                sample_do(s, OP_DELETE, "note", id, NULL);
                break;
            case 1:
                sample_do(s, OP_TAG, "note", id, "{add:['w3'], remove:['w1']}");
                break;
            case 2:
                sample_put(s, "note", b.data);
                break;
            default:
                sample_change(s, "note", id, b.data);
            }
        }
        if (round % 20 == 19) {
            static const char *more[100];
            fill(s, 100, more);
        }
        for (size_t q = 0; q < QUERIES; q++) {
            lists += compare(s, queries[q], 10, rank_weights);
        }
    }
    assert_true(lists > 60 * 12);
    buf_release(&b);
}

/* Another program writes to the same file: nothing tells us, and still no list is stale. */
static void lists_notice_other_writers(void **state) {
    struct sample *s = *state;
    static const char *ids[100];
    struct sample other = *s;
    struct store_options options = {.create = false, .migrate = false};
    fill(s, 100, ids);
    compare(s, "w0", 10, rank_weights);
    assert_int_equal(compare(s, "w0", 10, rank_weights), 1);
    sample_must(s, store_open(s->store->path, &options, &other.store, &s->err), "open");
    sample_put(&other, "note", "{title:'w0 w0 w0', body:'w0'}");
    assert_int_equal(compare(s, "w0", 10, rank_weights), 1);
    sample_put(s, "note", "{title:'w0 w0', body:'w0'}");
    sample_put(&other, "note", "{title:'w0 w0 w0 w0', body:'w0'}");
    sample_put(s, "note", "{title:'w0', body:'w0'}");
    assert_int_equal(compare(s, "w0", 10, rank_weights), 1);
    s->arena = other.arena;
    store_close(other.store);
}

struct asker {
    struct sample own; /* the same store; a reader, an arena and an error of its own */
    int wrong, lists;
    atomic_bool *done;
};

/* Lists against a naive ranking in one read transaction, again and again. No assertions: this is no test's thread. */
static void *ask(void *context) {
    struct asker *k = context;
    struct sample *s = &k->own;
    for (unsigned i = 0; !atomic_load(k->done) || i < QUERIES; i++) {
        const char *text = queries[i % QUERIES];
        struct answer by_fts, by_lists;
        struct query_sql qs;
        struct arena a = ARENA_INIT;
        reset(&by_fts, 10);
        reset(&by_lists, 10);
        int rc = reading_begin(s->reader, &s->err);
        rc = rc ? rc : query_compile(&s->reader->db, query_parse(&a, text, strlen(text)), QUERY_DOCS, &a, &qs, &s->err);
        if (rc) {
            k->wrong++;
            return NULL;
        }
        rc = postings_rank(s->store->postings, &s->reader->db, &qs, rank_weights, &by_lists.top, &s->err);
        naive(s, qs.match, rank_weights, &by_fts);
        reading_end(s->reader);
        k->lists += rc == 1;
        k->wrong += rc < 0 || (rc == 1 && !is_same(&by_lists, &by_fts));
        query_release(&qs);
        arena_release(&a);
    }
    return NULL;
}

/* Readers in threads of their own, while notes are written: each sees the lists of its own moment. */
static void readers_and_a_writer(void **state) {
    struct sample *s = *state;
    enum { ASKERS = 3 };
    static const char *ids[200];
    struct asker askers[ASKERS];
    pthread_t threads[ASKERS];
    atomic_bool done = false;
    struct buf b = BUF_INIT;
    srandom(3);
    fill(s, 200, ids);
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = (struct asker){.own = *s, .done = &done};
        askers[i].own.arena = (struct arena)ARENA_INIT;
        err_init(&askers[i].own.err);
        askers[i].own.reader = store_reader_take(s->store);
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < 150; i++) {
        random_note(&b);
        sample_change(s, "note", ids[random() % 200], b.data);
        if (i % 50 == 49) {
            store_relax(s->store);
        }
    }
    atomic_store(&done, true);
    for (int i = 0; i < ASKERS; i++) {
        pthread_join(threads[i], NULL);
        store_reader_give(askers[i].own.reader);
        assert_int_equal(askers[i].wrong, 0);
        assert_true(askers[i].lists > 0);
        err_release(&askers[i].own.err);
        arena_release(&askers[i].own.arena);
    }
    buf_release(&b);
}

/* Whatever is asked for, the memory stays within its bound, and can be had back. */
static void memory_is_bounded(void **state) {
    struct sample *s = *state;
    static const char *ids[400];
    char text[32];
    fill(s, 400, ids);
    for (int i = 0; i < 400; i++) {
        snprintf(text, sizeof text, "w%d OR w%d", i % 20, i / 20);
        compare(s, text, 10, rank_weights);
        snprintf(text, sizeof text, "\"w%d w%d\"", i % 20, i / 20);
        compare(s, text, 10, rank_weights);
    }
    assert_true(postings_bytes(s->store->postings) > 0);
    assert_true(postings_bytes(s->store->postings) < 8 * 1024 * 1024);
    store_relax(s->store);
    assert_int_equal(postings_bytes(s->store->postings), 0);
}

static int open_sample(void **state) {
    static struct sample s;
    sample_open(&s);
    *state = &s;
    return 0;
}

static int close_sample(void **state) {
    sample_close(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sample, close_sample)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(all_ways_agree),       TEST(lists_follow_changes), TEST(lists_notice_other_writers),
        TEST(readers_and_a_writer), TEST(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
