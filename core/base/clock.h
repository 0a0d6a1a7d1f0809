/* clock.h - the time, injectable for tests.
 *
 * LECTERN_NOW (an RFC 3339 instant) freezes the wall clock of every program; monotonic time always runs.
 */
#ifndef LECTERN_BASE_CLOCK_H
#define LECTERN_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_now_ms(void);   /* wall clock, milliseconds since 1970-01-01T00:00:00Z */
uint64_t clock_mono_us(void); /* monotonic, microseconds */
/* Freeze the wall clock at MS (tests); a negative MS lets it run. */
void clock_freeze(int64_t ms);

enum { CLOCK_TEXT = 32 };
/* "2026-03-01T09:30:00Z", and ".123" before the Z when there are milliseconds. */
void clock_rfc3339(int64_t ms, char out[CLOCK_TEXT]);
/* Parse RFC 3339 with Z or an offset. */
bool clock_parse_rfc3339(const char *s, size_t n, int64_t *ms);
/* A conference time as written: YYYY[-MM[-DD[(T| )HH:MM[:SS][ ](Z|+hh:mm|+hhmm)]]]. True when valid; *OUT gets the
 * contract's form (YYYY[-MM[-DD[THH:MM[offset]]]]), an offset only where one is stated. */
bool clock_parse_civil(const char *s, size_t n, char out[CLOCK_TEXT]);
/* "90s", "5m", "2h", "1d", "1w", "250ms" or a bare number of seconds. */
bool clock_parse_duration(const char *s, size_t n, int64_t *ms);

#endif
