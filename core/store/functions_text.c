/* functions_text.c - instr, replace, trim: SQLite's compare every place with the whole pattern, so that two texts of a
 * few megabytes keep a thread busy for hours, and nothing can stop a function. These do the same in linear time.
 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "store/functions_priv.h"

enum { TRIM_BYTES = 256 };

struct span {
    const char *p;
    size_t n;
};

/* False for NULL. Blobs count as bytes, as in SQLite. */
static bool take(sqlite3_value *v, struct span *out) {
    bool blob = sqlite3_value_type(v) == SQLITE_BLOB;
    out->p = blob ? sqlite3_value_blob(v) : (const char *)sqlite3_value_text(v);
    out->n = (size_t)sqlite3_value_bytes(v);
    if (!out->p) {
        out->p = "";
        out->n = 0;
    }
    return sqlite3_value_type(v) != SQLITE_NULL;
}

static const char *find(const char *p, size_t n, const struct span *what) {
    return what->n == 1 ? memchr(p, what->p[0], n) : memmem(p, n, what->p, what->n);
}

static void instr_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    struct span text, what;
    if (!take(argv[0], &text) || !take(argv[1], &what)) {
        return;
    }
    const char *found = find(text.p, text.n, &what);
    bool bytes = sqlite3_value_type(argv[0]) == SQLITE_BLOB && sqlite3_value_type(argv[1]) == SQLITE_BLOB;
    size_t before = found ? (size_t)(found - text.p) : 0;
    size_t place = bytes ? before : 0;
    for (size_t i = 0; !bytes && i < before; i++) {
        place += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    }
    sqlite3_result_int64(context, found ? (sqlite3_int64)place + 1 : 0);
}

static void replace_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    struct span text, what, with;
    if (!take(argv[0], &text) || !take(argv[1], &what) || !take(argv[2], &with)) {
        return;
    }
    size_t limit = (size_t)sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    struct buf out = BUF_INIT;
    const char *end = text.p + text.n;
    const char *found;
    while (what.n && out.len <= limit && (found = find(text.p, (size_t)(end - text.p), &what)) != NULL) {
        buf_add(&out, text.p, (size_t)(found - text.p));
        buf_add(&out, with.p, with.n);
        text.p = found + what.n;
    }
    buf_add(&out, text.p, (size_t)(end - text.p));
    if (out.len > limit) {
        sqlite3_result_error_toobig(context);
    } else {
        sqlite3_result_text64(context, out.data, out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    buf_release(&out);
}

static bool has_character(const struct span *set, const char *p, size_t n) {
    for (size_t at = 0, len; at < set->n; at += len) {
        text_utf8_next(set->p + at, set->n - at, &len);
        if (len == n && memcmp(set->p + at, p, n) == 0) {
            return true;
        }
    }
    return false;
}

static size_t last_character(const struct span *text) {
    size_t n = 1;
    while (n < text->n && n < 4 && ((unsigned char)text->p[text->n - n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

enum { TRIM_LEFT = 1, TRIM_RIGHT = 2 };
static const int trim_left = TRIM_LEFT, trim_right = TRIM_RIGHT, trim_both = TRIM_LEFT | TRIM_RIGHT;

static void trim_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    int sides = *(const int *)sqlite3_user_data(context);
    struct span text, set;
    if (!take(argv[0], &text) || !take(argv[1], &set)) {
        return;
    }
    if (set.n > TRIM_BYTES) {
        sqlite3_result_error(context, "trim takes at most 256 bytes of characters", -1);
        return;
    }
    size_t len;
    while (sides & TRIM_LEFT && text.n > 0 &&
           (text_utf8_next(text.p, text.n, &len), has_character(&set, text.p, len))) {
        text.p += len;
        text.n -= len;
    }
    while (sides & TRIM_RIGHT && text.n > 0 &&
           (len = last_character(&text), has_character(&set, text.p + text.n - len, len))) {
        text.n -= len;
    }
    sqlite3_result_text64(context, text.p, text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int functions_add_text(sqlite3 *handle) {
    static const struct {
        const char *name;
        int argc;
        const int *data;
        void (*function)(sqlite3_context *context, int argc, sqlite3_value **argv);
    } list[] = {
        {"instr", 2, NULL, instr_function},       {"replace", 3, NULL, replace_function},
        {"trim", 2, &trim_both, trim_function},   {"ltrim", 2, &trim_left, trim_function},
        {"rtrim", 2, &trim_right, trim_function},
    };
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list && rc == SQLITE_OK; i++) {
        rc = sqlite3_create_function_v2(handle, list[i].name, list[i].argc, FLAGS, (void *)(uintptr_t)list[i].data,
                                        list[i].function, NULL, NULL, NULL);
    }
    return rc;
}
