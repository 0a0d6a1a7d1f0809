/* searches.c - how long searches take beside FTS5's own ranking, on the same store.
 *
 *     searches STORE [RUNS]
 *
 * Words are picked from the index: one in half of all documents, one in a hundredth, one in a single one. For each
 * query: a search as the host does it (ten best with what is shown and snippets), and FTS5's own: ORDER BY bm25 with
 * the same weights, title and snippet of ten. In turn, warm; lines of tab-separated
 *
 *     WHAT  MATCHES  OURS_US  OURS_P99_US  FIRST_US  FTS5_US  SAME
 *
 * FIRST_US: the first search of that kind, before anything is kept in memory; SAME: the ten are the same, in order.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/functions_priv.h"
#include "store/read.h"

enum { TOP = 10, MAX_RUNS = 2000, LISTS = 1000 };

static void fail(const char *what, const char *why) {
    fprintf(stderr, "searches: %s: %s\n", what, why);
    exit(70);
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x;
    double b = *(const double *)y;
    return (a > b) - (a < b);
}

struct bench {
    sqlite3 *db; /* for FTS5's own; as large a cache as the host's readers have */
    struct reader *reader;
    struct err err;
    int runs;
};

static sqlite3_stmt *prepare(struct bench *b, const char *sql) {
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(b->db, sql, -1, &st, NULL) != SQLITE_OK) {
        fail(sql, sqlite3_errmsg(b->db));
    }
    return st;
}

/* The ten best with their snippets, as FTS5 finds them; their ids, joined. */
static double by_fts(struct bench *b, const char *match, char ids[TOP * 40]) {
    static const char sql[] =
        "SELECT f.rowid, f.title, snippet(f.fts, 3, '[', ']', '...', 32), (SELECT lower(hex(coalesce((SELECT k.id FROM "
        "note_talk x JOIN entity k ON k.n = x.talk WHERE x.note = f.rowid), e.id))) FROM entity e WHERE e.n = f.rowid) "
        "FROM fts f WHERE f.fts MATCH ?1 ORDER BY bm25(f.fts, 10.0, 6.0, 4.0, 1.0), f.rowid DESC LIMIT 10";
    double start = now_us();
    sqlite3_stmt *st = prepare(b, sql);
    ids[0] = '\0';
    sqlite3_bind_text(st, 1, match, -1, SQLITE_STATIC);
    while (sqlite3_step(st) == SQLITE_ROW) {
        sqlite3_column_text(st, 1);
        sqlite3_column_text(st, 2);
        strncat(ids, (const char *)sqlite3_column_text(st, 3), 33);
    }
    sqlite3_finalize(st);
    return now_us() - start;
}

static double by_host(struct bench *b, const char *query, char ids[TOP * 40]) {
    struct arena a = ARENA_INIT;
    struct value hits;
    double start = now_us();
    if (read_search(b->reader, query, TOP, &a, &hits, &b->err)) {
        fail(query, b->err.message);
    }
    double took = now_us() - start;
    size_t at = 0;
    for (uint32_t i = 0; i < hits.len; i++) {
        for (const char *id = value_cstr(value_get(value_at(&hits, i), "id"), ""); *id; id++) {
            if (*id != '-') {
                ids[at++] = *id;
            }
        }
    }
    ids[at] = '\0';
    arena_release(&a);
    return took;
}

static void compare(struct bench *b, const char *what, const char *query, const char *match) {
    static double ours[MAX_RUNS], theirs[MAX_RUNS];
    char mine[TOP * 40], other[TOP * 40];
    sqlite3_stmt *st = prepare(b, "SELECT count(*) FROM fts WHERE fts MATCH ?1");
    sqlite3_bind_text(st, 1, match, -1, SQLITE_STATIC);
    sqlite3_step(st);
    long long matches = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    double first = by_host(b, query, mine);
    bool same = true;
    int n = 0, peers = 0;
    double end = now_us() + 4e6;
    by_host(b, query, mine);
    for (; n < b->runs && (n < 3 || now_us() < end); n++) {
        ours[n] = by_host(b, query, mine);
        if (n % 10 == 0) {
            theirs[peers++] = by_fts(b, match, other);
            same = same && strcmp(mine, other) == 0;
        }
    }
    qsort(ours, (size_t)n, sizeof *ours, by_value);
    qsort(theirs, (size_t)peers, sizeof *theirs, by_value);
    printf("%s\t%lld\t%.0f\t%.0f\t%.0f\t%.0f\t%s\n", what, matches, ours[n / 2], ours[n * 99 / 100], first,
           theirs[peers / 2], same ? "yes" : "no");
    fflush(stdout);
}

/* The word of the index that is in nearest to WANTED documents. */
static void pick(struct bench *b, long long wanted, const char *but, char word[64]) {
    sqlite3_stmt *st = prepare(b, "SELECT term FROM temp.words WHERE length(term) > 3 AND term <> ?2 AND term NOT GLOB "
                                  "'*[^a-z]*' ORDER BY abs(doc - ?1) LIMIT 1");
    sqlite3_bind_int64(st, 1, wanted);
    sqlite3_bind_text(st, 2, but, -1, SQLITE_STATIC);
    word[0] = '\0';
    if (sqlite3_step(st) == SQLITE_ROW) {
        snprintf(word, 64, "%s", sqlite3_column_text(st, 0));
    }
    sqlite3_finalize(st);
}

static void list_newest(struct bench *b) {
    static double took[MAX_RUNS];
    struct find f = {.type = "talk", .sort = "created:desc", .limit = 10};
    int runs = b->runs < LISTS ? LISTS : b->runs;
    for (int i = 0; i < runs; i++) {
        struct arena a = ARENA_INIT;
        struct value page;
        double start = now_us();
        if (read_find(b->reader, &f, &a, &page, &b->err)) {
            fail("list", b->err.message);
        }
        took[i] = now_us() - start;
        arena_release(&a);
    }
    double first = took[0];
    qsort(took, (size_t)runs, sizeof *took, by_value);
    printf("newest ten\t-\t%.0f\t%.0f\t%.0f\t-\t-\n", took[runs / 2], took[runs * 99 / 100], first);
}

int main(int argc, char **argv) {
    struct bench b = {.runs = argc > 2 ? atoi(argv[2]) : 200};
    struct store *store;
    struct store_options options = {.create = false};
    char common[64], other[64], mid[64], rare[64], query[160], match[160];
    err_init(&b.err);
    b.runs = b.runs < 1 ? 1 : b.runs > MAX_RUNS ? MAX_RUNS : b.runs;
    if (argc < 2 || store_open(argv[1], &options, &store, &b.err)) {
        fail(argc < 2 ? "usage" : argv[1], argc < 2 ? "searches STORE [RUNS]" : b.err.message);
    }
    b.reader = store_reader_take(store);
    if (sqlite3_open_v2(argv[1], &b.db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK || functions_add(b.db) != SQLITE_OK) {
        fail(argv[1], sqlite3_errmsg(b.db));
    }
    sqlite3_exec(b.db,
                 "PRAGMA cache_size = -262144; CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, fts, row)", NULL,
                 NULL, NULL);
    sqlite3_stmt *st = prepare(&b, "SELECT count(*) FROM fts_docsize");
    sqlite3_step(st);
    long long documents = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    pick(&b, documents / 2, "", common);
    pick(&b, documents / 3, common, other);
    pick(&b, documents / 100, common, mid);
    snprintf(rare, sizeof rare, "talk%07lld", documents / 3);
    compare(&b, "common", common, common);
    compare(&b, "mid", mid, mid);
    compare(&b, "rare", rare, rare);
    snprintf(query, sizeof query, "%s %s", common, mid);
    snprintf(match, sizeof match, "%s AND %s", common, mid);
    compare(&b, "common AND mid", query, match);
    snprintf(query, sizeof query, "%s %s", common, other);
    snprintf(match, sizeof match, "%s AND %s", common, other);
    compare(&b, "common AND common", query, match);
    snprintf(query, sizeof query, "%s OR %s", common, other);
    compare(&b, "common OR common", query, query);
    snprintf(query, sizeof query, "\"%s %s\"", "the", common);
    compare(&b, "phrase", query, query);
    snprintf(query, sizeof query, "%.3s*", mid);
    compare(&b, "prefix", query, query);
    list_newest(&b);
    store_reader_give(b.reader);
    store_close(store);
    sqlite3_close(b.db);
    return 0;
}
