/* undo.c - a run taken back: the inverse of each of its journal rows, newest first, as changes of the current run.
 *
 * The one idea: undoing is an ordinary run. What was made goes to the trash, what was changed gets its values from
 * before, what was trashed comes back; the journal then has rows that undo the undoing. A run may be undone when
 * nothing it touched was changed later, save by runs that have been undone themselves.
 */
#include <string.h>

#include "base/msgpack.h"
#include "store/read_priv.h"
#include "store/store_priv.h"

struct found_run {
    int64_t n;
    struct uuid id;
    int64_t operations, undone, undoes;
};

static const char *short_run(const struct uuid *id, char text[UUID_TEXT + 1]) {
    uuid_text(id, text);
    text[8] = '\0';
    return text;
}

/* ---- which run --------------------------------------------------------------------------------------------------- */

static int read_run_row(struct store *s, sqlite3_stmt *st, struct found_run *run, struct err *err) {
    int rc = db_step(&s->db, st, err);
    if (rc == 1) {
        run->n = col_int(st, 0);
        col_uuid(st, 1, &run->id);
        run->operations = col_int(st, 2);
        run->undone = col_int(st, 3);
        run->undoes = col_int(st, 4);
    }
    return rc;
}

static int newest_run(struct store *s, struct found_run *run, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT n, id, operations, undone, undoes FROM t_run WHERE operations > 0 AND undone "
                              "IS NULL "
                              "AND undoes IS NULL ORDER BY n DESC LIMIT 1",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    int rc = read_run_row(s, st, run, err);
    db_done(&s->db, st);
    return rc == 0 ? err_set(err, E_NOTFOUND, "there is nothing to undo") : rc < 0 ? rc : 0;
}

/* The ids that begin with DIGITS are those from LOW to HIGH. */
static void id_range(const char *digits, size_t count, struct uuid *low, struct uuid *high) {
    char text[2 * UUID_BYTES + 1];
    memset(text, '0', 2 * UUID_BYTES);
    memcpy(text, digits, count);
    hex_decode(text, 2 * UUID_BYTES, low->b, UUID_BYTES);
    memset(text, 'f', 2 * UUID_BYTES);
    memcpy(text, digits, count);
    hex_decode(text, 2 * UUID_BYTES, high->b, UUID_BYTES);
}

static int run_by_prefix(struct store *s, const char *text, struct found_run *run, struct err *err) {
    char digits[2 * UUID_BYTES + 1];
    struct found_run other;
    struct uuid low;
    struct uuid high;
    size_t count = resolve_digits(text, digits);
    if (count < 6) {
        return err_set(err, E_USAGE, "'%.60s' is no id of a run: give 6 digits or more (lectern runs)", text);
    }
    id_range(digits, count, &low, &high);
    sqlite3_stmt *st =
        db_sql(&s->db, "SELECT n, id, operations, undone, undoes FROM t_run WHERE id BETWEEN ?1 AND ?2 LIMIT 2", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_uuid(st, 1, &low);
    bind_uuid(st, 2, &high);
    int rc = read_run_row(s, st, run, err);
    int more = rc == 1 ? read_run_row(s, st, &other, err) : 0;
    db_done(&s->db, st);
    if (rc == 0) {
        return err_set(err, E_NOTFOUND, "there is no run '%.60s'", text);
    }
    return more == 1  ? err_set(err, E_USAGE, "several runs begin with '%.60s'", text)
           : more < 0 ? more
           : rc < 0   ? rc
                      : 0;
}

static int find_run(struct store *s, const char *text, struct found_run *run, struct err *err) {
    char id[UUID_TEXT + 1];
    int rc = text && *text ? run_by_prefix(s, text, run, err) : newest_run(s, run, err);
    if (rc) {
        return rc;
    }
    short_run(&run->id, id);
    if (run->undone) {
        return err_set(err, E_USAGE, "run %s was undone already", id);
    }
    return run->operations ? 0 : err_set(err, E_NOTFOUND, "run %s changed nothing", id);
}

/* ---- may it be undone -------------------------------------------------------------------------------------------- */

static int changed_since(struct store *s, int64_t n, const struct uuid *later, struct err *err) {
    char run[UUID_TEXT + 1];
    char id[UUID_TEXT + 1];
    struct entity_row row;
    int rc = entity_by_n(s, n, &row, err);
    if (rc < 0) {
        return rc;
    }
    short_run(&row.id, id);
    short_run(later, run);
    err_set(err, E_BUSY, "%s %s was changed since, by run %s", entity_name(row.type), id, run);
    return err_hint(err, "undo that one first: lectern undo %s", run);
}

/* Walk back from the newest journal row SEQ of N to a row of RUN; every row on the way must belong to a pair of a
 * later run and its undoing. */
static int check_chain(struct store *s, int64_t n, int64_t seq, int64_t run, struct err *err) {
    while (seq) {
        sqlite3_stmt *st = db_sql(&s->db,
                                  "SELECT j.run, j.prev, r.undone, r.undoes, r.id FROM journal j LEFT JOIN t_run r "
                                  "ON r.n = j.run "
                                  "WHERE j.seq = ?1",
                                  err);
        if (!st) {
            return -(int)err->code;
        }
        bind_int(st, 1, seq);
        int rc = db_step(&s->db, st, err);
        int64_t by = rc == 1 ? col_int(st, 0) : run;
        bool neutral = rc == 1 && (!col_null(st, 2) || col_int(st, 3) > run);
        struct uuid id = s->txn.run_id; /* of the run that is going on, which has no row yet */
        seq = rc == 1 ? col_int(st, 1) : 0;
        if (rc == 1 && !col_null(st, 4)) {
            col_uuid(st, 4, &id);
        }
        db_done(&s->db, st);
        if (rc < 0 || by == run) {
            return rc < 0 ? rc : 0;
        }
        if (!neutral) {
            return changed_since(s, n, &id, err);
        }
    }
    return 0;
}

static int check_untouched(struct store *s, int64_t run, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db,
                              "SELECT e.n, e.seq FROM (SELECT DISTINCT n FROM journal WHERE run = ?1) x JOIN entity "
                              "e ON e.n = x.n "
                              "JOIN journal j ON j.seq = e.seq WHERE j.run <> ?1",
                              err);
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, run);
    while ((rc = db_step(&s->db, st, err)) == 1) {
        int refused = check_chain(s, col_int(st, 0), col_int(st, 1), run, err);
        if (refused) {
            rc = refused;
            break;
        }
    }
    db_done(&s->db, st);
    return rc;
}

/* ---- inverse of what was changed, trashed, restored -------------------------------------------------------------- */

struct undoing {
    struct store *s;
    struct arena *a;
    struct value *done;
    struct cache told; /* n of what is in DONE */
};

static int tell(struct undoing *u, const struct entity_row *row, enum journal_op op, struct err *err) {
    int64_t at;
    if (cache_get(&u->told, 0, &row->n, sizeof row->n, &at)) {
        return 0;
    }
    cache_put(&u->told, u->a, 0, &row->n, sizeof row->n, 0);
    return done_add(u->s, row, op, u->a, u->done, err);
}

static int read_before(struct store *s, int64_t seq, struct arena *a, struct value *before, struct err *err) {
    sqlite3_stmt *st = db_sql(&s->db, "SELECT before FROM journal WHERE seq = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, seq);
    int rc = db_step(&s->db, st, err);
    rc = rc == 1 ? col_msgpack(&s->db, st, 0, a, before, err) : rc;
    db_done(&s->db, st);
    return rc;
}

static int put_back(struct undoing *u, struct entity_row *row, int64_t seq, enum journal_op op, struct err *err) {
    struct image im;
    struct value before = value_nil;
    uint64_t changed = 0;
    int rc = read_before(u->s, seq, u->a, &before, err);
    image_unpack(row->type, &before, &im);
    rc = rc ? rc : change_fields(u->s, row, &im, op, &changed, err);
    return rc || !changed ? rc : tell(u, row, op, err);
}

static int set_trash(struct undoing *u, struct entity_row *row, bool trash, struct err *err) {
    if ((row->deleted != 0) == trash) {
        return 0;
    }
    int rc = change_trash(u->s, row, trash, err);
    return rc ? rc : tell(u, row, trash ? JOURNAL_DELETE : JOURNAL_RESTORE, err);
}

/* What was settled is open again, and the other way round. */
static int turn_conflicts(struct undoing *u, struct entity_row *row, int64_t seq, struct err *err) {
    struct value before = value_nil;
    int rc = read_before(u->s, seq, u->a, &before, err);
    const struct value *settled = value_get(&before, "settled");
    const struct value *reopened = value_get(&before, "reopened");
    bool settle = value_is(reopened, VALUE_ARRAY);
    const struct value *ids = settle ? reopened : settled;
    if (rc || !value_is(ids, VALUE_ARRAY)) {
        return rc;
    }
    rc = change_resolve(u->s, row, ids, settle, err);
    return rc ? rc : tell(u, row, settle ? JOURNAL_RESOLVE : JOURNAL_CONFLICT, err);
}

static int invert(struct undoing *u, int64_t seq, int64_t n, enum journal_op op, struct err *err) {
    struct entity_row row;
    int rc = entity_by_n(u->s, n, &row, err);
    if (rc < 1) {
        return rc;
    }
    switch (op) {
    case JOURNAL_UPDATE:
    case JOURNAL_TAG:
        return put_back(u, &row, seq, op, err);
    case JOURNAL_DELETE:
        return set_trash(u, &row, false, err);
    case JOURNAL_RESTORE:
        return set_trash(u, &row, true, err);
    case JOURNAL_RESOLVE:
        return turn_conflicts(u, &row, seq, err);
    case JOURNAL_PURGE:
        err_set(err, E_USAGE, "what was purged cannot be brought back");
        return err_hint(err, "lectern runs lists earlier runs; lectern undo RUN takes one of them back");
    default:
        return 0;
    }
}

/* The journal grows while we read it, beyond the rows of RUN. */
static int invert_changes(struct undoing *u, int64_t run, struct err *err) {
    sqlite3_stmt *st =
        db_sql(&u->s->db, "SELECT seq, n, op FROM journal WHERE run = ?1 AND op <> 0 ORDER BY seq DESC", err);
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, run);
    while ((rc = db_step(&u->s->db, st, err)) == 1) {
        int failed = invert(u, col_int(st, 0), col_int(st, 1), (enum journal_op)col_int(st, 2), err);
        if (failed) {
            rc = failed;
            break;
        }
    }
    db_done(&u->s->db, st);
    return rc;
}

/* ---- inverse of what was made ------------------------------------------------------------------------------------ */

/* Does something live, made or imported by others, still need it? */
int undo_needed(struct store *s, const struct entity_row *row, int64_t *yes, struct err *err) {
    static const char *const sql[ENTITY_COUNT] = {
        [ENTITY_NOTE] = "SELECT EXISTS (SELECT 1 FROM origin o JOIN entity e ON e.n = o.source AND e.deleted IS NULL "
                        "WHERE o.n = ?1 "
                        "AND o.state = 0)",
        [ENTITY_TALK] = "SELECT EXISTS (SELECT 1 FROM origin o JOIN entity e ON e.n = o.source AND e.deleted IS NULL "
                        "WHERE o.n = ?1 "
                        "AND o.state = 0) OR EXISTS (SELECT 1 FROM note_talk x JOIN entity e ON e.n = x.note AND "
                        "e.deleted IS NULL "
                        "WHERE x.talk = ?1)",
        [ENTITY_EVENT] = "SELECT EXISTS (SELECT 1 FROM t_talk t JOIN entity e ON e.n = t.n AND e.deleted IS NULL WHERE "
                         "t.event = ?1) "
                         "OR EXISTS (SELECT 1 FROM t_note t JOIN entity e ON e.n = t.n AND e.deleted IS NULL WHERE "
                         "t.event = ?1) "
                         "OR EXISTS (SELECT 1 FROM t_session t JOIN entity e ON e.n = t.n AND e.deleted IS NULL "
                         "WHERE t.event = ?1) "
                         "OR EXISTS (SELECT 1 FROM t_event t JOIN entity e ON e.n = t.n AND e.deleted IS NULL WHERE "
                         "t.parent = ?1)",
        [ENTITY_SESSION] = "SELECT EXISTS (SELECT 1 FROM t_talk t JOIN entity e ON e.n = t.n AND e.deleted IS NULL "
                           "WHERE t.session = ?1)",
        [ENTITY_PERSON] =
            "SELECT EXISTS (SELECT 1 FROM t_appearance a JOIN entity e ON e.n = a.n AND e.deleted IS NULL "
            "WHERE a.person = ?1) OR EXISTS (SELECT 1 FROM t_note t JOIN entity e ON e.n = t.n AND "
            "e.deleted IS NULL WHERE t.author = ?1)",
        [ENTITY_SOURCE] = "SELECT 0 WHERE ?1",
    };
    sqlite3_stmt *st = db_sql(&s->db, sql[row->type], err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, row->n);
    int rc = db_step(&s->db, st, err);
    *yes = rc == 1 ? col_int(st, 0) : 0;
    db_done(&s->db, st);
    return rc < 0 ? rc : 0;
}

static int unmake(struct undoing *u, int64_t n, struct err *err) {
    struct entity_row row;
    int64_t still = 0;
    int rc = entity_by_n(u->s, n, &row, err);
    if (rc < 1) {
        return rc;
    }
    rc = undo_needed(u->s, &row, &still, err);
    return rc || still ? rc : set_trash(u, &row, true, err);
}

/* Sources first, then what refers to others before what is referred to. */
static int unmake_all(struct undoing *u, int64_t run, struct err *err) {
    sqlite3_stmt *st = db_sql(&u->s->db,
                              "SELECT j.n FROM journal j JOIN entity e ON e.n = j.n WHERE j.run = ?1 AND j.op = 0 "
                              "ORDER BY CASE e.type WHEN 5 THEN 0 WHEN 0 THEN 1 WHEN 1 THEN 2 WHEN 3 THEN 3 WHEN 4 "
                              "THEN 4 "
                              "ELSE 5 END, j.seq DESC",
                              err);
    int rc;
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, run);
    while ((rc = db_step(&u->s->db, st, err)) == 1) {
        int failed = unmake(u, col_int(st, 0), err);
        if (failed) {
            rc = failed;
            break;
        }
    }
    db_done(&u->s->db, st);
    return rc;
}

/* ---- the door ---------------------------------------------------------------------------------------------------- */

/* Who undid whom; the conflicts that the run recorded are settled, those of the run that is back are open again. */
static int mark_runs(struct store *s, const struct found_run *run, struct err *err) {
    int64_t now;
    int rc = txn_run(s, &now, err);
    s->txn.undoes = run->n;
    s->txn.dirty = true;
    rc = rc ? rc : db_run_with(&s->db, "UPDATE t_run SET undone = ?2 WHERE n = ?1", run->n, now, err);
    rc = rc ? rc
            : db_run_with(&s->db, "UPDATE conflict SET resolved = ?2 WHERE run = ?1 AND resolved IS NULL", run->n,
                          s->txn.at, err);
    if (!rc && run->undoes) {
        rc = db_run_with(&s->db, "UPDATE t_run SET undone = ?2 WHERE n = ?1", run->undoes, 0, err);
        rc = rc ? rc
                : db_run_with(&s->db, "UPDATE conflict SET resolved = ?2 WHERE run = ?1 AND resolved > 0", run->undoes,
                              0, err);
    }
    return rc;
}

int store_undo(struct store *s, const char *run_text, struct arena *a, struct value *done, struct err *err) {
    struct found_run run = {0};
    struct undoing u = {.s = s, .a = a, .done = done};
    int64_t before = s->txn.operations;
    if (!value_is(done, VALUE_ARRAY)) {
        *done = value_array(a, 8);
    }
    int rc = txn_need(s, err);
    rc = rc ? rc : find_run(s, run_text, &run, err);
    rc = rc ? rc : check_untouched(s, run.n, err);
    rc = rc ? rc : invert_changes(&u, run.n, err);
    rc = rc ? rc : unmake_all(&u, run.n, err);
    if (!rc && s->txn.operations == before) {
        rc = err_set(err, E_BUSY, "nothing of that run can be taken back: all of it is in use elsewhere");
    }
    return rc ? rc : mark_runs(s, &run, err);
}
