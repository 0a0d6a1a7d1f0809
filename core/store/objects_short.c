/* objects_short.c - ids as people type them: the first digits, so many that no other id of the store begins with them. */
#include <string.h>

#include "store/objects_priv.h"

enum { SHORT_DIGITS = 8, SHORT_BYTES = SHORT_DIGITS / 2 };

static unsigned digit(const struct uuid *id, unsigned i) {
    return i % 2 ? id->b[i / 2] & 15u : (unsigned)id->b[i / 2] >> 4;
}

static unsigned common_digits(const struct uuid *a, const struct uuid *b) {
    unsigned n = 0;
    while (n < 2 * UUID_BYTES && digit(a, n) == digit(b, n)) {
        n++;
    }
    return n;
}

/* Length of the text of the first DIGITS digits, hyphens before the digits 8, 12, 16 and 20 included. */
static size_t text_length(unsigned digits) {
    return digits + (digits > 8) + (digits > 12) + (digits > 16) + (digits > 20);
}

int object_short(struct db *db, const struct uuid *id, struct arena *a, struct value *out, struct err *err) {
    struct uuid low = {{0}};
    struct uuid high;
    memcpy(low.b, id->b, SHORT_BYTES);
    memset(high.b, 0xff, sizeof high.b);
    memcpy(high.b, id->b, SHORT_BYTES);
    sqlite3_stmt *st = db_sql(db, "SELECT id FROM entity WHERE id BETWEEN ?1 AND ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_uuid(st, 1, &low);
    bind_uuid(st, 2, &high);
    unsigned digits = SHORT_DIGITS;
    int rc;
    while ((rc = db_step(db, st, err)) == 1) {
        struct uuid other;
        if (col_uuid(st, 0, &other) && !uuid_equal(&other, id)) {
            unsigned common = common_digits(id, &other);
            digits = common + 1 > digits ? common + 1 : digits;
        }
    }
    db_done(db, st);
    char text[UUID_TEXT + 1];
    uuid_text(id, text);
    *out = value_strn(a, text, text_length(digits));
    return rc;
}
