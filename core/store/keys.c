/* keys.c - random keys in two trees, a small one for the new and a large one; see keys_priv.h.
 *
 * The one idea: what is written in one commit is to lie close together. Knows nothing of what ids and hashes are for.
 */
#include "store/keys_priv.h"

#include "store/functions_priv.h"

enum { KEY_BYTES = 4, KIND_BIT = 32, PREFIX_BIT = 33, SLICE_BIT = 55 };

static const int64_t whole_n = (INT64_C(1) << KIND_BIT) - 1;

static int64_t key_of(const uint8_t *bytes, enum key_kind kind, int64_t n) {
    uint32_t first = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return (int64_t)(first >> 2) << PREFIX_BIT | (int64_t)kind << KIND_BIT | n;
}

void keys_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
    const uint8_t *bytes = argc == 3 ? sqlite3_value_blob(argv[0]) : NULL;
    if (bytes && sqlite3_value_bytes(argv[0]) >= KEY_BYTES) {
        enum key_kind kind = sqlite3_value_int(argv[1]) ? KEY_HASH : KEY_ID;
        sqlite3_result_int64(context, key_of(bytes, kind, sqlite3_value_int64(argv[2]) & whole_n));
    }
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

void keys_bind_id(sqlite3_stmt *st, const struct uuid *id) {
    bind_uuid(st, 1, id);
    bind_int(st, 2, key_of(id->b, KEY_ID, 0));
    bind_int(st, 3, key_of(id->b, KEY_ID, whole_n));
}

void keys_bind_ids(sqlite3_stmt *st, const struct uuid *low, const struct uuid *high) {
    bind_uuid(st, 1, low);
    bind_int(st, 2, key_of(low->b, KEY_ID, 0));
    bind_int(st, 3, key_of(high->b, KEY_ID, whole_n));
    bind_uuid(st, 4, high);
}

void keys_bind_hash(sqlite3_stmt *st, const uint8_t sha256[SHA256_BYTES]) {
    bind_blob(st, 1, sha256, SHA256_BYTES);
    bind_int(st, 2, key_of(sha256, KEY_HASH, 0));
    bind_int(st, 3, key_of(sha256, KEY_HASH, whole_n));
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

int keys_add_id(struct store *s, const struct uuid *id, int64_t n, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "INSERT INTO key_recent(k) VALUES(?1)", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, key_of(id->b, KEY_ID, n));
    return db_run(&s->db, st, err);
}

#define KEY_OF_SOURCE "SELECT lectern_key(sha256, ?2, n) FROM t_source WHERE n = ?1"

int keys_add_hash(struct store *s, int64_t n, struct err *err) {
    static const char sql[] = "INSERT INTO key_recent(k) " KEY_OF_SOURCE " AND length(sha256) >= 4";
    return db_run_with(&s->db, sql, n, KEY_HASH, err);
}

int keys_drop_hash(struct store *s, int64_t n, struct err *err) {
    static const char recent[] = "DELETE FROM key_recent WHERE k = (" KEY_OF_SOURCE ")";
    static const char settled[] = "DELETE FROM key_settled WHERE k = (" KEY_OF_SOURCE ")";
    int rc = db_run_with(&s->db, recent, n, KEY_HASH, err);
    return rc ? rc : db_run_with(&s->db, settled, n, KEY_HASH, err);
}

static int move_slice(struct store *s, int64_t slice, struct err *err) {
    static const char put[] = "INSERT INTO key_settled(k) SELECT k FROM key_recent WHERE k BETWEEN ?1 AND ?2";
    static const char away[] = "DELETE FROM key_recent WHERE k BETWEEN ?1 AND ?2";
    int64_t low = slice << SLICE_BIT;
    int64_t high = low | ((INT64_C(1) << SLICE_BIT) - 1);
    int rc = db_run_with(&s->db, put, low, high, err);
    return rc ? rc : db_run_with(&s->db, away, low, high, err);
}

int keys_settle(struct store *s, struct err *err) {
    int64_t end;
    int rc = s->txn.first_n ? txn_next_n(s, &end, err) : 0;
    if (rc || !s->txn.first_n || end <= KEYS_RECENT) {
        return rc; /* all are recent yet */
    }
    int64_t at = s->txn.first_n / KEYS_STEP;
    int64_t last = end / KEYS_STEP;
    for (at = last - at > KEYS_SLICES ? last - KEYS_SLICES : at; at < last && !rc; at++) {
        rc = move_slice(s, at % KEYS_SLICES, err);
    }
    return rc;
}

int keys_rebuild(struct db *db, struct err *err) {
    return db_exec(db,
                   "DELETE FROM key_recent; DELETE FROM key_settled; "
                   "INSERT INTO key_settled(k) SELECT k FROM (" KEYS_WANTED ") ORDER BY 1",
                   err);
}
