/* Damaged files: bits turned, pages zeroed or swapped, ends cut off, heads and logs of noise. Whoever opens, reads, checks
 * or repairs such a store gets an answer or a message, in bounded time, and never dies. Each file is looked at by a child
 * with a time limit; of some it is asked that repairing gives a sound store again.
 *
 * LECTERN_DAMAGES sets how many files (default 80); every REPAIR_EACHth of them is repaired.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store_commands.h"
#include "store_disk.h"

enum { DAMAGES = 80, REPAIR_EACH = 5, CHILD_SECONDS = 20, PAGE = 8192 };

enum outcome { READ_WELL, REFUSED, DETECTED, UNSEEN, SPEECHLESS, UNREPAIRED, OUTCOMES };
static const char *const outcome_names[] = {
    "read well", "refused", "found by check", "read with damage", "error without a word", "not repaired"};

struct sample_store {
    struct bench bench;
    struct disk_image file, log; /* closed, and with a log that was not checkpointed */
    struct disk_image open_file, open_log;
    int64_t notes;
};

/* ---- doing damage -------------------------------------------------------------------------------------------------------- */

static size_t any(unsigned *seed, size_t n) {
    return n ? (size_t)rand_r(seed) % n : 0;
}

static void turn_bits(struct disk_image *im, unsigned *seed, size_t from, size_t n) {
    for (size_t i = 1 + any(seed, 20); i > 0 && n; i--) {
        im->data[from + any(seed, n)] ^= (unsigned char)(1u << any(seed, 8));
    }
}

static void noise(unsigned char *p, size_t n, unsigned *seed) {
    for (size_t i = 0; i < n; i++) {
        p[i] = (unsigned char)rand_r(seed);
    }
}

static void swap_pages(struct disk_image *im, unsigned *seed) {
    unsigned char page[PAGE];
    size_t pages = im->len / PAGE;
    unsigned char *a = im->data + any(seed, pages) * PAGE;
    unsigned char *b = im->data + any(seed, pages) * PAGE;
    memcpy(page, a, PAGE);
    memmove(a, b, PAGE);
    memcpy(b, page, PAGE);
}

static const char *const damages[] = {"bits", "bytes",      "zeroed page", "swapped pages", "cut off",
                                      "head", "noisy page", "log",         "tree"};
enum { KINDS = sizeof damages / sizeof *damages };

static void damage(struct disk_image *im, struct disk_image *log, int kind, unsigned *seed) {
    size_t page = any(seed, im->len / PAGE) * PAGE;
    switch (kind) {
    case 0:
        turn_bits(im, seed, 0, im->len);
        break;
    case 1:
        for (size_t i = 1 + any(seed, 20); i > 0; i--) {
            im->data[any(seed, im->len)] = (unsigned char)rand_r(seed);
        }
        break;
    case 2:
        memset(im->data + page, 0, PAGE);
        break;
    case 3:
        swap_pages(im, seed);
        break;
    case 4:
        im->len = any(seed, im->len);
        break;
    case 5:
        noise(im->data + any(seed, 90), 10, seed);
        break;
    case 6:
        noise(im->data + page, PAGE, seed);
        break;
    case 7:
        if (log->len && any(seed, 2)) {
            log->len = any(seed, log->len);
        }
        turn_bits(log, seed, 0, log->len);
        break;
    default: /* heads of pages: types, counts, places and children */
        turn_bits(im, seed, page + (page ? 0 : 100), 24);
    }
}

/* ---- looking ------------------------------------------------------------------------------------------------------------- */

/* Every command, reading and writing; the first code that says the store is damaged. */
static enum outcome use(struct bench *b) {
    bool damaged = false;
    bool silent = false;
    if (bench_open(b)) {
        return b->err.message[0] ? REFUSED : SPEECHLESS;
    }
    struct value checks = value_nil;
    int rc = read_check(b->r, &b->arena, &checks, &b->err);
    bool bad = rc != 0;
    for (size_t i = 0; !rc && i < checks.len; i++) {
        bad = bad || !value_tobool(value_get(value_at(&checks, i), "ok"), false);
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        b->n = (int)i;
        err_release(&b->err);
        rc = commands[i].run(b);
        damaged = damaged || rc == -(int)E_STORE;
        silent = silent || (rc && !b->err.message[0]);
        arena_clear(&b->arena);
    }
    bench_close(b);
    return silent ? SPEECHLESS : bad ? DETECTED : damaged ? UNSEEN : READ_WELL;
}

static enum outcome repair(struct bench *b) {
    struct value report;
    err_release(&b->err);
    if (keep_repair(b->path, true, &b->arena, &report, &b->err)) {
        printf("# not repaired: %s\n", b->err.message);
        fflush(stdout);
        return UNREPAIRED;
    }
    if (bench_open(b) || !bench_sound(b)) {
        printf("# repaired, but: %s\n", b->err.message);
        fflush(stdout);
        return UNREPAIRED;
    }
    bench_close(b);
    return READ_WELL;
}

static void put(const struct sample_store *s, const struct disk_image *im, const struct disk_image *log) {
    char path[128];
    char command[200];
    snprintf(command, sizeof command, "rm -f %s/*", s->bench.folder);
    if (system(command)) {
        abort();
    }
    image_write(im, s->bench.path);
    snprintf(path, sizeof path, "%s-wal", s->bench.path);
    image_write(log, path);
}

/* The child's outcome; dead or too slow: -1, and why is printed. */
static int in_child(struct sample_store *s, enum outcome (*fn)(struct bench *), int number, const char *what) {
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(CHILD_SECONDS);
        _exit(fn(&s->bench));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) < OUTCOMES) {
        return WEXITSTATUS(status);
    }
    printf("# file %d (%s): %s by signal %d, status %d\n", number, what, WTERMSIG(status) == SIGALRM ? "hung" : "died",
           WTERMSIG(status), WEXITSTATUS(status));
    return -1;
}

static int64_t milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void image_of(struct disk_image *im, const struct disk_image *from) {
    im->len = 0;
    image_resize(im, from->len);
    if (from->len) {
        memcpy(im->data, from->data, from->len);
    }
    im->exists = from->exists;
}

static void make_samples(struct sample_store *s) {
    struct bench *b = &s->bench;
    char log[128];
    bench_init(b);
    snprintf(log, sizeof log, "%s-wal", b->path);
    assert_int_equal(bench_open(b), 0);
    assert_int_equal(bench_fill(b), 0);
    for (int i = 10; i < 60; i++) {
        assert_int_equal(bench_import(b, i, 1), 0);
        arena_clear(&b->arena);
    }
    bench_close(b);
    image_read(&s->file, b->path);
    image_read(&s->log, log);
    assert_int_equal(bench_open(b), 0);
    for (b->n = 0; b->n < 11; b->n++) {
        assert_int_equal(commands[b->n].run(b), 0);
    }
    image_read(&s->open_file, b->path);
    image_read(&s->open_log, log);
    bench_close(b);
}

static void no_damage_kills_or_hangs_anybody(void **state) {
    struct sample_store s = {.notes = 0};
    struct disk_image im = {0};
    struct disk_image log = {0};
    int counts[OUTCOMES] = {0};
    int dead = 0;
    int repairs = 0;
    int64_t slowest = 0;
    int files = bench_times("LECTERN_DAMAGES", DAMAGES);
    (void)state;
    make_samples(&s);
    for (int i = bench_times("LECTERN_DAMAGE_FROM", 1) - 1; i < files; i++) {
        unsigned seed = (unsigned)i + 1;
        int kind = i % KINDS;
        bool with_log = kind == 7;
        image_of(&im, with_log ? &s.open_file : &s.file);
        image_of(&log, with_log ? &s.open_log : &s.log);
        damage(&im, &log, kind, &seed);
        put(&s, &im, &log);
        int64_t start = milliseconds();
        int outcome = in_child(&s, use, i, damages[kind]);
        dead += outcome < 0;
        counts[outcome < 0 ? UNREPAIRED : outcome] += outcome >= 0;
        if (i % REPAIR_EACH == 0) {
            put(&s, &im, &log);
            outcome = in_child(&s, repair, i, "repair");
            repairs++;
            dead += outcome < 0;
            counts[UNREPAIRED] += outcome == UNREPAIRED;
            if (outcome == UNREPAIRED) {
                printf("# file %d (%s) was not repaired: LECTERN_DAMAGE_FROM=%d LECTERN_DAMAGES=%d looks at it alone\n",
                       i, damages[kind], i + 1, i + 1);
            }
        }
        int64_t took = milliseconds() - start;
        slowest = took > slowest ? took : slowest;
    }
    printf("# damage: %d files:", files);
    for (int i = 0; i < OUTCOMES; i++) {
        printf(" %d %s,", counts[i], outcome_names[i]);
    }
    printf(" %d repaired, %d dead or hung; the slowest took %lld ms\n", repairs - counts[UNREPAIRED], dead,
           (long long)slowest);
    assert_int_equal(dead, 0);
    assert_int_equal(counts[SPEECHLESS], 0);
    assert_int_equal(counts[UNREPAIRED], 0);
    assert_true(counts[DETECTED] + counts[REFUSED] > files / 3); /* else it was no damage */
    mem_free(im.data);
    mem_free(log.data);
    mem_free(s.file.data);
    mem_free(s.log.data);
    mem_free(s.open_file.data);
    mem_free(s.open_log.data);
    bench_end(&s.bench);
}

/* A child that dies or hangs is seen: else silence would pass. */
static enum outcome die(struct bench *b) {
    (void)b;
    raise(SIGSEGV);
    return READ_WELL;
}
static enum outcome hang(struct bench *b) {
    (void)b;
    alarm(1);
    pause();
    return READ_WELL;
}

static void the_dead_are_counted(void **state) {
    struct sample_store s = {.notes = 0};
    (void)state;
    signal(SIGSEGV, SIG_DFL);
    assert_int_equal(in_child(&s, die, 0, "control"), -1);
    assert_int_equal(in_child(&s, hang, 0, "control"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_damage_kills_or_hangs_anybody),
        cmocka_unit_test(the_dead_are_counted),
    };
    return cmocka_run_group_tests_name("store damage", tests, NULL, NULL);
}
