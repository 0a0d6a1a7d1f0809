/* export_page.h - the pages of notes that an exporter is given. */
#ifndef LECTERN_HOST_EXPORT_PAGE_H
#define LECTERN_HOST_EXPORT_PAGE_H

#include "store/read.h"

struct export_page {
    const char *query, *after;                     /* NULL: all; from the beginning */
    const struct value *note_fields, *talk_fields; /* arrays of names; nil: everything */
};

/* {items: [note], after, talks: {id: talk}, events: {id: event}} in A: "event" of notes and talks is the id. 0 or negative. */
int export_page_read(struct reader *r, const struct export_page *p, struct arena *a, struct value *page,
                     struct err *err);

#endif
