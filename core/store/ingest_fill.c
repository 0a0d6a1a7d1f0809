/* ingest_fill.c - two sources about one talk: what one leaves open the other fills; what they disagree on is said.
 *
 * The one idea: nothing that is there is ever replaced here, only made more precise: a day gets its hour, a speaker a
 * role.
 */
#include <string.h>

#include "store/ingest_priv.h"
#include "store/names_priv.h"
#include "store/refs_priv.h"

/* SET is sorted, or nil. */
static bool holds(const struct value *set, int64_t n) {
    size_t low = 0;
    size_t high = value_is(set, VALUE_ARRAY) ? set->len : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->items[middle].i == n) {
            return true;
        }
        if (set->items[middle].i < n) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

struct value fill_sets(struct arena *a, const struct value *mine, const struct value *theirs,
                       const struct value *base) {
    struct value all = value_array(a, mine->len + theirs->len + 1);
    for (size_t i = 0; value_is(mine, VALUE_ARRAY) && i < mine->len; i++) {
        if (!holds(base, mine->items[i].i) || holds(theirs, mine->items[i].i)) {
            value_push(a, &all, mine->items[i]);
        }
    }
    for (size_t i = 0; value_is(theirs, VALUE_ARRAY) && i < theirs->len; i++) {
        if (!holds(base, theirs->items[i].i)) {
            value_push(a, &all, theirs->items[i]);
        }
    }
    return refs_sorted(all);
}

/* Rows [person, role, affiliations]: the same people in the same order, with what either knows of them; people that
 * only the source names are left out where the talk has its own list. */
static struct value fill_people(struct arena *a, const struct value *mine, const struct value *theirs) {
    struct value rows = value_array(a, mine->len);
    for (size_t i = 0; i < mine->len; i++) {
        struct value row = value_copy(a, &mine->items[i]);
        for (size_t k = 0; k < theirs->len; k++) {
            const struct value *other = &theirs->items[k];
            if (other->items[0].i != row.items[0].i) {
                continue;
            }
            for (int part = 1; part < 3; part++) {
                row.items[part] = row.items[part].kind == VALUE_NIL ? other->items[part] : row.items[part];
            }
        }
        value_push(a, &rows, row);
    }
    return rows;
}

/* "2017-10" and "2017-10-29": the longer one says the same and more. */
static bool more_precise(const struct value *mine, const struct value *theirs) {
    return value_is(mine, VALUE_STR) && value_is(theirs, VALUE_STR) && theirs->len > mine->len &&
           memcmp(theirs->s, mine->s, mine->len) == 0;
}

static bool same_name(const struct value *mine, const struct value *theirs) {
    struct buf x = BUF_INIT;
    struct buf y = BUF_INIT;
    names_key(mine->s, mine->len, &x);
    names_key(theirs->s, theirs->len, &y);
    bool same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}

static const char *title_of(const struct record *r) {
    return value_cstr(image_get(&r->form, F_TITLE), "");
}

void fill_contradiction(struct ingestion *g, const struct record *r, enum field_id f, const struct value *mine,
                        const struct value *theirs) {
    bool short_text =
        value_is(mine, VALUE_STR) && value_is(theirs, VALUE_STR) && mine->len <= 120 && theirs->len <= 120;
    if (short_text) {
        ingest_warn(g, r->line_start, "%s '%s': %s is '%s' here and '%s' in the source", entity_name(r->type),
                    title_of(r), fields[f].name, mine->s, theirs->s);
    } else {
        ingest_warn(g, r->line_start, "%s '%s': %s differs from what the source says", entity_name(r->type),
                    title_of(r), fields[f].name);
    }
}

static void fill_one(struct ingestion *g, const struct record *r, enum field_id f, const struct value *mine,
                     const struct value *theirs, struct image *take) {
    if (theirs->kind == VALUE_NIL || value_equal(mine, theirs)) {
        return;
    }
    if (mine->kind == VALUE_NIL || more_precise(mine, theirs)) {
        image_set(take, f, *theirs);
    } else if (f == F_TAGS || f == F_TALKS) {
        image_set(take, f, fill_sets(g->a, mine, theirs, &value_nil));
    } else if (f == F_SPEAKERS || f == F_PEOPLE) {
        image_set(take, f, fill_people(g->a, mine, theirs));
    } else if (value_is(mine, VALUE_STR) && value_is(theirs, VALUE_STR) &&
               (more_precise(theirs, mine) || same_name(mine, theirs))) {
        return;
    } else if (f < F_TALKS && f != F_BODY) {
        fill_contradiction(g, r, f, mine, theirs);
    }
}

void fill_image(struct ingestion *g, const struct record *r, const struct image *mine, const struct image *im,
                struct image *take) {
    for (int f = 0; f < F_COUNT; f++) {
        if (image_has(im, (enum field_id)f)) {
            fill_one(g, r, (enum field_id)f, image_get(mine, (enum field_id)f), &im->v[f], take);
        }
    }
}
