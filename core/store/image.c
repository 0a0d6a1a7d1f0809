/* image.c - the rows of one entity as an image, and back.
 *
 * The one idea: each type is a table of columns named as the fields, so loading, saving and comparing are loops over
 * field ids. Lists live in tables of their own (image_lists.c). Nothing here checks, journals or indexes.
 */
#include "store/image_priv.h"

#include <string.h>

#include "base/msgpack.h"
#include "store/image_lists_priv.h"

struct table {
    const char *select; /* the columns, then extra where EXTRA */
    const char *insert; /* n, the columns, extra, words where WORDS */
    const char *update; /* the same parameters */
    bool extra, words;
    uint64_t lists; /* fields kept in other tables */
    uint8_t columns[16];
    size_t ncolumns;
};

#define BIT(f) (UINT64_C(1) << (f))

static const struct table tables[ENTITY_COUNT] = {
    [ENTITY_NOTE] =
        {"SELECT kind, title, author, event, part_of, ord, lang, body_rev, extra FROM t_note WHERE n = ?1",
         "INSERT INTO t_note(n, kind, title, author, event, part_of, ord, lang, body_rev, extra, words) "
         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
         "UPDATE t_note SET kind=?2, title=?3, author=?4, event=?5, part_of=?6, ord=?7, lang=?8, body_rev=?9, "
         "extra=?10, "
         "words=coalesce(?11, words) WHERE n = ?1",
         true,
         true,
         BIT(F_TALKS) | BIT(F_PEOPLE) | BIT(F_TAGS),
         {F_KIND, F_TITLE, F_AUTHOR, F_EVENT, F_PART_OF, F_ORD, F_LANG, F_BODY},
         8},
    [ENTITY_TALK] =
        {"SELECT kind, kind_as_written, title, event, session, start, \"end\", room, building, url, slides_url, "
         "video_url, lang, "
         "abstract, extra FROM t_talk WHERE n = ?1",
         "INSERT INTO t_talk(n, kind, kind_as_written, title, event, session, start, \"end\", room, building, url, "
         "slides_url, "
         "video_url, lang, abstract, extra) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
         "UPDATE t_talk SET kind=?2, kind_as_written=?3, title=?4, event=?5, session=?6, start=?7, \"end\"=?8, "
         "room=?9, "
         "building=?10, url=?11, slides_url=?12, video_url=?13, lang=?14, abstract=?15, extra=?16 WHERE n = ?1",
         true,
         false,
         BIT(F_SPEAKERS) | BIT(F_AWARDS) | BIT(F_TAGS),
         {F_KIND, F_KIND_AS_WRITTEN, F_TITLE, F_EVENT, F_SESSION, F_START, F_END, F_ROOM, F_BUILDING, F_URL,
          F_SLIDES_URL, F_VIDEO_URL, F_LANG, F_ABSTRACT},
         14},
    [ENTITY_EVENT] =
        {"SELECT slug, name, full_name, series, year, start, \"end\", place, url, parent, "
         "extra FROM t_event WHERE n = ?1",
         "INSERT INTO t_event(n, slug, name, full_name, series, year, start, \"end\", place, url, parent, extra) "
         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
         "UPDATE t_event SET slug=?2, name=?3, full_name=?4, series=?5, year=?6, start=?7, \"end\"=?8, place=?9, "
         "url=?10, "
         "parent=?11, extra=?12 WHERE n = ?1",
         true,
         false,
         BIT(F_AWARDS) | BIT(F_ALIASES),
         {F_SLUG, F_NAME, F_FULL_NAME, F_SERIES, F_YEAR, F_START, F_END, F_PLACE, F_URL, F_PARENT},
         10},
    [ENTITY_SESSION] =
        {"SELECT event, name, start, \"end\", room, ord, extra FROM t_session WHERE n = ?1",
         "INSERT INTO t_session(n, event, name, start, \"end\", room, ord, extra) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
         "UPDATE t_session SET event=?2, name=?3, start=?4, \"end\"=?5, room=?6, ord=?7, extra=?8 WHERE n = ?1",
         true,
         false,
         0,
         {F_EVENT, F_NAME, F_START, F_END, F_ROOM, F_ORD},
         6},
    [ENTITY_PERSON] = {"SELECT name, affiliations, extra FROM t_person WHERE n = ?1",
                       "INSERT INTO t_person(n, name, affiliations, extra) VALUES(?1,?2,?3,?4)",
                       "UPDATE t_person SET name=?2, affiliations=?3, extra=?4 WHERE n = ?1",
                       true,
                       false,
                       BIT(F_AWARDS) | BIT(F_ALIASES),
                       {F_NAME, F_AFFILIATIONS},
                       2},
    [ENTITY_SOURCE] =
        {"SELECT path, importer, version, sha256, bytes, bom, encoding, text_bytes, imported, copy, gaps_bytes, gaps, "
         "stamp "
         "FROM t_source WHERE n = ?1",
         "INSERT INTO t_source(n, path, importer, version, sha256, bytes, bom, encoding, text_bytes, imported, copy, "
         "gaps_bytes, "
         "gaps, stamp) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
         "UPDATE t_source SET path=?2, importer=?3, version=?4, sha256=?5, bytes=?6, bom=?7, encoding=?8, "
         "text_bytes=?9, "
         "imported=?10, copy=?11, gaps_bytes=?12, gaps=?13, stamp=?14 WHERE n = ?1",
         false,
         false,
         BIT(F_ORIGINS),
         {F_PATH, F_IMPORTER, F_VERSION, F_SHA256, F_BYTES, F_BOM, F_ENCODING, F_TEXT_BYTES, F_IMPORTED, F_COPY,
          F_GAPS_BYTES, F_GAPS, F_STAMP},
         13},
};

static const enum field_id extras[] = {F_FIELDS, F_LINKS, F_QUESTIONS, F_ATTACHMENTS};
enum { EXTRAS = sizeof extras / sizeof *extras };

const struct value *image_get(const struct image *im, enum field_id f) {
    return image_has(im, f) ? &im->v[f] : &value_nil;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

static int load_extra(struct db *db, sqlite3_stmt *st, int i, struct arena *a, struct image *im, struct err *err) {
    struct value extra;
    int rc = col_msgpack(db, st, i, a, &extra, err);
    for (size_t k = 0; !rc && k < EXTRAS; k++) {
        image_set(im, extras[k], *value_get(&extra, fields[extras[k]].name));
    }
    return rc;
}

int image_load(struct db *db, enum entity type, int64_t n, struct arena *a, struct image *im, struct err *err) {
    const struct table *t = &tables[type];
    sqlite3_stmt *st = db_sql(db, t->select, err);
    if (!st) {
        return -(int)err->code;
    }
    im->present = 0;
    bind_int(st, 1, n);
    int rc = db_step(db, st, err);
    if (rc == 0) {
        rc = err_set(err, E_STORE, "store '%s' is damaged: %s %lld has no row", db->path, entity_name(type),
                     (long long)n);
    }
    for (size_t i = 0; rc == 1 && i < t->ncolumns; i++) {
        image_set(im, t->columns[i], col_value(st, (int)i, a));
    }
    if (rc == 1 && t->extra) {
        rc = load_extra(db, st, (int)t->ncolumns, a, im, err);
    }
    db_done(db, st);
    return rc < 0 ? rc : lists_load(db, t->lists, type, n, a, im, err);
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

static void bind_value(sqlite3_stmt *st, int i, const struct value *v) {
    switch (v->kind) {
    case VALUE_BOOL:
        bind_int(st, i, v->b);
        break;
    case VALUE_INT:
        bind_int(st, i, v->i);
        break;
    case VALUE_FLOAT:
        bind_real(st, i, v->f);
        break;
    case VALUE_STR:
        bind_text(st, i, v->s, v->len);
        break;
    case VALUE_BIN:
        bind_blob(st, i, v->s, v->len);
        break;
    default:
        sqlite3_bind_null(st, i);
    }
}

/* False where all of them are empty: the column is NULL then. */
static bool pack_extra(const struct image *im, struct buf *out) {
    uint32_t count = 0;
    for (size_t k = 0; k < EXTRAS; k++) {
        count += image_get(im, extras[k])->kind != VALUE_NIL;
    }
    if (!count) {
        return false;
    }
    msgpack_write_map(out, count);
    for (size_t k = 0; k < EXTRAS; k++) {
        const struct value *v = image_get(im, extras[k]);
        if (v->kind != VALUE_NIL) {
            msgpack_write_str(out, fields[extras[k]].name, strlen(fields[extras[k]].name));
            msgpack_write(out, v);
        }
    }
    return true;
}

static int save_row(struct db *db, const struct table *t, const char *sql, int64_t n, const struct image *im,
                    int64_t words, struct err *err) {
    struct buf extra = BUF_INIT;
    sqlite3_stmt *st = db_sql(db, sql, err);
    if (!st) {
        return -(int)err->code;
    }
    int at = 1;
    bind_int(st, at++, n);
    for (size_t i = 0; i < t->ncolumns; i++) {
        bind_value(st, at++, image_get(im, t->columns[i]));
    }
    if (t->extra && pack_extra(im, &extra)) {
        bind_blob(st, at, extra.data, extra.len);
    }
    if (t->words && words >= 0) {
        bind_int(st, at + 1, words);
    }
    int rc = db_run(db, st, err);
    buf_release(&extra);
    return rc;
}

int image_insert(struct db *db, enum entity type, int64_t n, const struct image *im, int64_t words, struct err *err) {
    const struct table *t = &tables[type];
    int rc = save_row(db, t, t->insert, n, im, words, err);
    return rc ? rc : lists_save(db, type, n, im, im->present, true, err);
}

static uint64_t column_bits(const struct table *t) {
    uint64_t bits = t->extra ? BIT(F_FIELDS) | BIT(F_LINKS) | BIT(F_QUESTIONS) | BIT(F_ATTACHMENTS) : 0;
    for (size_t i = 0; i < t->ncolumns; i++) {
        bits |= BIT(t->columns[i]);
    }
    return bits;
}

int image_update(struct db *db, enum entity type, int64_t n, const struct image *im, uint64_t changed, int64_t words,
                 struct err *err) {
    const struct table *t = &tables[type];
    int rc = changed & column_bits(t) ? save_row(db, t, t->update, n, im, words, err) : 0;
    return rc ? rc : lists_save(db, type, n, im, changed, false, err);
}

/* ---- for the journal --------------------------------------------------------------------------------------------- */

void image_pack(const struct image *im, uint64_t which, struct buf *out) {
    msgpack_write_map(out, (uint32_t)__builtin_popcountll(which));
    for (int f = 0; f < F_COUNT; f++) {
        if (which >> f & 1) {
            msgpack_write_str(out, fields[f].name, strlen(fields[f].name));
            msgpack_write(out, image_get(im, (enum field_id)f));
        }
    }
}

void image_unpack(enum entity type, const struct value *map, struct image *im) {
    enum field_id f;
    im->present = 0;
    for (size_t i = 0; value_is(map, VALUE_MAP) && i < map->len; i++) {
        const struct pair *p = &map->pairs[i];
        if (value_is(&p->key, VALUE_STR) && field_of(type, p->key.s, &f) == 0) {
            image_set(im, f, p->val);
        }
    }
}
