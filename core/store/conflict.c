/* conflict.c - what was changed here and upstream: what clashes, shown, and decided.
 *
 * The one idea: a row of the table keeps what they said and where both began; what clashes is computed each time from
 * that and what is here now, so it is never stale. Deciding is a change like any other: it can be taken back.
 */
#include <string.h>

#include "base/merge.h"
#include "store/objects_priv.h"
#include "store/read_priv.h"
#include "store/sync_priv.h"

enum { CONFLICTS_MAX = 1000 };

struct conflict {
    int64_t id, n, source, run, at;
    int64_t base_rev, theirs_rev; /* of a body, or 0 */
    struct value theirs;          /* map of fields in image form */
};

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static int load_text(struct db *db, int64_t n, int64_t rev, struct arena *a, struct text *out, struct err *err) {
    size_t len;
    *out = (struct text){"", 0};
    sqlite3_stmt *st = rev ? db_sql(db, "SELECT body FROM note_rev WHERE k = ?1", err) : NULL;
    if (!st) {
        return rev ? -(int)err->code : 0;
    }
    bind_int(st, 1, rev_key(n, rev));
    int rc = db_step(db, st, err);
    if (rc == 1) {
        const char *text = col_text(st, 0, &len);
        *out = (struct text){arena_dup(a, text, len), len};
    }
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

static int body_rev_of(struct db *db, int64_t n, int64_t *rev, struct err *err) {
    sqlite3_stmt *st = db_sql(db, "SELECT body_rev FROM t_note WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    int rc = db_step(db, st, err);
    *rev = rc == 1 ? col_int(st, 0) : 0;
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

/* The three texts of C merged once more; the caller releases m->text. */
static int merge_body(struct db *db, const struct conflict *c, enum merge_prefer prefer, struct arena *a,
                      struct merged *m, struct err *err) {
    struct text base;
    struct text mine;
    struct text theirs;
    int64_t rev = 0;
    *m = (struct merged){.text = BUF_INIT};
    int rc = body_rev_of(db, c->n, &rev, err);
    rc = rc ? rc : load_text(db, c->n, rev, a, &mine, err);
    rc = rc ? rc : load_text(db, c->n, c->base_rev, a, &base, err);
    rc = rc ? rc : load_text(db, c->n, c->theirs_rev, a, &theirs, err);
    if (!rc) {
        merge_texts(base, mine, theirs, prefer, a, m);
    }
    return rc;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* The open ones of N, or of all that lives where N is 0, oldest first. */
static int load_rows(struct db *db, int64_t n, struct arena *a, struct conflict **out, size_t *count, struct err *err) {
    size_t cap = 0;
    int rc;
    *count = 0;
    *out = NULL;
    sqlite3_stmt *st = db_sql(db,
                              "SELECT c.id, c.n, c.source, c.run, c.at, c.base_rev, c.theirs_rev, c.theirs FROM "
                              "conflict c JOIN entity e ON e.n = c.n AND e.deleted IS NULL WHERE c.resolved IS NULL "
                              "AND (?1 = 0 OR c.n = ?1) ORDER BY c.id",
                              err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, n);
    while ((rc = db_step(db, st, err)) == 1 && *count < CONFLICTS_MAX) {
        if (*count == cap) {
            struct conflict *more = arena_alloc(a, (2 * cap + 4) * sizeof *more);
            if (cap) {
                memcpy(more, *out, cap * sizeof *more);
            }
            *out = more;
            cap = 2 * cap + 4;
        }
        struct conflict *c = &(*out)[*count];
        *c = (struct conflict){.id = col_int(st, 0),
                               .n = col_int(st, 1),
                               .source = col_int(st, 2),
                               .run = col_int(st, 3),
                               .at = col_int(st, 4),
                               .base_rev = col_int(st, 5),
                               .theirs_rev = col_int(st, 6)};
        rc = col_msgpack(db, st, 7, a, &c->theirs, err);
        if (rc) {
            break;
        }
        ++*count;
    }
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static struct value text_value(struct arena *a, struct text t) {
    return value_strn(a, t.s, t.len);
}

static int64_t line_at(const struct buf *text, size_t at) {
    int64_t line = 1;
    for (const char *p = text->data; at && (p = memchr(p, '\n', (size_t)(text->data + at - p))); p++) {
        line++;
    }
    return line;
}

static int show_blocks(struct db *db, const struct conflict *c, struct arena *a, struct value *out,
                       struct value *marked, struct err *err) {
    struct merged m;
    *out = value_array(a, 2);
    *marked = value_nil;
    if (!c->theirs_rev) {
        return 0;
    }
    int rc = merge_body(db, c, MERGE_MINE, a, &m, err);
    for (size_t i = 0; i < m.clashes && !rc; i++) {
        struct value block = value_map(a, 4);
        value_set(a, &block, "line", value_int(line_at(&m.text, m.clash[i].at)));
        value_set(a, &block, "base", text_value(a, m.clash[i].base));
        value_set(a, &block, "mine", text_value(a, m.clash[i].mine));
        value_set(a, &block, "theirs", text_value(a, m.clash[i].theirs));
        value_push(a, out, block);
    }
    buf_release(&m.text);
    rc = rc ? rc : merge_body(db, c, MERGE_BOTH, a, &m, err);
    if (!rc) {
        *marked = value_strn(a, m.text.len ? m.text.data : "", m.text.len);
    }
    buf_release(&m.text);
    return rc;
}

static int show_fields(struct db *db, const struct conflict *c, struct arena *a, struct value *out, struct err *err) {
    static const struct get_options whole = {.body = true};
    struct value mine;
    struct value theirs;
    *out = value_array(a, 2);
    int rc = object_load(db, c->n, &whole, a, &mine, err);
    rc = rc ? rc : object_load(db, c->n, &whole, a, &theirs, err);
    rc = rc ? rc : object_with(db, c->n, &c->theirs, a, &theirs, err);
    for (uint32_t i = 0; !rc && value_is(&c->theirs, VALUE_MAP) && i < c->theirs.len; i++) {
        const char *name = value_cstr(&c->theirs.pairs[i].key, "");
        struct value field = value_map(a, 3);
        value_set(a, &field, "field", value_str(a, name));
        value_set(a, &field, "mine", *value_get(&mine, name));
        value_set(a, &field, "theirs", *value_get(&theirs, name));
        value_push(a, out, field);
    }
    return rc;
}

static int add_path(struct db *db, const struct conflict *c, struct arena *a, struct value *out, struct err *err) {
    sqlite3_stmt *st = db_sql(db, "SELECT path FROM t_source WHERE n = ?1", err);
    if (!st) {
        return -(int)err->code;
    }
    bind_int(st, 1, c->source);
    int rc = db_step(db, st, err);
    value_set(a, out, "path", rc == 1 ? object_text(a, st, 0) : value_nil);
    db_done(db, st);
    return rc < 0 ? rc : 0;
}

static int show(struct db *db, const struct conflict *c, struct arena *a, struct value *list, struct err *err) {
    static const char *const kept[] = {"type", "id", "short", "title", "rev"};
    struct value object;
    struct value shown = value_map(a, 10);
    struct value clashing;
    struct value blocks;
    struct value marked;
    int rc = object_load(db, c->n, &(struct get_options){.body = false}, a, &object, err);
    for (size_t i = 0; i < sizeof kept / sizeof *kept && !rc; i++) {
        value_set(a, &shown, kept[i], *value_get(&object, kept[i]));
    }
    rc = rc ? rc : add_path(db, c, a, &shown, err);
    rc = rc ? rc : show_fields(db, c, a, &clashing, err);
    rc = rc ? rc : show_blocks(db, c, a, &blocks, &marked, err);
    if (!rc) {
        value_set(a, &shown, "at", object_instant(a, c->at));
        value_set(a, &shown, "fields", clashing);
        value_set(a, &shown, "blocks", blocks);
        value_set(a, &shown, "marked", marked);
        value_push(a, list, shown);
    }
    return rc;
}

int read_conflicts(struct reader *r, const struct uuid *id, struct arena *a, struct value *out, struct err *err) {
    struct conflict *rows;
    size_t count = 0;
    int64_t n = 0;
    *out = value_array(a, 4);
    int rc = reading_begin(r, err);
    int found = !rc && id ? reading_entity(r, id, &n, NULL, err) : 1;
    rc = rc ? rc : found < 0 ? found : 0;
    if (!rc && found) {
        rc = load_rows(&r->db, n, a, &rows, &count, err);
    }
    for (size_t i = 0; i < count && !rc; i++) {
        rc = reading_stopped(r, err);
        rc = rc ? rc : show(&r->db, &rows[i], a, out, err);
    }
    reading_end(r);
    return rc;
}

/* ---- decided ----------------------------------------------------------------------------------------------------- */

/* What they said, as fields to take: a later row wins. */
static int take_theirs(struct store *s, const struct entity_row *row, const struct conflict *c, struct arena *a,
                       struct image *take, struct err *err) {
    struct image im;
    struct merged m;
    image_unpack(row->type, &c->theirs, &im);
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(&im, (enum field_id)f)) {
            image_set(take, (enum field_id)f, im.v[f]);
        }
    }
    if (!c->theirs_rev || row->type != ENTITY_NOTE) {
        return 0;
    }
    int rc = merge_body(&s->db, c, MERGE_THEIRS, a, &m, err);
    if (!rc) {
        image_set(take, F_BODY, value_strn(a, m.text.len ? m.text.data : "", m.text.len));
    }
    buf_release(&m.text);
    return rc;
}

static int wants_theirs(const struct op *op, bool *theirs, struct err *err) {
    const char *take = value_cstr(value_get(op->body, "take"), "");
    *theirs = strcmp(take, "theirs") == 0;
    return *theirs || strcmp(take, "mine") == 0 ? 0 : err_set(err, E_USAGE, "'take' wants \"mine\" or \"theirs\"");
}

int sync_resolve(struct store *s, const struct op *op, struct entity_row *row, struct arena *a, struct value *done,
                 struct err *err) {
    struct conflict *rows;
    struct image take = {0};
    uint64_t changed = 0;
    size_t count = 0;
    bool theirs;
    int rc = wants_theirs(op, &theirs, err);
    rc = rc ? rc : load_rows(&s->db, row->n, a, &rows, &count, err);
    if (!rc && !count) {
        return err_set(err, E_NOTFOUND, "there is no conflict in %s", entity_name(row->type));
    }
    struct value ids = value_array(a, (uint32_t)(rc ? 0 : count));
    for (size_t i = 0; !rc && i < count; i++) {
        value_push(a, &ids, value_int(rows[i].id));
        rc = theirs ? take_theirs(s, row, &rows[i], a, &take, err) : 0;
    }
    rc = rc || !theirs ? rc : change_fields(s, row, &take, JOURNAL_UPDATE, &changed, err);
    rc = rc ? rc : change_resolve(s, row, &ids, true, err);
    return rc ? rc : done_add(s, row, JOURNAL_RESOLVE, a, done, err);
}
