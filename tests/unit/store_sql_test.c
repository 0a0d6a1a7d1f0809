/* SQL of strangers: what the views give, and that nothing else can be had, changed or kept busy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_sample.h"

static void fill(struct sample *s) {
    char text[200];
    struct value v = value_lit("private");
    const char *talk =
        sample_put(s, "talk", "{title:'Raft', event:'SOSP 2017', speakers:['Ann'], tags:['x'], start:'2017-10-01'}");
    snprintf(text, sizeof text, "{title:'N', body:'four words are here', talks:['%s']}", talk);
    sample_put(s, "note", text);
    const char *gone = sample_put(s, "note", "{title:'Gone', body:'thrown away'}");
    sample_do(s, OP_DELETE, "note", gone, NULL);
    struct store_run run = {.command = "state", .started_ms = clock_now_ms()};
    sample_must(s, store_begin(s->store, &run, &s->err), "begin");
    sample_must(s, store_state_set(s->store, "other", "key", &v, &s->err), "state");
    sample_must(s, store_commit(s->store, &run, s->run, &s->err), "commit");
}

static const char *ask(struct sample *s, const char *sql) {
    struct value rows;
    sample_must(s, read_sql(s->reader, sql, &value_nil, 5000, &s->arena, &rows, &s->err), sql);
    return sample_json(s, &rows);
}

static void views_answer(void **state) {
    struct sample *s = *state;
    fill(s);
    static const struct {
        const char *sql, *rows;
    } cases[] = {
        {"SELECT title, words FROM note", "[{\"title\":\"N\",\"words\":4}]"},
        {"SELECT title, event, year, speakers, tags, words FROM talk",
         "[{\"title\":\"Raft\",\"event\":\"sosp-2017\",\"year\":2017,\"speakers\":\"Ann\",\"tags\":\"x\",\"words\":4}"
         "]"},
        {"SELECT slug, name, year FROM event", "[{\"slug\":\"sosp-2017\",\"name\":\"SOSP\",\"year\":2017}]"},
        {"SELECT p.name, t.title FROM appearance a JOIN person p ON p.n = a.person JOIN talk t ON t.n = a.talk",
         "[{\"name\":\"Ann\",\"title\":\"Raft\"}]"},
        {"SELECT name, talk IS NOT NULL AS t FROM tag", "[{\"name\":\"x\",\"t\":1}]"},
        {"SELECT command, status FROM run ORDER BY n LIMIT 1", "[{\"command\":\"test\",\"status\":\"done\"}]"},
        {"SELECT count(*) AS n FROM source", "[{\"n\":0}]"},
        {"SELECT count(*) AS n FROM session", "[{\"n\":0}]"},
        {"SELECT length(id) AS l, substr(id, 9, 1) AS d FROM note", "[{\"l\":36,\"d\":\"-\"}]"},
        {"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5) SELECT sum(i) AS s FROM c",
         "[{\"s\":15}]"},
        {"WITH w AS (SELECT words FROM note) SELECT count(*) AS n FROM w", "[{\"n\":1}]"},
        {"VALUES (1), (2)", "[{\"column1\":1},{\"column1\":2}]"},
        {"SELECT 1 AS a, 2 AS a, 3 AS a; -- once", "[{\"a\":1,\"a:2\":2,\"a:3\":3}]"},
        {"SELECT instr('a\xc3\xa9"
         "b', 'b') AS i, replace('aXbX', 'X', '--') AS r, trim('xxaxx', 'x') AS t, ltrim('ab', 'a') AS l, rtrim('ab', "
         "'b') AS e, "
         "replace('a', '', 'b') AS n, instr(NULL, 'a') AS z, trim(' a ') AS s",
         "[{\"i\":3,\"r\":\"a--b--\",\"t\":\"a\",\"l\":\"b\",\"e\":\"a\",\"n\":\"a\",\"z\":null,\"s\":\"a\"}]"},
        {"SELECT value FROM json_each('[1,2]')", "[{\"value\":1},{\"value\":2}]"},
        {"SELECT n.title FROM note n, (SELECT 1 AS x) AS talk WHERE n.kind = 'note' AND (n.words > 1)",
         "[{\"title\":\"N\"}]"},
        {"SELECT title FROM note WHERE title IN ('note', 'N')", "[{\"title\":\"N\"}]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(ask(s, cases[i].sql), cases[i].rows);
    }
}

static void nothing_else_is_reached(void **state) {
    struct sample *s = *state;
    fill(s);
    static const char *const refused[] = {
        "SELECT * FROM state",
        "SELECT value FROM main.state",
        "SELECT count(*) FROM state",
        "SELECT count(*) FROM journal",
        "SELECT * FROM t_note",
        "SELECT n FROM t_note",
        "SELECT count(*) FROM (SELECT 1 FROM meta)",
        "SELECT deleted FROM entity",
        "SELECT count(path) FROM t_source",
        "SELECT body FROM note_rev",
        "SELECT * FROM fts",
        "SELECT * FROM fts_content",
        "SELECT * FROM fts_data",
        "SELECT count(*) FROM fts_data",
        "SELECT * FROM doc",
        "SELECT * FROM journal",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM sqlite_master",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('state')",
        "SELECT * FROM pragma_database_list",
        "PRAGMA table_info(state)",
        "PRAGMA query_only = 0",
        "ATTACH '/tmp/x' AS x",
        "DELETE FROM note",
        "INSERT INTO state VALUES('a','b','c')",
        "UPDATE t_note SET title = 'x'",
        "CREATE TABLE x(a)",
        "CREATE TEMP VIEW note AS SELECT * FROM state",
        "DROP VIEW note",
        "VACUUM",
        "BEGIN",
        "COMMIT",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT 1",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('x')",
        "SELECT fts5(NULL)",
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(1000000000)",
        "SELECT sqlite_version()",
        "SELECT title FROM note WHERE note MATCH 'x'",
        "SELECT snippet(fts, 0, '', '', '', 1) FROM fts",
        /* a common table expression may not stand in for a view */
        "WITH note AS (SELECT * FROM state) SELECT value FROM note",
        "WITH \"note\" AS (SELECT * FROM state) SELECT value FROM note",
        "WITH [Note] AS (SELECT * FROM state) SELECT value FROM note",
        "WITH `note`(a,b,c) AS (SELECT * FROM state) SELECT c FROM note",
        "WITH 'note' AS (SELECT * FROM state) SELECT * FROM note",
        "WITH x AS (SELECT 1), /* c */ talk /* d */ AS -- e\n (SELECT * FROM state) SELECT * FROM talk",
        "WITH note AS MATERIALIZED (SELECT * FROM state) SELECT * FROM note",
        "WITH note AS NOT MATERIALIZED (SELECT * FROM state) SELECT * FROM note",
        "SELECT * FROM (WITH run AS (SELECT * FROM state) SELECT * FROM run)",
        "WITH RECURSIVE tag(a) AS (SELECT value FROM state) SELECT a FROM tag",
        "SELECT (SELECT value FROM state)",
        "SELECT * FROM note WHERE EXISTS (SELECT 1 FROM state)",
        "SELECT * FROM note, state",
        "SELECT * FROM note UNION SELECT * FROM state",
        "SELECT note.title FROM state AS note",
        "SELECT value FROM (SELECT value FROM state) AS note",
        "SELECT 1; SELECT 2",
        "",
        "   -- nothing",
        "SELECT",
        "SELECT * FROM nowhere",
        "SELECT * FROM note WHERE title = ?",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct value rows;
        int rc = read_sql(s->reader, refused[i], &value_nil, 1000, &s->arena, &rows, &s->err);
        if (rc != -E_USAGE) {
            fail_msg("%s gives %d %s", refused[i], rc, sample_json(s, &rows));
        }
    }
    assert_int_equal(
        read_sql(s->reader, "SELECT * FROM nowhere", &value_nil, 1000, &s->arena, &(struct value){0}, &s->err),
        -E_USAGE);
    assert_string_equal(s->err.message, "no such table: nowhere");
    assert_non_null(strstr(s->err.hint, "note, talk, event"));
    assert_string_equal(sample_titles(s, "talk", "raft"), "Raft"); /* the connection is itself again */
    struct value state_value;
    sample_must(s, read_state_get(s->reader, "other", "key", &s->arena, &state_value, &s->err), "state");
    assert_true(value_eqs(&state_value, "private"));
}

static void arguments_are_bound(void **state) {
    struct sample *s = *state;
    struct value rows;
    struct value args = value_array(&s->arena, 0);
    value_push(&s->arena, &args, value_int(7));
    value_push(&s->arena, &args, value_lit("it's"));
    value_push(&s->arena, &args, value_float(0.5));
    value_push(&s->arena, &args, value_nil);
    value_push(&s->arena, &args, value_bool(true));
    sample_must(
        s, read_sql(s->reader, "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", &args, 1000, &s->arena, &rows, &s->err),
        "args");
    assert_string_equal(sample_json(s, &rows), "[{\"a\":7,\"b\":\"it's\",\"c\":0.5,\"d\":null,\"e\":1}]");
    assert_int_equal(read_sql(s->reader, "SELECT ?", &args, 1000, &s->arena, &rows, &s->err), -E_USAGE);
    struct value wrong = value_array(&s->arena, 0);
    value_push(&s->arena, &wrong, value_array(&s->arena, 0));
    assert_int_equal(read_sql(s->reader, "SELECT ?", &wrong, 1000, &s->arena, &rows, &s->err), -E_USAGE);
}

static void time_and_size_are_bounded(void **state) {
    struct sample *s = *state;
    struct value rows;
    static const char endless[] =
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c";
    uint64_t start = clock_mono_us();
    assert_int_equal(read_sql(s->reader, endless, &value_nil, 50, &s->arena, &rows, &s->err), -E_TIMEOUT);
    assert_in_range(clock_mono_us() - start, 40000, 1500000);
    static const char many[] = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c";
    assert_int_equal(read_sql(s->reader, many, &value_nil, 20000, &s->arena, &rows, &s->err), -E_USAGE);
    assert_non_null(strstr(s->err.message, "too large"));
    static const char large[] =
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT printf('%.*c', 1000000, 'x') FROM c";
    assert_int_equal(read_sql(s->reader, large, &value_nil, 20000, &s->arena, &rows, &s->err), -E_USAGE);
    /* Functions that SQLite runs in quadratic time */
    static const char *const slow[] = {
        "SELECT instr(printf('%.*c', 8000000, 'a'), printf('%.*c', 4000000, 'a') || 'b')",
        "SELECT length(replace(printf('%.*c', 8000000, 'a'), printf('%.*c', 4000000, 'a') || 'b', 'c'))",
    };
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        start = clock_mono_us();
        sample_must(s, read_sql(s->reader, slow[i], &value_nil, 5000, &s->arena, &rows, &s->err), slow[i]);
        assert_in_range(clock_mono_us() - start, 0, 5000000);
    }
    assert_int_equal(read_sql(s->reader, "SELECT trim('a', printf('%.*c', 4000000, 'b'))", &value_nil, 5000, &s->arena,
                              &rows, &s->err),
                     -E_USAGE);
    assert_int_equal(read_sql(s->reader, "SELECT replace(printf('%.*c', 9000000, 'a'), 'a', 'bb')", &value_nil, 5000,
                              &s->arena, &rows, &s->err),
                     -E_USAGE);
    reader_interrupt(s->reader);
    assert_int_equal(read_sql(s->reader, endless, &value_nil, 5000, &s->arena, &rows, &s->err), -E_CANCELLED);
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
        TEST(views_answer),
        TEST(nothing_else_is_reached),
        TEST(arguments_are_bound),
        TEST(time_and_size_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
