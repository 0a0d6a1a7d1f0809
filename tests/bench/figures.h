/* figures.h - what the benchmark programs share: a clock, and the order statistics of what it measured. */
#ifndef LECTERN_TESTS_BENCH_FIGURES_H
#define LECTERN_TESTS_BENCH_FIGURES_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Microseconds, monotonic. */
static inline double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value that a share P of N > 0 values do not exceed; sorts V. */
static inline double quantile(double *v, size_t n, double p) {
    qsort(v, n, sizeof *v, by_size);
    size_t at = (size_t)(p * (double)n);
    return v[at < n ? at : n - 1];
}

static inline double median(double *v, size_t n) {
    return quantile(v, n, 0.5);
}

/* Room for N values; ends the program where there is none. */
static inline double *values_new(size_t n) {
    double *v = calloc(n ? n : 1, sizeof *v);
    if (!v) {
        fprintf(stderr, "no memory for %zu values\n", n);
        exit(70);
    }
    return v;
}

#endif
