/* store_world.h - for random sequences: a generator of numbers, and files that change upstream the way files do. */
#ifndef LECTERN_TESTS_STORE_WORLD_H
#define LECTERN_TESTS_STORE_WORLD_H

#include "store_source.h"

enum { PATHS = 2, SECTIONS = 6, BLOCKS = 4, TYPED = 256, RUNS = 32 };

struct typed {
    char id[UUID_TEXT + 1], text[24];
    const char *field; /* where it was put */
    int64_t rev;       /* that has it for good */
    bool now;          /* it is what stands there */
};

struct section {
    char title[32], room[16];
    char blocks[BLOCKS][32];
    size_t nblocks;
    size_t guid;
    bool talk;
};

struct document {
    struct section sections[SECTIONS];
    size_t n;
};

struct world {
    struct sample *s;
    uint64_t seed;
    size_t words; /* so that each is written once */
    struct document documents[PATHS], older[PATHS];
    struct typed typed[TYPED];
    size_t ntyped;
    char runs[RUNS][UUID_TEXT + 1];
    size_t nruns;
    size_t *counts;
    const char *template;
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

#define PICK(w, list) list[below(w, sizeof(list) / sizeof *(list))]

/* ---- a file upstream --------------------------------------------------------------------------------------------- */

static const char *const titles[] = {"Raft",
                                     "Paxos",
                                     "Welcome",
                                     "Fast paths",
                                     "Fast path",
                                     "Zig",
                                     "Q&A",
                                     "Lunch",
                                     "C++",
                                     "\xc3\x9c"
                                     "ber",
                                     "Clocks that lie",
                                     "Queues are promises"};
static const char *const names[] = {"Ann", "Bo", "Cy", "D. E. Foe", "ann"};

static void new_block(struct world *w, char out[32]) {
    static const char *const forms[] = {"passage %zu of them", "- item %zu of a list", "> quoted %zu by somebody",
                                        "same %zu"};
    snprintf(out, 32, PICK(w, forms), below(w, 4) ? ++w->words : 1);
}

static void new_section(struct world *w, struct section *s) {
    snprintf(s->title, sizeof s->title, "%s", PICK(w, titles));
    snprintf(s->room, sizeof s->room, "%zu", below(w, 9));
    s->talk = below(w, 3) > 0;
    s->guid = below(w, 3) ? 0 : 1 + below(w, 5);
    s->nblocks = 1 + below(w, BLOCKS - 1);
    for (size_t i = 0; i < s->nblocks; i++) {
        new_block(w, s->blocks[i]);
    }
}

static void remove_section(struct document *d, size_t at) {
    memmove(&d->sections[at], &d->sections[at + 1], (--d->n - at) * sizeof *d->sections);
}

/* One part becomes two, or two become one. */
static void split_or_join(struct world *w, struct document *d, size_t at) {
    struct section *one = &d->sections[at];
    if (at + 1 < d->n && below(w, 2)) {
        struct section *two = &d->sections[at + 1];
        for (size_t i = 0; i < two->nblocks && one->nblocks < BLOCKS; i++) {
            memcpy(one->blocks[one->nblocks++], two->blocks[i], sizeof two->blocks[i]);
        }
        remove_section(d, at + 1);
    } else if (d->n < SECTIONS && one->nblocks > 1) {
        struct section *two = &d->sections[d->n++];
        new_section(w, two);
        memcpy(two->blocks[0], one->blocks[--one->nblocks], sizeof two->blocks[0]);
        two->nblocks = 1;
    }
}

static void change_document(struct world *w, struct document *d) {
    size_t at = d->n ? below(w, d->n) : 0;
    struct section swap;
    switch (d->n ? below(w, 9) : 0) {
    case 0:
        if (d->n < SECTIONS) {
            new_section(w, &d->sections[d->n++]);
        }
        break;
    case 1:
        remove_section(d, at);
        break;
    case 2: /* in another order */
        swap = d->sections[at];
        d->sections[at] = d->sections[0];
        d->sections[0] = swap;
        break;
    case 3:
        snprintf(d->sections[at].title, sizeof d->sections[at].title, "%s", PICK(w, titles));
        break;
    case 4:
        snprintf(d->sections[at].room, sizeof d->sections[at].room, "%zu", below(w, 9));
        break;
    case 5:
        split_or_join(w, d, at);
        break;
    default:
        new_block(w, d->sections[at].blocks[below(w, d->sections[at].nblocks)]);
    }
}

static void put_section(struct world *w, const struct section *s, size_t number, struct buf *text, struct buf *records,
                        size_t *line) {
    size_t first = *line + 1;
    buf_addf(text, "## %s\n\n", s->title);
    for (size_t i = 0; i < s->nblocks; i++) {
        buf_addf(text, "%s\n\n", s->blocks[i]);
    }
    *line += 2 + 2 * s->nblocks;
    buf_addf(records,
             ", {type:'note', key:'part%zu', title:'%s', span:[%zu,%zu], part_of:'file', ord:%zu, tags:['up%zu']}",
             number, s->title, first, *line, number, s->nblocks);
    if (s->talk) {
        buf_addf(records, ", {type:'talk', title:'%s', note:'part%zu', span:[%zu,%zu], room:'%s', event:'E 2001'",
                 s->title, number, first, *line, s->room);
        buf_addf(records, ", speakers:['%s']", names[s->nblocks % 4]);
        if (s->guid) {
            buf_addf(records, ", guid:'g%zu'", s->guid);
        }
        buf_adds(records, "}");
    }
    (void)w;
}

static void render(struct world *w, const struct document *d, struct buf *text, struct buf *records) {
    size_t line = 2;
    buf_adds(text, "# File\n\n");
    buf_adds(records, "[{type:'note', key:'file', title:'File', kind:'post', span:[1,2]}");
    for (size_t i = 0; i < d->n; i++) {
        put_section(w, &d->sections[i], i + 1, text, records, &line);
    }
    buf_adds(records, "]");
}

#endif
