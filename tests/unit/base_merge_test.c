/* Differences and three-way merges: known answers, then random texts against what must always hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/merge.h"

static struct text t(const char *s) {
    return (struct text){s, strlen(s)};
}

static void merges(const char *base, const char *mine, const char *theirs, const char *want, size_t clashes) {
    struct arena a = ARENA_INIT;
    struct merged m;
    merge_texts(t(base), t(mine), t(theirs), MERGE_MINE, &a, &m);
    assert_string_equal(m.text.len ? m.text.data : "", want);
    assert_int_equal(m.clashes, clashes);
    buf_release(&m.text);
    arena_release(&a);
}

#define BASE "# T\n\nalpha one\nalpha two\nalpha three\nalpha four\n\nbeta\n\ngamma\n"

static void different_blocks_are_both_taken(void **state) {
    (void)state;
    merges(BASE, "# T\n\nALPHA\n\nbeta\n\ngamma\n",
           "# T\n\nalpha one\nalpha two\nalpha three\nalpha four\n\nbeta\n\nGAMMA\n", "# T\n\nALPHA\n\nbeta\n\nGAMMA\n",
           0);
    merges("a\n\nb\n", "a\n\nb\n\nmine\n", "theirs\n\na\n\nb\n", "theirs\n\na\n\nb\n\nmine\n", 0);
    merges("a\n", "a\n\nmine\n", "A\n", "A\n\nmine\n", 0);
    merges("a", "a\n\nmine\n", "A", "A\n\nmine\n", 0);
    merges("a\n", "A\n", "new\n\na\n", "new\n\nA\n", 0);
}

static void a_block_changed_in_different_lines_is_merged_by_line(void **state) {
    (void)state;
    merges(BASE, "# T\n\nALPHA one\nalpha two\nalpha three\nalpha four\n\nbeta\n\ngamma\n",
           "# T\n\nalpha one\nalpha two\nalpha three\nALPHA four\n\nbeta\n\ngamma\n",
           "# T\n\nALPHA one\nalpha two\nalpha three\nALPHA four\n\nbeta\n\ngamma\n", 0);
}

static void a_block_both_changed_stays_mine_whole(void **state) {
    (void)state;
    merges(BASE, "# T\n\nMINE one\nalpha two\nalpha three\nalpha four\n\nbeta\n\ngamma\n",
           "# T\n\nTHEIRS one\nalpha two\nalpha three\nTHEIRS four\n\nbeta\n\nGAMMA\n",
           "# T\n\nMINE one\nalpha two\nalpha three\nalpha four\n\nbeta\n\nGAMMA\n", 1);
    merges("a\n\nb\n", "a\n", "a\n\nB\n", "a\n", 1); /* mine is gone: nothing is put back unasked */
    merges("", "mine\n", "theirs\n", "mine\n", 1);
}

static void what_both_did_is_done_once(void **state) {
    (void)state;
    merges("a\n\nb\n", "a\n\nB\n", "a\n\nB\n", "a\n\nB\n", 0);
    merges("a\n\nb\n\nc\n", "a\n\nc\n", "a\n\nc\n", "a\n\nc\n", 0);
    merges("a\n", "a\n\nnew\n", "a\n\nnew\n", "a\n\nnew\n", 0);
    merges("", "", "", "", 0);
}

static void marks_show_both_sides(void **state) {
    struct arena a = ARENA_INIT;
    struct merged m;
    (void)state;
    merge_texts(t("a\n\nb\n"), t("a\n\nmine\n"), t("a\n\ntheirs\n"), MERGE_BOTH, &a, &m);
    assert_string_equal(m.text.data, "a\n\n<<<<<<< mine\nmine\n=======\ntheirs\n>>>>>>> theirs\n");
    assert_true(merge_has_marks(m.text.data, m.text.len));
    assert_false(merge_has_marks("a <<<<<<< mine\n=======\n", 23));
    buf_release(&m.text);
    merge_texts(t("a\n\nb\n"), t("a\n\nmine\n"), t("a\n\ntheirs\n"), MERGE_THEIRS, &a, &m);
    assert_string_equal(m.text.data, "a\n\ntheirs\n");
    assert_int_equal(m.clash[0].at, 3);
    assert_int_equal(m.clash[0].len, 6);
    assert_memory_equal(m.clash[0].mine.s, "mine", 4);
    buf_release(&m.text);
    arena_release(&a);
}

static void differs(const char *old, const char *new, const char *want) {
    struct buf out = BUF_INIT;
    diff_unified(&out, old, strlen(old), new, strlen(new), 1);
    assert_string_equal(out.len ? out.data : "", want);
    buf_release(&out);
}

static void a_unified_diff_reads_as_diff_writes_it(void **state) {
    (void)state;
    differs("a\nb\nc\n", "a\nb\nc\n", "");
    differs("a\nb\nc\nd\n", "a\nB\nc\nd\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
    differs("a\n", "a", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
    differs("", "x\ny\n", "@@ -0,0 +1,2 @@\n+x\n+y\n");
    differs("x\n", "", "@@ -1 +0,0 @@\n-x\n");
    differs("a\nb\nc\nd\ne\nf\ng\n", "A\nb\nc\nd\ne\nf\nG\n",
            "@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -6,2 +6,2 @@\n f\n-g\n+G\n");
    differs("a\nb\nc\n", "A\nb\nC\n", "@@ -1,3 +1,3 @@\n-a\n+A\n b\n-c\n+C\n");
}

/* ---- random texts ------------------------------------------------------------------------------------------------ */

static uint64_t seed;

static size_t below(size_t n) {
    seed += 0x9e3779b97f4a7c15u;
    uint64_t z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % n);
}

static void random_text(struct buf *out, size_t lines) {
    static const char *const words[] = {"one", "two", "three", "", "four", "five", "", " ", "six"};
    buf_clear(out);
    for (size_t i = 0; i < lines; i++) {
        buf_adds(out, words[below(sizeof words / sizeof *words)]);
        buf_adds(out, i + 1 < lines || below(3) ? "\n" : "");
    }
}

static void random_edit(const struct buf *from, struct buf *out) {
    buf_clear(out);
    for (size_t i = 0; i < from->len; i++) {
        size_t what = below(30);
        if (what == 0) {
            buf_adds(out, "x\n");
        } else if (what == 1) {
            i += below(6);
        }
        if (i < from->len) {
            buf_addc(out, from->data[i]);
        }
    }
}

static struct text of(const struct buf *b) {
    return (struct text){b->len ? b->data : "", b->len};
}

static void assert_reads(struct text base, struct text mine, struct text theirs, struct text want) {
    struct arena a = ARENA_INIT;
    struct merged m;
    merge_texts(base, mine, theirs, MERGE_MINE, &a, &m);
    assert_int_equal(m.text.len, want.len);
    assert_memory_equal(m.text.len ? m.text.data : "", want.s, want.len);
    buf_release(&m.text);
    arena_release(&a);
}

/* What one side did not touch is the other's; matches are equal pieces in ascending order. */
static void laws_hold_for_any_texts(void **state) {
    struct buf base = BUF_INIT;
    struct buf mine = BUF_INIT;
    struct buf theirs = BUF_INIT;
    (void)state;
    for (seed = 1; seed < 4000000000u; seed += 1000003) {
        uint64_t kept = seed;
        random_text(&base, below(20));
        random_edit(&base, &mine);
        random_edit(&base, &theirs);
        assert_reads(of(&base), of(&mine), of(&base), of(&mine));
        assert_reads(of(&base), of(&base), of(&theirs), of(&theirs));
        assert_reads(of(&base), of(&mine), of(&mine), of(&mine));
        struct arena a = ARENA_INIT;
        struct merged m;
        struct merged other;
        merge_texts(of(&base), of(&mine), of(&theirs), MERGE_MINE, &a, &m);
        merge_texts(of(&base), of(&theirs), of(&mine), MERGE_THEIRS, &a, &other);
        assert_int_equal(m.clashes, other.clashes); /* whoever is asked first */
        assert_int_equal(m.text.len, other.text.len);
        assert_memory_equal(m.text.len ? m.text.data : "", m.text.len ? other.text.data : "", m.text.len);
        struct interner in = {.arena = &a};
        struct pieces x = diff_lines(&in, of(&mine).s, mine.len);
        struct pieces y = diff_lines(&in, of(&theirs).s, theirs.len);
        const int64_t *match = diff_match(&a, &x, &y);
        for (size_t i = 0, last = 0; i < x.n; i++) {
            if (match[i] != DIFF_NONE) {
                assert_int_equal(x.at[i].id, y.at[match[i]].id);
                assert_true((size_t)match[i] + 1 > last);
                last = (size_t)match[i] + 1;
            }
        }
        buf_release(&m.text);
        buf_release(&other.text);
        arena_release(&a);
        seed = kept;
    }
    buf_release(&base);
    buf_release(&mine);
    buf_release(&theirs);
}

/* Two texts of 40,000 lines with nothing in common but words that stand everywhere. */
static void unlike_texts_take_no_quadratic_time(void **state) {
    struct buf base = BUF_INIT;
    struct buf mine = BUF_INIT;
    struct buf theirs = BUF_INIT;
    (void)state;
    seed = 7;
    random_text(&base, 40000);
    random_text(&mine, 40000);
    random_text(&theirs, 40000);
    struct arena a = ARENA_INIT;
    struct merged m;
    merge_texts(of(&base), of(&mine), of(&theirs), MERGE_MINE, &a, &m);
    assert_true(m.clashes > 0);
    buf_release(&m.text);
    arena_release(&a);
    buf_release(&base);
    buf_release(&mine);
    buf_release(&theirs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_blocks_are_both_taken),
        cmocka_unit_test(a_block_changed_in_different_lines_is_merged_by_line),
        cmocka_unit_test(a_block_both_changed_stays_mine_whole),
        cmocka_unit_test(what_both_did_is_done_once),
        cmocka_unit_test(marks_show_both_sides),
        cmocka_unit_test(a_unified_diff_reads_as_diff_writes_it),
        cmocka_unit_test(laws_hold_for_any_texts),
        cmocka_unit_test(unlike_texts_take_no_quadratic_time),
    };
    return cmocka_run_group_tests_name("base merge", tests, NULL, NULL);
}
