/* Any text is a query: it parses, and a small store answers it, or says which value is none and where; SQL and the index
 * never complain. What is hidden, the trash, is never found. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"
#include "store/query.h"
#include "store/read.h"
#include "store/store.h"

static char folder[] = "/tmp/lectern-fuzz.XXXXXX";

static void remove_store(void) {
    static const char *const names[] = {"notes.db", "notes.db-wal", "notes.db-shm"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static struct store *empty_store(void) {
    struct store *s;
    struct err err;
    char path[64];
    err_init(&err);
    must(mkdtemp(folder) != NULL);
    atexit(remove_store);
    snprintf(path, sizeof path, "%s/notes.db", folder);
    struct store_options options = {.create = true, .migrate = true, .unsafe = true};
    if (store_open(path, &options, &s, &err) < 0) {
        fuzz_broken(err.message, path, 0);
    }
    return s;
}

static void put(struct store *s, const struct uuid *id, enum entity entity, enum op_kind kind, const char *title,
                const char *body) {
    struct arena a = ARENA_INIT;
    struct value done = value_array(&a, 1), fields = value_map(&a, 2);
    struct store_run run = {.command = "fuzz"};
    struct err err;
    char run_id[UUID_TEXT + 1];
    err_init(&err);
    value_set(&a, &fields, "title", value_str(&a, title));
    value_set(&a, &fields, entity == ENTITY_TALK ? "abstract" : "body", value_str(&a, body));
    struct op op = {.kind = kind, .entity = entity, .id = *id, .base_rev = -1, .body = &fields};
    must(store_begin(s, &run, &err) == 0 && store_apply(s, &op, 1, &a, &done, &err) == 0 &&
         store_commit(s, &run, run_id, &err) == 0);
    err_release(&err);
    arena_release(&a);
}

static void fill(struct store *s) {
    struct uuid ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = uuid4();
    }
    put(s, &ids[0], ENTITY_TALK, OP_PUT, "A zebra and C++", "rank of the body, o'neil a-b");
    put(s, &ids[1], ENTITY_NOTE, OP_PUT, "fts", "title body speakers tags \xe4\xb8\xad\xe6\x96\x87");
    put(s, &ids[2], ENTITY_NOTE, OP_PUT, "Hidden", "a zebra the title body 2017");
    put(s, &ids[2], ENTITY_NOTE, OP_DELETE, "Hidden", "");
    put(s, &ids[3], ENTITY_NOTE, OP_PUT, "a 0 1", "");
}

/* A value that its field cannot have, told with its column. */
static bool is_value(const struct err *err) {
    return err->code == E_USAGE && strncmp(err->at, "column ", 7) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    static struct store *s;
    static struct reader *r;
    if (!s) {
        s = empty_store();
        fill(s);
        r = store_reader_take(s);
    }
    if (n > 1024) {
        return 0;
    }
    struct arena a = ARENA_INIT;
    struct buf shown = BUF_INIT;
    struct value v;
    struct err err;
    err_init(&err);
    query_print(&shown, query_parse(&a, (const char *)p, n));
    char *text = arena_dup(&a, (const char *)p, n);
    static const char *const types[] = {"talk", "note", "event", "person", "session", "tag", "source"};
    struct find find = {.type = types[n % 7], .query = text, .limit = 5};
    if (read_find(r, &find, &a, &v, &err) < 0 && !is_value(&err)) {
        fuzz_broken(err.message, text, 0);
    }
    err_release(&err);
    v = value_nil;
    if (read_search(r, text, 5, &a, &v, &err) < 0 && !is_value(&err)) {
        fuzz_broken(err.message, text, 0);
    }
    struct value other;
    if (read_facets(r, &find, "event,year,tag", &a, &other, &err) < 0 && err.code != E_USAGE) {
        fuzz_broken(err.message, text, 0);
    }
    err_release(&err);
    if (read_suggest(r, text, &a, &other, &err) < 0) {
        fuzz_broken(err.message, text, 0);
    }
    for (uint32_t i = 0; value_is(&v, VALUE_ARRAY) && i < v.len; i++) {
        must(!value_eqs(value_get(value_at(&v, i), "title"), "Hidden"));
    }
    err_release(&err);
    buf_release(&shown);
    arena_release(&a);
    return 0;
}
