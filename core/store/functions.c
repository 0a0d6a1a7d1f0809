/* functions.c - the SQL functions that conditions on fields use.
 *
 * All are linear in their text and keep what they made of a constant argument between rows. They read nothing.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "base/text.h"
#include "store/functions_priv.h"
#include "store/regex.h"

/* lectern_words(text, words): are WORDS, a text_key between blanks, in a row in the key of TEXT? */
static void words_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const char *text = (const char *)sqlite3_value_text(argv[0]);
    const char *words = (const char *)sqlite3_value_text(argv[1]);
    if (!text || !words) {
        return;
    }
    struct buf key = BUF_INIT;
    buf_addc(&key, ' ');
    text_key(&key, text, (size_t)sqlite3_value_bytes(argv[0]));
    buf_addc(&key, ' ');
    sqlite3_result_int(context, strstr(key.data, words) != NULL);
    buf_release(&key);
}

/* What is no regular expression is looked for as it stands. */
struct pattern {
    bool literal;
    struct regex regex;
};

static struct pattern *compile(const char *text, size_t n) {
    struct pattern *p = mem_alloc(sizeof *p);
    p->literal = !regex_compile(&p->regex, text, n);
    return p;
}

static void regex_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const char *pattern = (const char *)sqlite3_value_text(argv[0]);
    const char *text = (const char *)sqlite3_value_text(argv[1]);
    if (!pattern || !text) {
        return;
    }
    struct pattern *p = sqlite3_get_auxdata(context, 0);
    struct pattern *made = p ? NULL : compile(pattern, (size_t)sqlite3_value_bytes(argv[0]));
    p = p ? p : made;
    bool found = p->literal ? strstr(text, pattern) != NULL
                            : regex_search(&p->regex, text, (size_t)sqlite3_value_bytes(argv[1]));
    sqlite3_result_int(context, found);
    if (made) {
        sqlite3_set_auxdata(context, 0, made, mem_free);
    }
}

/* A value as text to look in: of a list and a map, all that is in it. */
static void add_text(struct buf *out, const struct value *v) {
    switch ((enum value_kind)v->kind) {
    case VALUE_STR:
        buf_add(out, v->s, v->len);
        break;
    case VALUE_INT:
        buf_addf(out, "%lld", (long long)v->i);
        break;
    case VALUE_FLOAT:
        buf_addf(out, "%.15g", v->f);
        break;
    case VALUE_BOOL:
        buf_adds(out, value_tobool(v, false) ? "true" : "false");
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
        for (uint32_t i = 0; i < v->len; i++) {
            buf_adds(out, i ? "\n" : "");
            add_text(out, v->kind == VALUE_ARRAY ? &v->items[i] : &v->pairs[i].val);
        }
        break;
    default:
        break;
    }
}

/* lectern_field(extra, name): the text of the field that a source brought along under this name, in any case; NULL
 * where there is none. Values are bounded in depth by the reader of MessagePack. */
static void field_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    struct arena a = ARENA_INIT;
    struct buf text = BUF_INIT;
    struct value extra;
    const void *packed = sqlite3_value_blob(argv[0]);
    const char *name = (const char *)sqlite3_value_text(argv[1]);
    if (packed && name &&
        !msgpack_read(&a, packed, (size_t)sqlite3_value_bytes(argv[0]), &msgpack_limits_default, &extra, NULL)) {
        const struct value *fields = value_get(&extra, "fields");
        for (uint32_t i = 0; value_is(fields, VALUE_MAP) && i < fields->len; i++) {
            if (value_is(&fields->pairs[i].key, VALUE_STR) && strcasecmp(fields->pairs[i].key.s, name) == 0) {
                add_text(&text, &fields->pairs[i].val);
                sqlite3_result_text64(context, text.data, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
                break;
            }
        }
    }
    buf_release(&text);
    arena_release(&a);
}

/* lectern_inside(folded, text, ...): is FOLDED, of text_fold, anywhere in one of the texts, folded? */
static void inside_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    const char *needle = argc > 0 ? (const char *)sqlite3_value_text(argv[0]) : NULL;
    size_t n = needle ? (size_t)sqlite3_value_bytes(argv[0]) : 0;
    struct buf text = BUF_INIT;
    bool found = false;
    for (int i = 1; i < argc && needle && !found; i++) {
        const char *s = (const char *)sqlite3_value_text(argv[i]);
        buf_clear(&text);
        text_fold(&text, s ? s : "", s ? (size_t)sqlite3_value_bytes(argv[i]) : 0);
        found = s && text.len >= n && (n == 0 || memmem(text.data, text.len, needle, n) != NULL);
    }
    buf_release(&text);
    sqlite3_result_int(context, found);
}

static int add_fts5(sqlite3 *handle) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &st, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(st);
    }
    sqlite3_finalize(st);
    if (!api) {
        return rc == SQLITE_OK ? SQLITE_ERROR : rc;
    }
    rc = functions_add_rank(api);
    return rc == SQLITE_OK ? functions_add_tokenizer(api) : rc;
}

int functions_add(sqlite3 *handle) {
    static const struct {
        const char *name;
        int argc;
        void (*function)(sqlite3_context *context, int argc, sqlite3_value **argv);
    } ours[] = {
        {"lectern_words", 2, words_function}, {"lectern_regex", 2, regex_function},
        {"lectern_field", 2, field_function}, {"lectern_inside", -1, inside_function},
        {"lectern_key", 3, keys_function},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof ours / sizeof *ours && rc == SQLITE_OK; i++) {
        rc = sqlite3_create_function_v2(handle, ours[i].name, ours[i].argc,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, ours[i].function,
                                        NULL, NULL, NULL);
    }
    rc = rc == SQLITE_OK ? functions_add_text(handle) : rc;
    return rc == SQLITE_OK ? add_fts5(handle) : rc;
}
