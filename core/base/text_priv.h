/* text_priv.h - tables of code points, shared by the text_*.c files. */
#ifndef LECTERN_BASE_TEXT_PRIV_H
#define LECTERN_BASE_TEXT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_range {
    uint32_t first;
    uint32_t last;
};

/* True when CP lies in one of the N ranges, which are sorted and do not overlap. */
bool text_in_ranges(uint32_t cp, const struct text_range *ranges, size_t n);

#endif
