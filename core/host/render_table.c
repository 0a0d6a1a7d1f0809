/* render_table.c - lists of objects as aligned columns.
 *
 * All cells are written once into one buffer; then the widths are known and the lines are made. On a terminal the
 * widest columns give way until the line fits; on a pipe nothing is cut, and a cell of unusual length does not widen
 * the others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/render_priv.h"
#include "host/wrap.h"

enum { GAP = 2, NARROWEST = 8, DATE_WIDTH = 10, PAD_MAX = 60, COLUMNS_MAX = 16, ROWS_LOOKED_AT = 64 };

struct cell {
    size_t at, n; /* in the table's text */
    size_t columns;
};

struct column {
    const char *title;
    size_t title_n;
    size_t title_columns;
    const char *path;
    const char *key; /* in place of a path: one field of just this name */
    size_t width;
    bool right; /* all numbers */
    bool empty;
};

struct table {
    struct column columns[COLUMNS_MAX];
    size_t n;
    size_t rows;
    struct cell *cells;
    struct buf text;
    size_t limit; /* columns of the terminal, or 0 */
    size_t indent;
};

/* ---- filling ---------------------------------------------------------------------------------------------------- */
static struct column column_of(const char *declared) {
    struct column c = {.title = declared, .path = declared, .right = true, .empty = true};
    const char *equals = strchr(declared, '=');
    if (equals == declared) {
        c.title = c.key = declared + 1;
        c.title_n = strlen(c.key);
    } else {
        c.title_n = equals ? (size_t)(equals - declared) : strcspn(declared, "|:");
        c.path = equals ? equals + 1 : declared;
    }
    struct buf safe = BUF_INIT;
    c.title_columns = wrap_cell(&safe, c.title, c.title_n, PAD_MAX);
    buf_release(&safe);
    return c;
}

/* Not a date, which sorts by its start. */
static bool is_number(const char *s, size_t n) {
    size_t whole = strspn(s + (n > 0 && *s == '-'), "0123456789") + (n > 0 && *s == '-');
    size_t fraction = s[whole] == '.' ? 1 + strspn(s + whole + 1, "0123456789") : 0;
    return n > 0 && whole + fraction == n;
}

static void fill_cell(struct table *t, struct column *c, struct cell *cell, const struct value *row) {
    struct buf raw = BUF_INIT;
    if (c->key) {
        cell_value(&raw, value_get(row, c->key));
    } else {
        cell_path(&raw, row, c->path);
    }
    cell->at = t->text.len;
    cell->columns = wrap_cell(&t->text, raw.data, raw.len, t->limit);
    cell->n = t->text.len - cell->at;
    buf_addc(&t->text, '\0');
    if (cell->n > 0) {
        c->empty = false;
        c->right = c->right && is_number(raw.data, raw.len);
        size_t width = t->limit || cell->columns < PAD_MAX ? cell->columns : PAD_MAX;
        c->width = width > c->width ? width : c->width;
    }
    buf_release(&raw);
}

static void fill(struct table *t, const struct value *rows) {
    t->rows = rows->len;
    t->cells = mem_array(NULL, t->rows * t->n, sizeof *t->cells);
    for (size_t i = 0; i < t->rows; i++) {
        for (size_t j = 0; j < t->n; j++) {
            fill_cell(t, &t->columns[j], &t->cells[i * t->n + j], &rows->items[i]);
        }
    }
}

/* ---- widths ----------------------------------------------------------------------------------------------------- */
/* On a terminal a column without any value is not shown. */
static bool is_shown(const struct table *t, const struct column *c) {
    return !t->limit || !c->empty;
}

/* How wide a column is when it comes to giving way. A title is what people look for: it keeps twice the room of the
 * others, while these have room for a date. */
static size_t claim(const struct column *c) {
    bool title = c->path && strncmp(c->path, "title", 5) == 0;
    size_t favoured = c->width / 2 > DATE_WIDTH ? c->width / 2 : DATE_WIDTH + 1;
    return title && c->width > DATE_WIDTH ? favoured : c->width;
}

static void fit(struct table *t) {
    size_t total = t->indent;
    for (size_t j = 0; j < t->n; j++) {
        struct column *c = &t->columns[j];
        if (t->limit && c->width < c->title_columns) {
            c->width = c->title_columns;
        }
        total += is_shown(t, c) ? c->width + (total > t->indent ? GAP : 0) : 0;
    }
    while (t->limit && total > t->limit) {
        struct column *widest = NULL;
        for (size_t j = 0; j < t->n; j++) {
            struct column *c = &t->columns[j];
            widest = is_shown(t, c) && (!widest || claim(c) >= claim(widest)) ? c : widest; /* of equals the last */
        }
        if (!widest || claim(widest) <= NARROWEST) {
            return;
        }
        widest->width--;
        total--;
    }
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */
static size_t last_shown(const struct table *t) {
    size_t last = 0;
    for (size_t j = 0; j < t->n; j++) {
        last = is_shown(t, &t->columns[j]) ? j : last;
    }
    return last;
}

static void put_cell(struct buf *out, const struct table *t, const struct column *c, const char *s, size_t n,
                     size_t columns, bool last) {
    struct buf cut = BUF_INIT;
    if (t->limit && columns > c->width) {
        columns = wrap_cell(&cut, s, n, c->width);
        s = cut.data;
        n = cut.len;
    }
    size_t padding = columns < c->width ? c->width - columns : 0;
    buf_pad(out, ' ', c->right ? padding : 0);
    buf_add(out, s, n);
    buf_pad(out, ' ', c->right || last ? 0 : padding);
    buf_release(&cut);
}

static void end_line(struct buf *out) {
    while (out->len > 0 && out->data[out->len - 1] == ' ') {
        out->len--;
    }
    buf_addc(out, '\n');
}

static void header(struct buf *out, const struct table *t, const struct render_options *o) {
    size_t last = last_shown(t);
    buf_pad(out, ' ', t->indent);
    buf_adds(out, render_sgr(o, "\x1b[2m"));
    for (size_t j = 0; j < t->n; j++) {
        const struct column *c = &t->columns[j];
        if (is_shown(t, c)) {
            struct buf title = BUF_INIT;
            size_t columns = wrap_cell(&title, c->title, c->title_n, c->width);
            put_cell(out, t, c, title.data, title.len, columns, j == last);
            buf_pad(out, ' ', j == last ? 0 : GAP);
            buf_release(&title);
        }
    }
    buf_adds(out, render_sgr(o, "\x1b[0m"));
    end_line(out);
}

static void lines(struct buf *out, const struct table *t) {
    size_t last = last_shown(t);
    for (size_t i = 0; i < t->rows; i++) {
        buf_pad(out, ' ', t->indent);
        for (size_t j = 0; j < t->n; j++) {
            const struct cell *cell = &t->cells[i * t->n + j];
            if (is_shown(t, &t->columns[j])) {
                put_cell(out, t, &t->columns[j], t->text.data + cell->at, cell->n, cell->columns, j == last);
                buf_pad(out, ' ', j == last ? 0 : GAP);
            }
        }
        end_line(out);
    }
}

void table_render(struct buf *out, const struct value *rows, const char *const *columns, size_t n, size_t indent,
                  const struct render_options *o) {
    struct table t = {.text = BUF_INIT, .limit = render_width(o), .indent = indent};
    for (size_t j = 0; j < n && j < COLUMNS_MAX; j++) {
        t.columns[t.n++] = column_of(columns[j]);
    }
    if (rows->kind != VALUE_ARRAY || rows->len == 0 || t.n == 0) {
        return;
    }
    fill(&t, rows);
    fit(&t);
    if (o->terminal && !o->continued) {
        header(out, &t, o);
    }
    lines(out, &t);
    buf_release(&t.text);
    mem_free(t.cells);
}

/* ---- which columns ---------------------------------------------------------------------------------------------- */
static const struct {
    const char *shape;
    const char *columns[8];
} defaults[] = {
    {"talk",
     {"id=short|id:8", "date=start:10|event.year", "event=event.slug", "title", "speakers=speakers.name", "marks"}},
    {"note", {"id=short|id:8", "kind", "title", "event=event.slug", "words", "marks"}},
    {"event", {"id=short|id:8", "slug", "name", "year", "place", "talks", "notes"}},
    {"person", {"id=short|id:8", "name", "affiliations", "talks"}},
    {"tag", {"name", "count"}},
    {"source", {"id=short|id:8", "path", "importer", "bytes", "imported"}},
    {"session", {"id=short|id:8", "name", "event", "start", "room"}},
    {"hit", {"id=short|id:8", "type", "event", "title", "snippet"}},
    {"operation", {"op", "type", "title", "id=id:8"}},
    {"run", {"id=id:8", "started", "command", "plugin", "status", "operations", "undone"}},
    {"runs", {"id=id:8", "started", "command", "plugin", "status", "operations", "undone"}},
    {"history", {"rev", "at", "command", "op", "title", "changed", "run=run:8"}},
    {"describe", {"kind", "name", "plugin", "doc"}},
    {"plugin", {"name", "version", "state", "doc"}},
};

static const char *const mixed[] = {"id=short|id:8", "type", "title=title|name|slug|path", "event=event.slug"};

static const char *const *named_columns(const char *name, size_t *n) {
    for (size_t i = 0; name && i < sizeof defaults / sizeof defaults[0]; i++) {
        if (strcmp(defaults[i].shape, name) == 0) {
            *n = 0;
            while (*n < 8 && defaults[i].columns[*n]) {
                ++*n;
            }
            return defaults[i].columns;
        }
    }
    return NULL;
}

/* "object" has the columns of the one type that all rows are of. */
static const char *common_type(const struct value *rows) {
    const struct value *type = value_get(value_at(rows, 0), "type");
    for (uint32_t i = 1; i < rows->len; i++) {
        if (!value_equal(type, value_get(&rows->items[i], "type"))) {
            return NULL;
        }
    }
    return value_cstr(type, NULL);
}

static const char *const *field_columns(struct arena *a, const struct shape *item, size_t *n) {
    const char **columns = arena_alloc(a, COLUMNS_MAX * sizeof *columns);
    for (*n = 0; *n < item->nfields && *n < COLUMNS_MAX; ++*n) {
        columns[*n] = item->fields[*n].name;
    }
    return columns;
}

static bool has_column(const char *const *columns, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(columns[i] + 1, name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *const *found_columns(struct arena *a, const struct value *rows, size_t *n) {
    const char **columns = arena_alloc(a, COLUMNS_MAX * sizeof *columns);
    *n = 0;
    for (uint32_t i = 0; i < rows->len && i < ROWS_LOOKED_AT; i++) {
        const struct value *row = &rows->items[i];
        for (uint32_t j = 0; row->kind == VALUE_MAP && j < row->len && *n < COLUMNS_MAX; j++) {
            const struct value *key = &row->pairs[j].key;
            if (key->kind == VALUE_STR && !has_column(columns, *n, key->s)) {
                columns[(*n)++] = arena_printf(a, "=%s", key->s);
            }
        }
    }
    return columns;
}

const char *const *table_columns(struct arena *a, const struct shape *item, const struct value *rows,
                                 const struct render_options *o, size_t *n) {
    if (o->columns) {
        *n = o->ncolumns;
        return o->columns;
    }
    const char *name = item->kind == SHAPE_OBJECT ? common_type(rows) : item->name;
    const char *const *columns = named_columns(name, n);
    if (columns) {
        return columns;
    }
    if (item->kind == SHAPE_OBJECT) {
        *n = sizeof mixed / sizeof mixed[0];
        return mixed;
    }
    return item->kind == SHAPE_RECORD ? field_columns(a, item, n) : found_columns(a, rows, n);
}
