/* render_priv.h - between the files that render: cells, tables, and the pages of single objects and reports. */
#ifndef LECTERN_HOST_RENDER_PRIV_H
#define LECTERN_HOST_RENDER_PRIV_H

#include "host/render.h"

enum { RENDER_WIDTH_DEFAULT = 80, RENDER_WIDTH_MAX = 500 };
/* Columns of the terminal; 0 on a pipe: nothing is cut or wrapped. */
size_t render_width(const struct render_options *o);
/* "\x1b[1m" and its like where colours are wanted, else "". */
const char *render_sgr(const struct render_options *o, const char *sgr);

/* ---- cells (render_cell.c): values as short text, not yet harmless ---- */
/* Strings and numbers as they are; lists joined by ", "; an object stands for its name. */
void cell_value(struct buf *out, const struct value *v);
/* What PATH ("event.slug", in a list: of every item) leads to. A path may have alternatives ("start|event.year": the
 * first that is not empty) and a length ("id:8": that many characters). */
void cell_path(struct buf *out, const struct value *v, const char *path);
/* The one PATH[0..N) of plain steps, without alternatives. */
void cell_steps(struct buf *out, const struct value *v, const char *path, size_t n);
/* The name an object goes by: its title, slug, name ...; nil where it has none. */
const struct value *cell_name(const struct value *object);
bool cell_empty(const struct value *v); /* nil, "", [] or {} */

/* ---- tables (render_table.c) ---- */
/* COLUMNS are "title=path", a path, or "=key": one field by its very name. INDENT spaces before each line. */
void table_render(struct buf *out, const struct value *rows, const char *const *columns, size_t n, size_t indent,
                  const struct render_options *o);
/* The columns for a list of objects of SHAPE: those of O, of the shape's name, of its fields, or of what the rows
 * have. In A. */
const char *const *table_columns(struct arena *a, const struct shape *item, const struct value *rows,
                                 const struct render_options *o, size_t *n);

/* ---- pages ---- */
/* `label  value` lines, then what has lines of its own. */
void object_render(struct buf *out, const struct shape *shape, const struct value *v, const struct render_options *o);
/* Reports of the contract, by the name of their shape. False where NAME is none of them. */
bool report_render(struct buf *out, const char *name, const struct value *v, const struct render_options *o);
/* Same for a list of them. */
bool report_list_render(struct buf *out, const char *name, const struct value *list, const struct render_options *o);
void summary_render(struct buf *out, const struct value *v, const struct render_options *o);
void digest_render(struct buf *out, const struct value *v, const struct render_options *o);
/* "1 talk", "2 talks". */
void render_count(struct buf *out, size_t n, const char *noun);

#endif
