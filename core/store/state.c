/* state.c - small things a plugin wants to find again: one value for each key, at most 16 MiB a plugin.
 *
 * Not journaled and not undone: it is the plugin's memory, not the person's notes.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/form_priv.h"
#include "store/store_priv.h"

enum { STATE_MAX = 16 * 1024 * 1024, STATE_KEY_MAX = 256 };

static int check_key(const char *plugin, const char *key, struct err *err) {
    if (!key[0] || strlen(key) > STATE_KEY_MAX || !form_is_text(key, strlen(key)) || !plugin[0]) {
        return err_set(err, E_USAGE, "a key of the state wants 1 to %d bytes of text", STATE_KEY_MAX);
    }
    return 0;
}

static int others_bytes(struct store *s, const char *plugin, const char *key, int64_t *bytes, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&s->db, "SELECT total(length(value) + length(key)) FROM state WHERE plugin = ?1 AND key <> ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_str(st, 1, plugin);
    bind_str(st, 2, key);
    int rc = db_step(&s->db, st, err);
    *bytes = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

static int put(struct store *s, const char *plugin, const char *key, const struct value *v, struct err *err) {
    struct buf packed = BUF_INIT;
    int64_t others = 0;
    int rc = others_bytes(s, plugin, key, &others, err);
    msgpack_write(&packed, v);
    if (!rc && others + (int64_t)(packed.len + strlen(key)) > STATE_MAX) {
        rc = err_set(err, E_USAGE, "the state of plugin '%s' would exceed %d MiB", plugin, STATE_MAX / 1024 / 1024);
    }
    sqlite3_stmt *st = rc ? NULL
                          : db_sql(&s->db,
                                   "INSERT INTO state(plugin, key, value) VALUES(?1,?2,?3) ON CONFLICT(plugin, "
                                   "key) DO UPDATE SET value = ?3",
                                   err);
    if (!rc && !st) {
        rc = -(int)err->code;
    }
    if (st) {
        bind_str(st, 1, plugin);
        bind_str(st, 2, key);
        bind_blob(st, 3, packed.data, packed.len);
        rc = db_run(&s->db, st, err);
    }
    buf_release(&packed);
    return rc;
}

static int drop(struct store *s, const char *plugin, const char *key, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "DELETE FROM state WHERE plugin = ?1 AND key = ?2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_str(st, 1, plugin);
    bind_str(st, 2, key);
    return db_run(&s->db, st, err);
}

static int change(struct store *s, const char *plugin, const char *key, const struct value *v, struct err *err) {
    int rc = txn_need(s, err);
    rc = rc ? rc : value_is(v, VALUE_NIL) ? drop(s, plugin, key, err) : put(s, plugin, key, v, err);
    s->txn.dirty = s->txn.dirty || !rc;
    return rc;
}

int store_state_set(struct store *s, const char *plugin, const char *key, const struct value *v, struct err *err) {
    struct store_run none = {0};
    char id[UUID_TEXT + 1];
    int rc = check_key(plugin, key, err);
    if (rc || s->txn.open) {
        return rc ? rc : change(s, plugin, key, v, err);
    }
    rc = store_begin(s, &none, err);
    rc = rc ? rc : change(s, plugin, key, v, err);
    if (rc) {
        store_rollback(s);
        return rc;
    }
    return store_commit(s, &none, id, err);
}
