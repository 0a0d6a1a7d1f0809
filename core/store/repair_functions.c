/* repair_functions.c - what the statements that mend a store ask of its values: are they whole, what do they name?
 *
 * The one idea: SQL cannot look into packed maps, so these functions do; they never fail, a damaged value is only not
 * what it should be.
 */
#include "base/clock.h"
#include "base/msgpack.h"
#include "base/text.h"
#include "store/attach_priv.h"
#include "store/names_priv.h"
#include "store/repair_priv.h"

enum { PACKED_MAX = 64 * 1024 * 1024 };

static void words_of(sqlite3_context *c, int argc, sqlite3_value **argv) {
    (void)argc;
    const char *s = (const char *)sqlite3_value_text(argv[0]);
    sqlite3_result_int64(c, s ? (int64_t)text_count_words(s, (size_t)sqlite3_value_bytes(argv[0])) : 0);
}

static void key_of(sqlite3_context *c, int argc, sqlite3_value **argv) {
    struct buf key = BUF_INIT;
    (void)argc;
    const char *s = (const char *)sqlite3_value_text(argv[0]);
    names_key(s ? s : "", s ? (size_t)sqlite3_value_bytes(argv[0]) : 0, &key);
    sqlite3_result_text(c, key.data, (int)key.len, SQLITE_TRANSIENT);
    buf_release(&key);
}

static bool unpack(sqlite3_value *packed, struct arena *a, struct value *out) {
    struct msgpack_limits limits = msgpack_limits_default;
    struct err no;
    err_init(&no);
    limits.bytes = PACKED_MAX;
    const void *p = sqlite3_value_blob(packed);
    bool ok = p && msgpack_read(a, p, (size_t)sqlite3_value_bytes(packed), &limits, out, &no) == 0;
    err_release(&no);
    return ok;
}

static void is_packed(sqlite3_context *c, int argc, sqlite3_value **argv) {
    struct arena a = ARENA_INIT;
    struct value v;
    (void)argc;
    sqlite3_result_int(c, sqlite3_value_type(argv[0]) == SQLITE_NULL || unpack(argv[0], &a, &v));
    arena_release(&a);
}

/* The revision of the text that a journal row goes back to, 0 where it names none. */
static void body_of(sqlite3_context *c, int argc, sqlite3_value **argv) {
    struct arena a = ARENA_INIT;
    struct value v;
    (void)argc;
    sqlite3_result_int64(c, unpack(argv[0], &a, &v) ? value_toint(value_get(&v, "body"), 0) : 0);
    arena_release(&a);
}

static void sha256_of(sqlite3_context *c, int argc, sqlite3_value **argv) {
    uint8_t sha[SHA256_BYTES];
    (void)argc;
    const void *p = sqlite3_value_blob(argv[0]);
    sha256(p ? p : "", (size_t)sqlite3_value_bytes(argv[0]), sha);
    sqlite3_result_blob(c, sha, sizeof sha, SQLITE_TRANSIENT);
}

/* (n, fields): has note n all content that they name? */
static void is_attached(sqlite3_context *c, int argc, sqlite3_value **argv) {
    struct arena a = ARENA_INIT;
    struct value v = value_nil;
    struct err no;
    bool all = true;
    (void)argc;
    err_init(&no);
    if (unpack(argv[1], &a, &v)) {
        (void)attach_complete(sqlite3_user_data(c), sqlite3_value_int64(argv[0]), &v, &all, &no);
    }
    sqlite3_result_int(c, all);
    err_release(&no);
    arena_release(&a);
}

/* (n, fields): them, with the attachments that note n has. */
static void without_missing(sqlite3_context *c, int argc, sqlite3_value **argv) {
    struct arena a = ARENA_INIT;
    struct value v = value_nil;
    struct value left = value_nil;
    struct buf packed = BUF_INIT;
    struct err no;
    (void)argc;
    err_init(&no);
    if (unpack(argv[1], &a, &v)) {
        struct value kept = value_map(&a, v.len);
        (void)attach_there(sqlite3_user_data(c), sqlite3_value_int64(argv[0]), value_get(&v, "attachments"), &a, &left,
                           &no);
        for (uint32_t i = 0; i < v.len; i++) {
            const struct pair *p = &v.pairs[i];
            bool list = value_eqs(&p->key, "attachments");
            if (value_is(&p->key, VALUE_STR) && !(list && value_is(&left, VALUE_NIL))) {
                value_set(&a, &kept, p->key.s, list ? left : p->val);
            }
        }
        msgpack_write(&packed, &kept);
    }
    if (packed.len > 1) { /* of nothing only the head is left */
        sqlite3_result_blob64(c, packed.data, packed.len, SQLITE_TRANSIENT);
    }
    buf_release(&packed);
    err_release(&no);
    arena_release(&a);
}

static void now(sqlite3_context *c, int argc, sqlite3_value **argv) {
    (void)argc, (void)argv;
    sqlite3_result_int64(c, clock_now_ms());
}

void rescue_functions(struct db *db) {
    static const struct {
        const char *name;
        int arguments;
        void (*fn)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"rescue_words", 1, words_of},
        {"rescue_key", 1, key_of},
        {"rescue_packed", 1, is_packed},
        {"rescue_body", 1, body_of},
        {"rescue_now", 0, now},
        {"rescue_sha256", 1, sha256_of},
        {"rescue_attached", 2, is_attached},
        {"rescue_without", 2, without_missing},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        sqlite3_create_function(db->handle, functions[i].name, functions[i].arguments, SQLITE_UTF8, db, functions[i].fn,
                                NULL, NULL);
    }
}
