/* Power loss: a stream of commands is recorded write by write; then the power is cut at many places of the record, with
 * what was not synced lost, kept in part or in another order. Each time the store has to open, hold every command that was
 * acknowledged before the cut, and be exactly what it was after some command. A disk that ignores syncs fails this.
 *
 * LECTERN_CUTS sets how many cuts (default 100).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_commands.h"
#include "store_disk.h"

enum { CUTS = 100, RECORDED = 80 };

struct record {
    struct bench bench;
    struct disk_image base[DISK_FILES]; /* the files before the first command */
    uint64_t states[RECORDED + 1];      /* content after each command */
    int last;
};

struct tally {
    int cuts, unopened, lost, torn, unsound;
};

/* ---- recording --------------------------------------------------------------------------------------------------------- */

/* Commands in turn, the clock frozen; small checkpoints, so that cuts fall into them too. */
static void record(struct record *r, bool sync) {
    struct bench *b = &r->bench;
    bench_init(b);
    clock_freeze(1767225600000);
    assert_int_equal(bench_open(b), 0);
    assert_int_equal(bench_fill(b), 0);
    bench_close(b);
    disk_forget();
    snprintf(disk.names[0], sizeof disk.names[0], "%s", b->path);
    snprintf(disk.names[1], sizeof disk.names[1], "%s-wal", b->path);
    image_read(&r->base[0], disk.names[0]);
    image_read(&r->base[1], disk.names[1]);
    disk_record(true);
    assert_int_equal(bench_open(b), 0);
    assert_int_equal(db_ready(&b->s->db, &b->err), 0);
    assert_int_equal(db_exec(&b->s->db, "PRAGMA wal_autocheckpoint = 40", &b->err), 0);
    if (!sync) {
        assert_int_equal(db_exec(&b->s->db, "PRAGMA synchronous = OFF", &b->err), 0);
    }
    r->states[0] = bench_state(b);
    while (r->last < RECORDED) {
        b->n = r->last;
        const struct command *c = &commands[r->last % 12];
        if (c->run(b)) {
            fail_msg("command %d, %s: %s", r->last, c->name, b->err.message);
        }
        r->last++;
        disk_mark(r->last);
        r->states[r->last] = bench_state(b);
        arena_clear(&b->arena);
    }
    bench_close(b);
    disk_record(false);
    clock_freeze(-1);
}

/* ---- cutting ----------------------------------------------------------------------------------------------------------- */

static int acknowledged(size_t cut) {
    int last = 0;
    for (size_t i = 0; i < cut; i++) {
        last = disk.events[i].kind == EVENT_MARK ? (int)disk.events[i].at : last;
    }
    return last;
}

static void image_copy(struct disk_image *to, const struct disk_image *from) {
    to->len = 0;
    image_resize(to, from->len);
    if (from->len) {
        memcpy(to->data, from->data, from->len);
    }
    to->exists = from->exists;
}

/* The store as a cut before event CUT leaves it. */
static void play_cut(struct record *r, size_t cut, unsigned *seed) {
    struct disk_image im = {0};
    char shm[128];
    for (int f = 0; f < 2; f++) {
        image_copy(&im, &r->base[f]);
        disk_cut(f, cut, &im, seed);
        image_write(&im, disk.names[f]);
    }
    snprintf(shm, sizeof shm, "%s-shm", r->bench.path);
    unlink(shm);
    mem_free(im.data);
}

static void judge(struct record *r, size_t cut, struct tally *t) {
    struct bench *b = &r->bench;
    int least = acknowledged(cut);
    t->cuts++;
    if (bench_open(b)) {
        t->unopened++;
        return;
    }
    uint64_t state = bench_state(b);
    int at = r->last;
    while (at >= 0 && r->states[at] != state) {
        at--;
    }
    t->torn += at < 0;
    t->lost += at >= 0 && at < least;
    t->unsound += !bench_sound(b);
    bench_close(b);
    err_release(&b->err);
}

static struct tally cut_often(struct record *r, int cuts) {
    struct tally t = {0};
    unsigned seed = 20261122;
    for (int i = 0; i < cuts; i++) {
        size_t cut = (size_t)((uint64_t)rand_r(&seed) * disk.nevents / RAND_MAX);
        play_cut(r, cut, &seed);
        judge(r, cut, &t);
    }
    return t;
}

static struct tally run(bool sync, int cuts) {
    struct record *r = mem_alloc(sizeof *r);
    *r = (struct record){.last = 0};
    record(r, sync);
    struct tally t = cut_often(r, cuts);
    printf("# power %s: %d commands, %zu writes and syncs, %d cuts: %d do not open, %d lost what was acknowledged, %d "
           "torn, "
           "%d unsound\n",
           sync ? "cut" : "control, syncs off", r->last, disk.nevents, t.cuts, t.unopened, t.lost, t.torn, t.unsound);
    for (int f = 0; f < DISK_FILES; f++) {
        mem_free(r->base[f].data);
    }
    disk_forget();
    bench_end(&r->bench);
    mem_free(r);
    return t;
}

static void a_power_cut_loses_nothing_acknowledged_and_tears_nothing(void **state) {
    (void)state;
    struct tally t = run(true, bench_times("LECTERN_CUTS", CUTS));
    assert_int_equal(t.unopened, 0);
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.torn, 0);
    assert_int_equal(t.unsound, 0);
}

/* Without syncs the same cuts must do damage, or they cut nothing. */
static void without_syncs_this_test_fails(void **state) {
    (void)state;
    int cuts = bench_times("LECTERN_CUTS", CUTS);
    struct tally t = run(false, cuts > CUTS ? CUTS * 2 : cuts);
    assert_true(t.unopened + t.lost + t.torn + t.unsound > t.cuts / 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_loses_nothing_acknowledged_and_tears_nothing),
        cmocka_unit_test(without_syncs_this_test_fails),
    };
    disk_install();
    return cmocka_run_group_tests_name("store power", tests, NULL, NULL);
}
