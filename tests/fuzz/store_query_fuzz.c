/* Any text is a query: it parses, and an empty store answers it without an error. */
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

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    static struct store *s;
    static struct reader *r;
    if (!s) {
        s = empty_store();
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
    static const char *const types[] = {"talk", "note", "event", "person"};
    struct find find = {.type = types[n % 4], .query = text, .limit = 5};
    if (read_find(r, &find, &a, &v, &err) < 0 || read_search(r, text, 5, &a, &v, &err) < 0) {
        fuzz_broken(err.message, text, 0);
    }
    err_release(&err);
    buf_release(&shown);
    arena_release(&a);
    return 0;
}
