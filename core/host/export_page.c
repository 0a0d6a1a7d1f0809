/* export_page.c - a page of notes as an exporter gets it.
 *
 * The one idea: what many say is said once. A page carries the talks of its notes and the events of both by id, and
 * nothing that has no value. It knows nothing of jobs and of where exports go.
 */
#include "host/export_page.h"

/* What a compartment holds at once beside what it makes of it: as little as stays in a processor's cache, as much as makes
 * turns cheap. */
enum { PAGE_BYTES = 128 * 1024 };

static const struct value *fields_of(const struct value *names) {
    return value_is(names, VALUE_ARRAY) ? names : NULL;
}

/* The talks of a page of notes, by id, so that the exporter need not ask for each. */
static int add_talks(struct reader *r, const struct value *fields, struct arena *a, struct value *page,
                     struct err *err) {
    const struct value *items = value_get(page, "items");
    struct uuid *ids = arena_alloc(a, (items->len + 1) * 4 * sizeof *ids);
    size_t n = 0;
    for (size_t i = 0; i < items->len; i++) {
        const struct value *talks = value_get(value_at(items, i), "talks");
        for (size_t k = 0; value_is(talks, VALUE_ARRAY) && k < talks->len && n < (items->len + 1) * 4; k++) {
            const struct value *id = value_at(talks, k);
            if (value_is(id, VALUE_STR) && uuid_parse(id->s, id->len, &ids[n]))
                n++;
        }
    }
    struct value talks = value_map(a, (uint32_t)n);
    struct find f = {.type = "talk",
                     .limit = READ_PAGE_ITEMS,
                     .body = true,
                     .ids = ids,
                     .nids = n,
                     .budget = PAGE_BYTES,
                     .fields = fields_of(fields)};
    for (bool more = n > 0; more; more = f.after != NULL) {
        struct value found;
        int rc = read_find(r, &f, a, &found, err);
        if (rc)
            return rc;
        const struct value *list = value_get(&found, "items");
        for (size_t i = 0; i < list->len && talks.len < n; i++) /* each is found once: no search as in value_set */
            talks.pairs[talks.len++] = (struct pair){*value_get(value_at(list, i), "id"), *value_at(list, i)};
        f.after = value_cstr(value_get(&found, "after"), NULL);
    }
    value_set(a, page, "talks", talks);
    return 0;
}

static bool is_empty(const struct value *v, bool lists) {
    return v->kind == VALUE_NIL || (lists && (v->kind == VALUE_ARRAY || v->kind == VALUE_MAP) && v->len == 0);
}

/* What has no value is not sent: an exporter finds nothing there either way, and names are most of a page. The same of
 * empty LISTS, for one that says what it reads. */
static void drop_empty(struct value *v, bool lists) {
    uint32_t kept = 0;
    if (v->kind == VALUE_ARRAY) {
        for (uint32_t i = 0; i < v->len; i++)
            drop_empty(&v->items[i], lists);
    } else if (v->kind == VALUE_MAP) {
        for (uint32_t i = 0; i < v->len; i++) {
            if (is_empty(&v->pairs[i].val, lists))
                continue;
            drop_empty(&v->pairs[i].val, lists);
            v->pairs[kept++] = v->pairs[i];
        }
        v->len = kept;
    }
}

/* Notes and talks of a page mostly share an event: it is sent once, under its id, which stands in its place. */
static void take_event(struct arena *a, struct value *object, struct value *events) {
    for (uint32_t i = 0; i < object->len; i++) {
        struct value *event = &object->pairs[i].val;
        if (!value_eqs(&object->pairs[i].key, "event") || event->kind != VALUE_MAP)
            continue;
        const char *id = value_cstr(value_get(event, "id"), "");
        value_set(a, events, id, *event);
        *event = value_lit(id);
    }
}

static void share_events(struct arena *a, struct value *page) {
    struct value events = value_map(a, 4);
    for (uint32_t i = 0; i < page->len; i++) {
        struct value *part = &page->pairs[i].val;
        for (uint32_t k = 0; part->kind == VALUE_ARRAY && k < part->len; k++)
            take_event(a, &part->items[k], &events);
        for (uint32_t k = 0; part->kind == VALUE_MAP && k < part->len; k++)
            take_event(a, &part->pairs[k].val, &events);
    }
    value_set(a, page, "events", events);
}

int export_page_read(struct reader *r, const struct export_page *p, struct arena *a, struct value *page,
                     struct err *err) {
    struct find f = {.type = "note",
                     .query = p->query,
                     .limit = -1,
                     .after = p->after,
                     .body = true,
                     .budget = PAGE_BYTES,
                     .fields = fields_of(p->note_fields)};
    int rc = read_find(r, &f, a, page, err);
    rc = rc ? rc : add_talks(r, p->talk_fields, a, page, err);
    if (rc)
        return rc;
    bool lists = fields_of(p->note_fields) && fields_of(p->talk_fields);
    for (uint32_t i = 0; i < page->len; i++)
        drop_empty(&page->pairs[i].val, lists); /* items, talks stay */
    share_events(a, page);
    return 0;
}
