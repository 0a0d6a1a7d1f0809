/* repair_priv.h - the steps of repairing: a readable copy, its rows, and their references. Inside core/store only. */
#ifndef LECTERN_STORE_REPAIR_PRIV_H
#define LECTERN_STORE_REPAIR_PRIV_H

#include "store/keep_priv.h"

struct rescue {
    const char *path;
    struct buf work;  /* a copy of the damaged file that may be changed */
    struct buf fresh; /* the new store */
    struct db old;
    struct reader made;  /* its connection writes; as a reader it is asked whether sources are whole */
    struct arena *arena; /* of the report */
    struct value found;  /* map: rows of each table */
    struct value lost;   /* list of lines */
    int64_t notes;
    struct err *err;
};

void rescue_lost(struct rescue *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* repair_file.c: make r->work a copy of the store that SQLite can open, grafting head and schema where they are gone. */
int rescue_copy(struct rescue *w);
/* repair_rows.c: every row that can be read from r->old into r->made. */
int rescue_rows(struct rescue *w);
/* Prepared: INSERT OR IGNORE of all columns of T. */
sqlite3_stmt *rescue_insert(struct rescue *w, const struct table_info *t);
/* Damaged bytes in a text become U+FFFD: the rest of it can still be read. */
void rescue_bind_text(sqlite3_stmt *to, int i, const char *s, size_t n);
/* repair_pages.c: rows of the WANTED tables that are in the file and were not found by their trees. */
int rescue_pages(struct rescue *w, const struct table_info *tables, size_t n, const bool *wanted);
/* repair_functions.c: what the statements of repair_mend.c ask of values, as SQL functions of DB. */
void rescue_functions(struct db *db);
/* repair_mend.c: what the rows in r->made say of each other is made true again. */
int rescue_mend(struct rescue *w);

#endif
