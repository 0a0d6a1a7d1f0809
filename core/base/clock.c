/* clock.c - times read, written and told.
 *
 * The one idea: calendar arithmetic is ours (proleptic Gregorian, UTC, no leap seconds, no zone database), because the
 * C library's reads files that a sealed compartment cannot open. A zone is only ever what the text states.
 */
#include "base/clock.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t unread = INT64_MIN;
static const int64_t running = -1;
static _Atomic int64_t frozen = INT64_MIN; /* milliseconds, or one of the two above */

enum { MS_A_SECOND = 1000, SECONDS_A_DAY = 86400 };

/* ---- the calendar ---------------------------------------------------------------------------------------------- */

struct civil {
    int year, month, day;
    int hour, minute, second, ms;
    bool has_offset;
    int offset; /* minutes east of UTC */
};

/* Days from 1970-01-01. Years are counted from March so that the leap day is the last of its year, in eras of 400
 * years, which repeat exactly. */
static int64_t days_of(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_of_days(int64_t days, struct civil *c) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    c->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    c->month = (int)(month < 10 ? month + 3 : month - 9);
    c->year = (int)(year_of_era + era * 400 + (c->month <= 2));
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct cursor {
    const char *s;
    size_t n;
};

static bool take(struct cursor *c, const char *set) {
    if (c->n == 0 || c->s[0] == '\0' || !strchr(set, c->s[0])) {
        return false;
    }
    c->s++;
    c->n--;
    return true;
}

/* Exactly DIGITS digits with a value from LEAST to MOST. */
static bool take_number(struct cursor *c, size_t digits, int least, int most, int *out) {
    int value = 0;
    if (c->n < digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)c->s[i])) {
            return false;
        }
        value = value * 10 + (c->s[i] - '0');
    }
    c->s += digits;
    c->n -= digits;
    *out = value;
    return value >= least && value <= most;
}

static bool take_day(struct cursor *c, struct civil *t) {
    return take_number(c, 2, 1, 31, &t->day) && t->day <= days_in_month(t->year, t->month);
}

static bool take_minutes(struct cursor *c, struct civil *t) {
    return take_number(c, 2, 0, 23, &t->hour) && take(c, ":") && take_number(c, 2, 0, 59, &t->minute);
}

/* Z, +hh:mm, and +hhmm where LOOSE. */
static bool take_offset(struct cursor *c, bool loose, struct civil *t) {
    int hours;
    int minutes;
    t->has_offset = true;
    t->offset = 0;
    if (take(c, "Zz")) {
        return true;
    }
    bool west = c->n > 0 && c->s[0] == '-';
    if (!take(c, "+-") || !take_number(c, 2, 0, 23, &hours) || !(take(c, ":") || loose) ||
        !take_number(c, 2, 0, 59, &minutes)) {
        return false;
    }
    t->offset = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

/* Any number of digits after the point; what is finer than a millisecond is dropped. */
static bool take_fraction(struct cursor *c, struct civil *t) {
    int unit = 100;
    int digit;
    if (!take_number(c, 1, 0, 9, &digit)) {
        return false;
    }
    do {
        t->ms += digit * unit;
        unit /= 10;
    } while (take_number(c, 1, 0, 9, &digit));
    return true;
}

static int64_t ms_of(const struct civil *t) {
    int64_t seconds = days_of(t->year, t->month, t->day) * SECONDS_A_DAY;
    seconds += t->hour * 3600 + t->minute * 60 + t->second - t->offset * 60;
    return seconds * MS_A_SECOND + t->ms;
}

bool clock_parse_rfc3339(const char *s, size_t n, int64_t *ms) {
    struct cursor c = {s, n};
    struct civil t = {0};
    bool ok = take_number(&c, 4, 0, 9999, &t.year) && take(&c, "-") && take_number(&c, 2, 1, 12, &t.month) &&
              take(&c, "-") && take_day(&c, &t) && take(&c, "Tt ") && take_minutes(&c, &t) && take(&c, ":") &&
              take_number(&c, 2, 0, 60, &t.second);
    if (!ok || (take(&c, ".") && !take_fraction(&c, &t)) || !take_offset(&c, false, &t) || c.n > 0) {
        return false;
    }
    *ms = ms_of(&t);
    return true;
}

/* The parts after the date: "T10:00", seconds, which the contract's form leaves out, and an offset if there is one. */
static bool take_time(struct cursor *c, struct civil *t) {
    if (!take_minutes(c, t) || (take(c, ":") && !take_number(c, 2, 0, 60, &t->second))) {
        return false;
    }
    return c->n == 0 || ((take(c, " ") || true) && take_offset(c, true, t));
}

static void write_civil(const struct civil *t, bool month, bool day, bool time, char out[CLOCK_TEXT]) {
    int n = snprintf(out, CLOCK_TEXT, "%04d", t->year);
    if (month) {
        n += snprintf(out + n, CLOCK_TEXT - (size_t)n, "-%02d", t->month);
    }
    if (day) {
        n += snprintf(out + n, CLOCK_TEXT - (size_t)n, "-%02d", t->day);
    }
    if (time) {
        n += snprintf(out + n, CLOCK_TEXT - (size_t)n, "T%02d:%02d", t->hour, t->minute);
    }
    if (t->has_offset && t->offset == 0) {
        snprintf(out + n, CLOCK_TEXT - (size_t)n, "Z");
    } else if (t->has_offset) {
        int minutes = abs(t->offset);
        snprintf(out + n, CLOCK_TEXT - (size_t)n, "%c%02d:%02d", t->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

bool clock_parse_civil(const char *s, size_t n, char out[CLOCK_TEXT]) {
    struct cursor c = {s, n};
    struct civil t = {0};
    if (!take_number(&c, 4, 1, 9999, &t.year)) {
        return false;
    }
    bool month = take(&c, "-");
    if (month && !take_number(&c, 2, 1, 12, &t.month)) {
        return false;
    }
    bool day = month && take(&c, "-");
    if (day && !take_day(&c, &t)) {
        return false;
    }
    bool time = day && take(&c, "Tt ");
    if ((time && !take_time(&c, &t)) || c.n > 0) {
        return false;
    }
    write_civil(&t, month, day, time, out);
    return true;
}

struct unit {
    const char *name;
    int64_t ms;
};

static int64_t unit_ms(const char *s, size_t n) {
    static const struct unit units[] = {{"", 1000},     {"ms", 1},       {"s", 1000},     {"m", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {"w", 604800000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == n && memcmp(units[i].name, s, n) == 0) {
            return units[i].ms;
        }
    }
    return 0;
}

bool clock_parse_duration(const char *s, size_t n, int64_t *ms) {
    int64_t value = 0;
    size_t i = 0;
    for (; i < n && isdigit((unsigned char)s[i]); i++) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, s[i] - '0', &value)) {
            return false;
        }
    }
    int64_t unit = unit_ms(s + i, n - i);
    return i > 0 && unit > 0 && !__builtin_mul_overflow(value, unit, ms);
}

/* ---- writing and telling --------------------------------------------------------------------------------------- */

void clock_rfc3339(int64_t ms, char out[CLOCK_TEXT]) {
    static const int64_t first = -62167219200000; /* 0000-01-01T00:00:00Z */
    static const int64_t last = 253402300799999;  /* 9999-12-31T23:59:59.999Z */
    ms = ms < first ? first : ms > last ? last : ms;
    int64_t day_ms = (int64_t)SECONDS_A_DAY * MS_A_SECOND;
    int64_t days = (ms >= 0 ? ms : ms - (day_ms - 1)) / day_ms;
    int rest = (int)(ms - days * day_ms);
    struct civil t;
    civil_of_days(days, &t);
    int n = snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day, rest / 3600000,
                     rest / 60000 % 60, rest / 1000 % 60);
    if (rest % MS_A_SECOND) {
        snprintf(out + n, CLOCK_TEXT - (size_t)n, ".%03dZ", rest % MS_A_SECOND);
    } else {
        snprintf(out + n, CLOCK_TEXT - (size_t)n, "Z");
    }
}

static int64_t read_frozen(void) {
    int64_t ms;
    const char *now = getenv("LECTERN_NOW");
    return now && clock_parse_rfc3339(now, strlen(now), &ms) && ms >= 0 ? ms : running;
}

int64_t clock_now_ms(void) {
    int64_t at = atomic_load(&frozen);
    if (at == unread) {
        at = read_frozen();
        atomic_store(&frozen, at);
    }
    if (at != running) {
        return at;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_A_SECOND + now.tv_nsec / 1000000;
}

uint64_t clock_mono_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void clock_freeze(int64_t ms) {
    atomic_store(&frozen, ms < 0 ? running : ms);
}
