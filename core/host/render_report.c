/* render_report.c - what was written, read and imported, in words.
 *
 * One function for each report of the contract, found by the name of its shape. A person wants to know what happened,
 * how to take it back, and what went wrong; thousands of equal things are counted. Values were checked by their shapes.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "host/render_priv.h"
#include "host/wrap.h"

enum { OPERATIONS_SHOWN = 12, SOURCES_SHOWN = 12, SHORT_ID = 8, TITLE_COLUMNS = 60, COUNTERS = 32 };

static void put_safe(struct buf *out, const struct value *v) {
    struct buf raw = BUF_INIT;
    cell_value(&raw, v);
    text_safe(out, raw.data, raw.len, false);
    buf_release(&raw);
}

/* Below the folder a person stands in, its name from there. */
static void put_path(struct buf *out, const struct value *path, const struct render_options *o) {
    size_t n = o->cwd ? strlen(o->cwd) : 0;
    bool below =
        n > 1 && path->kind == VALUE_STR && path->len > n + 1 && !strncmp(path->s, o->cwd, n) && path->s[n] == '/';
    struct value shown = below ? value_litn(path->s + n + 1, path->len - n - 1) : *path;
    put_safe(out, &shown);
}

static void put_quoted(struct buf *out, const struct value *title, const struct render_options *o) {
    buf_addc(out, '"');
    wrap_cell(out, title->s, title->len, o->terminal ? TITLE_COLUMNS : 0);
    buf_addc(out, '"');
}

static void put_short_id(struct buf *out, const struct value *id) {
    const char *s = value_cstr(id, "");
    text_safe(out, s, text_utf8_cut(s, strlen(s), SHORT_ID), false);
}

static void put_undo(struct buf *out, const struct value *run, const struct render_options *o) {
    if (run->kind == VALUE_STR && o->terminal) {
        buf_adds(out, render_sgr(o, "\x1b[2m"));
        buf_adds(out, "undo: lectern undo ");
        put_short_id(out, run);
        buf_adds(out, render_sgr(o, "\x1b[0m"));
        buf_addc(out, '\n');
    }
}

/* ---- operations ------------------------------------------------------------------------------------------------- */
/* Done, and what a dry run says. */
static const char *verb(const char *op, bool dry) {
    static const char *const verbs[][3] = {
        {"make", "made", "would make"},
        {"update", "changed", "would change"},
        {"delete", "deleted", "would delete"},
        {"restore", "restored", "would restore"},
        {"tag", "changed tags of", "would change tags of"},
        {"conflict", "left a conflict in", "would leave a conflict in"},
        {"resolve", "settled the conflict in", "would settle the conflict in"},
        {"purge", "purged", "would purge"},
    };
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i][0], op) == 0) {
            return verbs[i][dry ? 2 : 1];
        }
    }
    return op;
}

static void put_operation(struct buf *out, const struct value *op, bool dry, const struct render_options *o) {
    const char *done = verb(value_cstr(value_get(op, "op"), "did"), dry);
    const char *type = value_cstr(value_get(op, "type"), "object");
    const struct value *title = value_get(op, "title");
    text_safe(out, done, strlen(done), false);
    buf_addc(out, ' ');
    text_safe(out, type, strlen(type), false);
    if (title->kind == VALUE_STR && title->len > 0) {
        buf_addc(out, ' ');
        put_quoted(out, title, o);
    }
    if (value_get(op, "id")->kind == VALUE_STR) {
        buf_adds(out, "  ");
        put_short_id(out, value_get(op, "id"));
    }
    buf_addc(out, '\n');
}

struct counter {
    const char *op, *type;
    size_t n;
};

static void count_operation(struct counter *counters, size_t *n, const struct value *v) {
    const char *op = value_cstr(value_get(v, "op"), "did");
    const char *type = value_cstr(value_get(v, "type"), "object");
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(counters[i].op, op) == 0 && strcmp(counters[i].type, type) == 0) {
            counters[i].n++;
            return;
        }
    }
    if (*n < COUNTERS) {
        counters[(*n)++] = (struct counter){op, type, 1};
    }
}

static void put_counts(struct buf *out, const struct value *operations, bool dry) {
    struct counter counters[COUNTERS];
    size_t n = 0;
    for (uint32_t i = 0; i < operations->len; i++) {
        count_operation(counters, &n, &operations->items[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const char *done = verb(counters[i].op, dry);
        text_safe(out, done, strlen(done), false);
        buf_addc(out, ' ');
        struct buf type = BUF_INIT;
        text_safe(&type, counters[i].type, strlen(counters[i].type), false);
        render_count(out, counters[i].n, type.data);
        buf_addc(out, '\n');
        buf_release(&type);
    }
}

void render_run_report(struct buf *out, const struct value *report, bool dry_run, const struct render_options *o) {
    const struct value *operations = value_get(report, "operations");
    const struct value *run = value_get(report, "run");
    bool dry = dry_run || run->kind == VALUE_NIL;
    if (operations->len == 0) {
        buf_adds(out, o->terminal ? "nothing to change\n" : "");
        return;
    }
    if (operations->len > OPERATIONS_SHOWN) {
        put_counts(out, operations, dry);
    }
    for (uint32_t i = 0; i < operations->len && operations->len <= OPERATIONS_SHOWN; i++) {
        put_operation(out, &operations->items[i], dry, o);
    }
    if (!dry) {
        put_undo(out, run, o);
    }
}

static void run_report(struct buf *out, const struct value *v, const struct render_options *o) {
    render_run_report(out, v, false, o);
}

/* ---- import ----------------------------------------------------------------------------------------------------- */
static const char *const import_counts[] = {"made", "updated", "unchanged", "conflicted"};
enum { IMPORT_COUNTS = sizeof import_counts / sizeof import_counts[0] };

/* "12 made, 3 updated" of NUMBERS; false when all are 0. */
static bool put_numbers(struct buf *out, const int64_t numbers[IMPORT_COUNTS]) {
    bool any = false;
    for (size_t i = 0; i < IMPORT_COUNTS; i++) {
        if (numbers[i] > 0) {
            buf_addf(out, "%s%" PRId64 " %s", any ? ", " : "", numbers[i], import_counts[i]);
            any = true;
        }
    }
    return any;
}

static void source_line(struct buf *out, const struct value *source, const struct render_options *o) {
    const char *status = value_cstr(value_get(source, "status"), "");
    const struct value *error = value_get(source, "error");
    bool failed = strcmp(status, "failed") == 0;
    put_path(out, value_get(source, "path"), o);
    buf_adds(out, ": ");
    buf_adds(out, failed ? render_sgr(o, "\x1b[31m") : "");
    int64_t numbers[IMPORT_COUNTS];
    for (size_t i = 0; i < IMPORT_COUNTS; i++) {
        numbers[i] = value_toint(value_get(source, import_counts[i]), 0);
    }
    bool told =
        !failed && strcmp(status, "skipped") != 0 && strcmp(status, "unchanged") != 0 && put_numbers(out, numbers);
    if (!told) {
        put_safe(out, value_get(source, "status"));
    }
    buf_adds(out, failed ? render_sgr(o, "\x1b[0m") : "");
    int64_t corrections = value_toint(value_get(source, "corrections"), 0);
    if (corrections > 0) {
        buf_adds(out, ", with ");
        render_count(out, (size_t)corrections, "correction");
    }
    if (!cell_empty(error)) {
        buf_adds(out, ": ");
        put_safe(out, error);
    }
    buf_addc(out, '\n');
}

static void put_warning(struct buf *out, const struct value *warning, const struct render_options *o) {
    buf_adds(out, "  ");
    buf_adds(out, render_sgr(o, "\x1b[33m"));
    buf_adds(out, "warning");
    buf_adds(out, render_sgr(o, "\x1b[0m"));
    if (value_get(warning, "line")->kind == VALUE_INT) {
        buf_addf(out, ", line %" PRId64, value_get(warning, "line")->i);
    }
    buf_adds(out, ": ");
    put_safe(out, value_get(warning, "message"));
    buf_addc(out, '\n');
}

static void put_source(struct buf *out, const struct value *source, bool all, bool items,
                       const struct render_options *o) {
    static const char *const columns[] = {"from=line_start", "to=line_end", "type", "kind",  "title",
                                          "status",          "confidence",  "why",  "reason"};
    const struct value *warnings = value_get(source, "warnings");
    const char *status = value_cstr(value_get(source, "status"), "");
    bool quiet = strcmp(status, "unchanged") == 0 || strcmp(status, "skipped") == 0;
    if (all || !quiet || warnings->len > 0) {
        source_line(out, source, o);
    }
    for (uint32_t i = 0; i < warnings->len; i++) {
        put_warning(out, &warnings->items[i], o);
    }
    const struct value *list = items ? value_get(source, "items") : &value_nil;
    table_render(out, list, columns, sizeof columns / sizeof columns[0], 2, o);
}

struct import_totals {
    int64_t numbers[IMPORT_COUNTS];
    int64_t sources, failed, skipped;
};

static int64_t count_of(const struct value *v, const char *name) {
    int64_t n = value_toint(value_get(v, name), 0);
    return n > 0 && n < INT32_MAX ? n : 0;
}

/* Of the sources that are listed; those of a report that leaves some out are stated. */
static struct import_totals add_up(const struct value *report) {
    const struct value *sources = value_get(report, "sources"), *stated = value_get(report, "totals");
    struct import_totals t = {.sources = sources->len};
    if (count_of(report, "left_out")) {
        for (size_t j = 0; j < IMPORT_COUNTS; j++)
            t.numbers[j] = count_of(stated, import_counts[j]);
        t.sources = count_of(stated, "sources");
        t.failed = count_of(stated, "failed");
        t.skipped = count_of(stated, "skipped");
        return t;
    }
    for (uint32_t i = 0; i < sources->len; i++) {
        const struct value *source = &sources->items[i];
        t.failed += value_eqs(value_get(source, "status"), "failed");
        t.skipped += value_eqs(value_get(source, "status"), "skipped");
        for (size_t j = 0; j < IMPORT_COUNTS; j++)
            t.numbers[j] += count_of(source, import_counts[j]);
    }
    return t;
}

static void put_totals(struct buf *out, const struct value *report) {
    struct import_totals t = add_up(report);
    render_count(out, (size_t)t.sources, "source");
    buf_adds(out, ": ");
    if (!put_numbers(out, t.numbers)) {
        buf_adds(out, "nothing new");
    }
    if (t.failed) {
        buf_addf(out, ", %" PRId64 " failed", t.failed);
    }
    if (t.skipped) {
        buf_addf(out, ", %" PRId64 " skipped", t.skipped);
    }
    buf_addc(out, '\n');
}

static void import_report(struct buf *out, const struct value *v, const struct render_options *o) {
    const struct value *sources = value_get(v, "sources");
    bool planned = value_get(v, "plan")->kind == VALUE_STR; /* the plan says it better */
    for (uint32_t i = 0; i < sources->len; i++) {
        put_source(out, &sources->items[i], sources->len <= SOURCES_SHOWN, !planned, o);
    }
    if (sources->len > 1 || count_of(v, "left_out")) {
        put_totals(out, v);
    }
    if (planned) {
        buf_adds(out, "wrote ");
        put_path(out, value_get(v, "plan"), o);
        buf_adds(out, "; correct it, then: lectern import --plan ");
        put_path(out, value_get(v, "plan"), o);
        buf_addc(out, '\n');
    }
    put_undo(out, value_get(v, "run"), o);
}

/* ---- export ----------------------------------------------------------------------------------------------------- */
static void export_report(struct buf *out, const struct value *v, const struct render_options *o) {
    static const struct shape text = {.kind = SHAPE_TEXT};
    const struct value *files = value_get(v, "files");
    if (value_get(v, "text")->kind == VALUE_STR) {
        render_value(out, &text, value_get(v, "text"), o);
    }
    for (uint32_t i = 0; i < files->len; i++) {
        const struct value *bytes = value_get(&files->items[i], "bytes");
        buf_adds(out, o->planned ? "would write " : "wrote ");
        put_path(out, value_get(&files->items[i], "path"), o);
        if (bytes->kind == VALUE_INT) {
            buf_addf(out, " (%" PRId64 " bytes)", bytes->i);
        }
        buf_addc(out, '\n');
    }
}

bool report_render(struct buf *out, const char *name, const struct value *v, const struct render_options *o) {
    static const struct {
        const char *name;
        void (*render)(struct buf *out, const struct value *v, const struct render_options *o);
    } reports[] = {
        {"run_report", run_report}, {"import_report", import_report}, {"export_report", export_report},
        {"digest", digest_render},  {"summary", summary_render},
    };
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        if (strcmp(reports[i].name, name) == 0) {
            reports[i].render(out, v, o);
            return true;
        }
    }
    return false;
}
