/* limit_rank.c - the least a summary by TextRank can cost: plain C, ASCII words, no roles, no stop words.
 *
 *     limit_rank FILE ROUNDS     prints the mean microseconds of one summary of three sentences
 *
 * Sentences end at a stop before white space or at an empty line. Two of them are as near as the words they share,
 * divided by the logarithms of their lengths; lists of sentences by word find the pairs.
 */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "figures.h"

enum { SENTENCES = 2000, WORDS = 1 << 16, SLOTS = 1 << 14, LARGEST = 1 << 20, STEPS = 30, BEST = 3 };

static struct sentence {
    size_t first, count; /* its words */
} sentences[SENTENCES];
static struct entry {
    uint32_t sentence, times, next;
} entries[WORDS];
static uint32_t words[WORDS], slots[SLOTS], heads[SLOTS];
static size_t count, nwords;
static float near_to[SENTENCES * SENTENCES / 4], logs[SENTENCES], rank_of[SENTENCES], next_rank[SENTENCES];
static char text[LARGEST];
static unsigned char lower[256]; /* of letters and digits; 0 of others */
static bool stop[256];

/* A word is its hash: the chance that two share one is none of a limit's worries. */
static uint32_t word_slot(uint32_t hash) {
    uint32_t at = hash % SLOTS;
    while (slots[at] && slots[at] != hash)
        at = (at + 1) % SLOTS;
    slots[at] = hash;
    return at;
}

static const char *read_words(const char *p, const char *end) {
    while (p < end) {
        uint32_t hash = 2166136261u;
        const char *from = p;
        for (; p < end && lower[(unsigned char)*p]; p++)
            hash = (hash ^ lower[(unsigned char)*p]) * 16777619u;
        if (p - from > 2 && nwords < WORDS)
            words[nwords++] = word_slot(hash | 1);
        p += p == from;
    }
    return p;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void split(void) {
    for (const char *p = text; *p && count < SENTENCES / 2;) {
        const char *from = p;
        while (!stop[(unsigned char)*p] || (*p && (*p == '\n' ? p[1] != '\n' : p[1] != '\n' && p[1] != ' ')))
            p++;
        struct sentence *s = &sentences[count];
        s->first = nwords;
        read_words(from, p);
        s->count = nwords - s->first;
        qsort(words + s->first, s->count, sizeof *words, by_value);
        count += s->count > 3;
        p += *p != '\0';
    }
}

static void connect(void) {
    size_t used = 0;
    memset(near_to, 0, count * count * sizeof *near_to);
    memset(heads, 0, sizeof heads);
    for (size_t i = 0; i < count; i++) {
        const struct sentence *s = &sentences[i];
        for (size_t k = s->first; k < s->first + s->count;) {
            uint32_t word = words[k], times = 0;
            for (; k < s->first + s->count && words[k] == word; k++)
                times++;
            for (uint32_t e = heads[word]; e; e = entries[e].next)
                near_to[i * count + entries[e].sentence] += (float)(entries[e].times < times ? entries[e].times : times);
            entries[++used] = (struct entry){(uint32_t)i, times, heads[word]};
            heads[word] = (uint32_t)used;
        }
        logs[i] = logf((float)s->count);
        for (size_t j = 0; j < i; j++)
            near_to[j * count + i] = near_to[i * count + j] /= logs[i] + logs[j];
    }
}

static void add_row(float *restrict sum, const float *restrict row, float times) {
    for (size_t j = 0; j < count; j++)
        sum[j] += times * row[j];
}

static void iterate(void) {
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (size_t j = 0; j < count; j++)
            sum += near_to[i * count + j];
        for (size_t j = 0; sum > 0 && j < count; j++)
            near_to[i * count + j] /= sum;
        rank_of[i] = 1;
    }
    for (int step = 0; step < STEPS; step++) {
        for (size_t i = 0; i < count; i++)
            next_rank[i] = 0.15f;
        for (size_t i = 0; i < count; i++)
            add_row(next_rank, near_to + i * count, 0.85f * rank_of[i]);
        memcpy(rank_of, next_rank, count * sizeof *rank_of);
    }
}

static size_t best(void) {
    size_t chosen = 0;
    for (int k = 0; k < BEST; k++) {
        size_t top = 0;
        for (size_t i = 0; i < count; i++)
            top = rank_of[i] > rank_of[top] ? i : top;
        rank_of[top] = 0;
        chosen += top;
    }
    return chosen;
}

int main(int argc, char **argv) {
    FILE *f = argc > 2 ? fopen(argv[1], "rb") : NULL;
    long rounds = argc > 2 ? atol(argv[2]) : 0;
    if (!f || rounds < 1) {
        fputs("usage: limit_rank FILE ROUNDS\n", stderr);
        return 64;
    }
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    for (int c = 0; c < 256; c++) {
        lower[c] = isalnum(c) ? (unsigned char)tolower(c) : 0;
        stop[c] = c == '\0' || c == '.' || c == '!' || c == '?' || c == '\n';
    }
    volatile size_t chosen = 0;
    double start = now_us();
    for (long i = 0; i < rounds; i++) {
        count = nwords = 0;
        memset(slots, 0, sizeof slots);
        split();
        connect();
        iterate();
        chosen += best();
    }
    printf("%.2f\n", (now_us() - start) / (double)rounds);
    return count < BEST;
}
