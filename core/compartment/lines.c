/* lines.c - line starts. The one idea: memchr, but never beyond what it finds, so that every text is linear. */
#include "compartment/lines.h"

#include <stdbool.h>
#include <string.h>

/* The first \n or \r, or END. Looks no further than twice the line's length: a text may have only one of the two. */
static const char *end_of_line(const char *s, const char *end) {
    size_t window = 256;
    for (const char *at = s; at < end; window *= 2) {
        size_t n = window < (size_t)(end - at) ? window : (size_t)(end - at);
        const char *newline = memchr(at, '\n', n);
        const char *carriage = memchr(at, '\r', newline ? (size_t)(newline - at) : n);
        if (newline || carriage) {
            return carriage ? carriage : newline;
        }
        at += n;
    }
    return end;
}

size_t lines_length(const char *s, size_t n, size_t *next) {
    const char *end = end_of_line(s, s + n);
    size_t length = (size_t)(end - s);
    bool pair = length + 1 < n && end[0] == '\r' && end[1] == '\n';
    *next = length == n ? n : length + 1 + pair;
    return length;
}

size_t lines_count(const char *s, size_t n) {
    size_t count = 0;
    for (size_t at = 0; at < n; count++) {
        size_t next;
        lines_length(s + at, n - at, &next);
        at += next;
    }
    return count;
}

void lines_index(const char *s, size_t n, uint32_t *starts) {
    size_t i = 0;
    for (size_t at = 0; at < n; i++) {
        size_t next;
        starts[i] = (uint32_t)at;
        lines_length(s + at, n - at, &next);
        at += next;
    }
}

size_t lines_at(const uint32_t *starts, size_t count, size_t byte) {
    size_t lo = 0, hi = count;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (starts[mid] <= byte) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo + 1;
}
