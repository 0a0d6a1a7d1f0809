/* keys_priv.h - things found by what comes in no order: an entity by its id, a source by the hash of its bytes.
 *
 * SQLite writes whole pages. In one tree of millions each random key lies on a page of its own, and an import would write
 * little else. So a key is in one of two trees: what is new goes into the small one, key_recent, and from there to
 * key_settled a slice of all possible keys at a time, whose places are neighbours. It is the turn of the next slice when
 * the numbers n pass a multiple of KEYS_STEP: nothing has to be remembered for that, and after KEYS_RECENT numbers each
 * had its turn.
 *
 * A key is one integer: 30 bits of the id or hash, one bit for which of them it is, 32 bits for n. It says where to look
 * and not what is there, so whoever asks compares the whole id or hash.
 */
#ifndef LECTERN_STORE_KEYS_PRIV_H
#define LECTERN_STORE_KEYS_PRIV_H

#include "store/store_priv.h"

enum { KEYS_STEP = 512, KEYS_SLICES = 256, KEYS_RECENT = KEYS_STEP * KEYS_SLICES };
enum key_kind { KEY_ID, KEY_HASH };

/* SQL, to be bound by keys_bind_id: COLUMNS of the entity e whose id is ?1. */
#define KEYS_BY_ID(columns)                                                                                            \
    KEYS_IN_("key_settled", columns, "= ?1") " UNION ALL " KEYS_IN_("key_recent", columns, "= ?1")
/* The same by keys_bind_ids, for all whose ids are from ?1 to ?4. */
#define KEYS_BY_IDS(columns)                                                                                           \
    KEYS_IN_("key_settled", columns, "BETWEEN ?1 AND ?4")                                                              \
    " UNION ALL " KEYS_IN_("key_recent", columns, "BETWEEN ?1 AND ?4")
/* By keys_bind_hash: COLUMNS of the source t, and of the entity e that it is, where the SHA-256 is ?1 and MORE holds. */
#define KEYS_BY_HASH(columns, more)                                                                                    \
    KEYS_OF_SOURCE_("key_settled", columns, more) " UNION ALL " KEYS_OF_SOURCE_("key_recent", columns, more)

#define KEYS_N_ "(k.k & 4294967295)"
#define KEYS_IN_(tree, columns, which)                                                                                 \
    "SELECT " columns " FROM " tree " k CROSS JOIN entity e ON e.n = " KEYS_N_ " WHERE k.k BETWEEN ?2 AND ?3 AND "     \
    "e.id " which
#define KEYS_OF_SOURCE_(tree, columns, more)                                                                           \
    "SELECT " columns " FROM " tree " k CROSS JOIN t_source t ON t.n = " KEYS_N_ " CROSS JOIN entity e ON e.n = t.n "  \
    "WHERE k.k BETWEEN ?2 AND ?3 AND t.sha256 = ?1 AND " more

/* SELECT of the keys that there have to be, and of what each is for: columns n, k. */
#define KEYS_WANTED                                                                                                    \
    "SELECT n, lectern_key(id, 0, n) AS k FROM entity UNION ALL SELECT n, lectern_key(sha256, 1, n) FROM t_source "    \
    "WHERE length(sha256) >= 4"

void keys_bind_id(sqlite3_stmt *st, const struct uuid *id);
void keys_bind_ids(sqlite3_stmt *st, const struct uuid *low, const struct uuid *high);
void keys_bind_hash(sqlite3_stmt *st, const uint8_t sha256[SHA256_BYTES]);

/* The id of a new entity. Whoever makes it has looked that nothing has it. */
int keys_add_id(struct store *s, const struct uuid *id, int64_t n, struct err *err);
/* The hash of source N: after its row was written, and away before its row is written again. No hash, no key. */
int keys_add_hash(struct store *s, int64_t n, struct err *err);
int keys_drop_hash(struct store *s, int64_t n, struct err *err);
/* Before a commit: the slices whose turn came with the entities that the transaction made. */
int keys_settle(struct store *s, struct err *err);
/* All keys anew, settled. */
int keys_rebuild(struct db *db, struct err *err);

/* In SQL lectern_key(bytes, kind, n), which is keys_function: the key, NULL where there are too few bytes. */

#endif
