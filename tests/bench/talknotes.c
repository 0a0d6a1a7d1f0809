/* talknotes.c - a folder of made-up notes of conference talks, the same on every machine.
 *
 *     talknotes N FOLDER [FIRST]     writes FOLDER/000/talk-0000001.md and so on, 500 files a folder
 *
 * Note i depends on i alone, so a larger folder contains the smaller ones; FIRST is the number of the first note
 * (1). A note has about 2 kB: front matter (title, speaker, event, date, tags), headings, paragraphs, bullets, a
 * quote. A sentence is a frame with gaps; a gap is filled with one of a hundred common words or, one time in
 * three, with an invented word whose frequency follows Zipf's law, so that the vocabulary grows with the notes. Each
 * note has one word of its own: "talkNNNNNNN", for whoever wants to search for a rare word.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PER_FOLDER = 500, SMALLEST = 1100, SPREAD = 900, INVENTED = 300000, PEOPLE = 4000, ROOM = 16 * 1024 };

static const char *const frames[] = {
    "The % of a % is decided by its %, not by the % that people usually tune.",
    "She measured % on forty machines and found that % costs more than % in every case but one.",
    "A % that cannot be % under load is worth less than a slow % that can.",
    "We spent two years on %; the lesson was to keep the % close to the %.",
    "Most of the time goes into %, which nobody had profiled before.",
    "Instead of one large % they run many small ones, each with a % of its own.",
    "The % keeps a log of every %, so that a crash loses at most the last %.",
    "He showed how % and % interact, and why the usual % hides it.",
    "Nobody in the room had a good answer to the question about %.",
    "Their % uses % where earlier work used %, and pays for it with memory.",
    "When the % fails, the % is retried with a different %.",
    "It turns out that % is easy to verify once % has been written down.",
    "The second half was about %: how to build it, test it, and throw it away.",
    "Throughput went from 12,000 to 48,000 operations a second after % was removed.",
    "Ask about: does % still hold if the % is shared between tenants?",
    "The demo ran on a laptop and processed 3.5 GB of % in under a minute.",
};
/* clang-format off */
static const char *const common[] = {
    "scheduler", "kernel", "compiler", "database", "network", "protocol", "index", "cache", "proof", "type system",
    "garbage collector", "allocator", "replica", "consensus", "snapshot", "transaction", "query planner",
    "file system", "journal", "page table", "interrupt", "virtual machine", "container", "sandbox", "capability",
    "permission", "signature", "key exchange", "certificate", "trace", "profile", "benchmark", "simulation",
    "model checker", "fuzzer", "test suite", "build system", "package manager", "editor", "plugin", "parser",
    "grammar", "document", "archive", "citation", "accessibility", "latency", "throughput", "backpressure",
    "congestion", "routing", "sensor", "firmware", "bootloader", "power budget", "battery", "display", "font",
    "layout", "audio pipeline", "codec", "camera", "map", "timetable", "train", "hospital", "library", "newsroom",
    "election", "survey", "dataset", "training run", "embedding", "inference", "quantisation", "gradient",
    "accelerator", "memory bus", "vector unit", "branch predictor", "lock", "queue", "barrier", "epoch", "lease",
    "quorum", "gossip", "hash table", "bloom filter", "skip list", "tree", "graph", "stream", "window",
    "checkpoint", "rollback", "migration", "schema", "contract", "interface", "error message", "log line",
    "dashboard", "on-call rota", "incident", "postmortem", "budget", "licence", "governance", "maintainer",
    "newcomer", "review",
};
static const char *const events[] = {
    "SOSP", "OSDI", "EuroSys", "NSDI", "FOSDEM", "PLDI", "ASPLOS", "Strange Loop", "RacketCon", "DebConf", "ICFP",
    "RustConf",
};
static const char *const tags[] = {
    "kernel", "networks", "storage", "proofs", "compilers", "privacy", "scheduling", "hardware", "editors",
    "testing", "security", "databases",
};
static const char *const syllables[] = {
    "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dan", "fer", "gil", "hos", "jun", "kap", "len",
    "mir", "nor", "pel", "quin", "ros", "sten", "tor", "ulm", "var", "wex", "yor", "ash", "bri", "cho",
};
/* clang-format on */
#define COUNT(list) (sizeof(list) / sizeof *(list))

static uint64_t state;
static char note[ROOM];
static size_t used;

/* xorshift64*, started anew for each note. */
static uint64_t draw(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717ull;
}

static size_t below(size_t n) {
    return (size_t)((draw() >> 16) % n);
}

/* 0 .. n-1, k drawn about 1/(k+1) as often as 0. */
static size_t zipf(size_t n) {
    double u = (double)(draw() >> 11) / 9007199254740992.0;
    return (size_t)pow((double)n, u) - 1;
}

static void put(const char *s) {
    size_t n = strlen(s);
    if (used + n >= ROOM) {
        fputs("talknotes: a note grew too large\n", stderr);
        exit(70);
    }
    memcpy(note + used, s, n + 1);
    used += n;
}

/* The K-th invented word: its number in syllables, two at least. */
static void put_word(size_t k, bool capital) {
    size_t at = used;
    put(syllables[k % COUNT(syllables)]);
    for (k /= COUNT(syllables); k; k /= COUNT(syllables))
        put(syllables[k % COUNT(syllables)]);
    if (used - at < 4)
        put("en");
    if (capital)
        note[at] = (char)(note[at] - 'a' + 'A');
}

static void put_sentence(void) {
    char piece[2] = "";
    for (const char *f = frames[below(COUNT(frames))]; *f; f++) {
        piece[0] = *f;
        if (*f != '%')
            put(piece);
        else if (below(3))
            put(common[zipf(COUNT(common))]);
        else
            put_word(zipf(INVENTED), false);
    }
}

static void put_paragraph(void) {
    for (size_t n = 2 + below(4); n; n--) {
        put_sentence();
        put(n > 1 ? " " : "\n\n");
    }
}

static void put_bullets(void) {
    for (size_t n = 2 + below(4); n; n--) {
        put("- ");
        put_sentence();
        put("\n");
    }
    put("\n");
}

static void put_person(void) {
    put_word(zipf(PEOPLE), true);
    put(" ");
    put_word(PEOPLE + zipf(PEOPLE * 4), true);
}

static void put_title(size_t i) {
    char own[32];
    snprintf(own, sizeof own, " talk%07zu", i);
    put_word(zipf(INVENTED), true);
    put(" for the ");
    put(common[zipf(COUNT(common))]);
    put(own);
}

static void put_front_matter(size_t i) {
    char line[128];
    int year = 2004 + (int)below(22);
    put("---\ntitle: ");
    put_title(i);
    put("\nspeaker: ");
    put_person();
    snprintf(line, sizeof line, "\nevent: %s %d\ndate: %d-%02zu-%02zu\ntags: [%s, %s]\n---\n\n",
             events[below(COUNT(events))], year, year, 1 + below(12), 1 + below(28), tags[below(6)],
             tags[6 + below(6)]);
    put(line);
}

static void make(size_t i) {
    state = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15ull;
    used = 0;
    for (int k = 0; k < 8; k++)
        draw();
    size_t size = SMALLEST + below(SPREAD);
    put_front_matter(i);
    put("## What it was about\n\n");
    put_paragraph();
    put("## Notes\n\n");
    while (used < size) {
        size_t what = below(8);
        if (what < 4)
            put_paragraph();
        else if (what < 7)
            put_bullets();
        else
            put("> "), put_sentence(), put("\n\n");
    }
    put("## To follow up\n\n");
    put_bullets();
}

static void write_note(const char *folder, size_t i) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%03zu", folder, i / PER_FOLDER);
    mkdir(path, 0777); /* may be there; if it cannot be, opening says so */
    snprintf(path + n, sizeof path - (size_t)n, "/talk-%07zu.md", i);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(note, 1, used, f) != used || fclose(f)) {
        perror(path);
        exit(73);
    }
}

int main(int argc, char **argv) {
    long n = argc > 2 ? atol(argv[1]) : 0, first = argc > 3 ? atol(argv[3]) : 1;
    if (n < 1 || first < 1) {
        fputs("usage: talknotes N FOLDER [FIRST]\n", stderr);
        return 64;
    }
    mkdir(argv[2], 0777);
    for (long i = first; i < first + n; i++) {
        make((size_t)i);
        write_note(argv[2], (size_t)i);
    }
    return 0;
}
