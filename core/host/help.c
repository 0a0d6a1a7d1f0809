/* help.c - usage lines and help pages from specs.
 *
 * Every page is rows of two columns, a term and what it means, under headings; the term's column is as wide as the
 * widest term, within reason. Nothing here is written by hand for one command: what help says is what the parser does.
 */
#include "host/help.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "host/wrap.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 100, TERM_MAX = 28, CHOICES_INLINE = 24 };

struct page {
    struct buf *out;
    size_t width;
    size_t term; /* columns of the terms */
    bool color;
};

static struct page page_of(struct buf *out, size_t width, bool color) {
    width = width ? width : WIDTH_DEFAULT;
    width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    return (struct page){.out = out, .width = width, .color = color};
}

static void heading(const struct page *p, const char *text) {
    buf_adds(p->out, p->color ? "\n\x1b[1m" : "\n");
    text_safe(p->out, text, strlen(text), false);
    buf_adds(p->out, p->color ? "\x1b[0m\n" : "\n");
}

/* "  term    what it means, wrapped under itself". MEANING is harmless already. */
static void row(const struct page *p, const char *term, const char *meaning, size_t n) {
    size_t used = text_width(term, strlen(term));
    size_t indent = p->term + 4;
    buf_adds(p->out, "  ");
    buf_adds(p->out, term);
    if (n > 0 && used > p->term) {
        buf_addc(p->out, '\n');
        buf_pad(p->out, ' ', indent);
    } else if (n > 0) {
        buf_pad(p->out, ' ', indent - 2 - used);
    }
    wrap_text(p->out, meaning, n, p->width, indent, indent);
    buf_addc(p->out, '\n');
}

static void widen(struct page *p, const char *term) {
    size_t n = text_width(term, strlen(term));
    p->term = n > p->term && n <= TERM_MAX ? n : p->term;
}

/* ---- terms ------------------------------------------------------------------------------------------------------ */
static void add_upper(struct buf *out, const char *name) {
    for (; *name; name++) {
        buf_addc(out, (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name));
    }
}

static void add_choices(struct buf *out, const struct arg_spec *arg, const char *between) {
    for (size_t i = 0; i < arg->nchoices; i++) {
        buf_adds(out, i ? between : "");
        text_safe(out, arg->choices[i], strlen(arg->choices[i]), false);
    }
}

static bool choices_fit(const struct arg_spec *arg) {
    size_t n = 0;
    for (size_t i = 0; i < arg->nchoices; i++) {
        n += strlen(arg->choices[i]) + 1;
    }
    return n > 0 && n <= CHOICES_INLINE;
}

/* What stands for the value of an option: "N", "PATH", "a|b". */
static void add_placeholder(struct buf *out, const struct arg_spec *arg) {
#define X(id, name, word) [id] = word,
    static const char *const words[] = {SPEC_TYPES(X)};
#undef X
    if (arg->type == ARG_ENUM && choices_fit(arg)) {
        add_choices(out, arg, "|");
    } else {
        buf_adds(out, words[arg->type == ARG_LIST ? arg->item->type : arg->type]);
    }
}

static void add_positional(struct buf *out, const struct arg_spec *arg) {
    if (arg->type == ARG_ENUM && choices_fit(arg)) {
        add_choices(out, arg, "|");
    } else if (arg->type == ARG_TAGEDIT) {
        buf_adds(out, "+TAG|-TAG");
    } else {
        add_upper(out, arg->name);
    }
    buf_adds(out, arg->type == ARG_LIST || arg->type == ARG_TAGEDIT ? "..." : "");
}

/* "-n, --limit N", or "    --sort TEXT" aligned with those that have a letter. */
static void add_option(struct buf *out, const struct arg_spec *arg, bool letters) {
    if (arg->letter) {
        buf_addf(out, "-%c, ", arg->letter);
    } else if (letters) {
        buf_adds(out, "    ");
    }
    bool on = arg->type == ARG_BOOL && value_tobool(&arg->fallback, false);
    buf_addf(out, on ? "--no-%s" : "--%s", arg->name);
    if (arg->type != ARG_BOOL) {
        buf_addc(out, ' ');
        add_placeholder(out, arg);
    }
}

/* ---- usage ------------------------------------------------------------------------------------------------------ */
static void usage_arg(struct buf *out, const struct arg_spec *arg) {
    buf_adds(out, arg->required ? " " : " [");
    if (!arg->flag) {
        add_positional(out, arg);
    } else if (arg->letter) {
        buf_addf(out, "-%c", arg->letter);
        if (arg->type != ARG_BOOL) {
            buf_addc(out, ' ');
            add_placeholder(out, arg);
        }
    } else {
        add_option(out, arg, false);
    }
    buf_adds(out, arg->required ? "" : "]");
}

static void add_command_name(struct buf *out, const char *name) {
    for (; *name; name++) {
        buf_addc(out, *name == '.' ? ' ' : *name);
    }
}

/* What a person types to come to a contribution of this kind. */
static void usage_head(struct buf *out, const struct command_spec *spec) {
    if (strcmp(spec->kind, "importer") == 0) {
        buf_addf(out, "lectern import PATH... --with %s", spec->name);
    } else if (strcmp(spec->kind, "summariser") == 0) {
        buf_addf(out, "lectern summarise TARGET... --with %s", spec->name);
    } else if (strcmp(spec->kind, "exporter") == 0) {
        buf_addf(out, "lectern export %s [QUERY] [-o PATH]", spec->name);
    } else {
        buf_adds(out, "lectern ");
        add_command_name(out, spec->name);
    }
}

void help_usage(struct buf *out, const struct command_spec *spec) {
    usage_head(out, spec);
    for (size_t i = 0; i < spec->nargs; i++) {
        usage_arg(out, &spec->args[i]);
    }
}

/* ---- one command ------------------------------------------------------------------------------------------------ */
/* As a person would write it: the largest unit that leaves no rest. */
static void add_duration(struct buf *out, int64_t ms) {
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = ms == 0 ? 3 : 0;
    while (ms % units[i].ms != 0) {
        i++;
    }
    buf_addf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
}

static void add_default(struct buf *out, const struct arg_spec *arg) {
    const struct value *v = &arg->fallback;
    buf_adds(out, "default ");
    if (arg->type == ARG_DURATION) {
        add_duration(out, v->i);
    } else if (v->kind == VALUE_STR) {
        text_safe(out, v->s, v->len, false);
    } else {
        json_write(out, v);
    }
}

/* A remark, after "; " when it is not the first. */
static void remark(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct buf *out, const char *format, ...) {
    buf_adds(out, out->len ? "; " : "");
    va_list ap;
    va_start(ap, format);
    buf_vaddf(out, format, ap);
    va_end(ap);
}

static void add_remarks(struct buf *out, const struct arg_spec *arg) {
    const struct arg_spec *leaf = arg->type == ARG_LIST ? arg->item : arg;
    static const char *const counted[] = {"", " values"};
    const char *what = counted[arg->type == ARG_LIST];
    if (leaf->type == ARG_ENUM && (!choices_fit(leaf) || arg->type == ARG_LIST)) {
        remark(out, "one of ");
        add_choices(out, leaf, ", ");
    }
    if (arg->has_min) {
        remark(out, "at least %.15g%s", arg->min, what);
    }
    if (arg->has_max) {
        remark(out, "at most %.15g%s", arg->max, what);
    }
    if (arg->flag && arg->required) {
        remark(out, "required");
    }
    if (arg->fallback.kind != VALUE_NIL && !(arg->flag && arg->type == ARG_BOOL)) {
        remark(out, "%s", "");
        add_default(out, arg);
    }
    if (arg->flag && arg->type == ARG_LIST) {
        remark(out, "may be repeated");
    }
}

static void arg_row(const struct page *p, const struct arg_spec *arg, bool letters) {
    struct buf term = BUF_INIT, text = BUF_INIT, remarks = BUF_INIT;
    if (arg->flag) {
        add_option(&term, arg, letters);
    } else {
        add_positional(&term, arg);
    }
    text_safe(&text, arg->doc, strlen(arg->doc), true);
    add_remarks(&remarks, arg);
    if (remarks.len) {
        buf_addf(&text, "%s(%s)", text.len ? " " : "", remarks.data);
    }
    row(p, term.data, text.data, text.len);
    buf_release(&term);
    buf_release(&text);
    buf_release(&remarks);
}

static void arg_rows(const struct page *base, const struct command_spec *spec, bool flags, const char *title) {
    struct page p = *base;
    bool any = false, letters = false;
    for (size_t i = 0; i < spec->nargs; i++) {
        letters = letters || spec->args[i].letter;
    }
    for (size_t i = 0; i < spec->nargs; i++) {
        if (spec->args[i].flag == flags) {
            struct buf term = BUF_INIT;
            flags ? add_option(&term, &spec->args[i], letters) : add_positional(&term, &spec->args[i]);
            widen(&p, term.data);
            buf_release(&term);
            any = true;
        }
    }
    if (any) {
        heading(&p, title);
    }
    for (size_t i = 0; i < spec->nargs; i++) {
        if (spec->args[i].flag == flags) {
            arg_row(&p, &spec->args[i], letters);
        }
    }
}

static void examples(const struct page *p, const struct command_spec *spec) {
    if (spec->nexamples) {
        heading(p, "Examples");
    }
    for (size_t i = 0; i < spec->nexamples; i++) {
        buf_adds(p->out, "  lectern ");
        text_safe(p->out, spec->examples[i], strlen(spec->examples[i]), false);
        buf_addc(p->out, '\n');
    }
}

static void facts(const struct page *base, const struct command_spec *spec) {
    struct page p = *base;
    struct buf text = BUF_INIT;
    p.term = strlen("Aliases");
    heading(&p, "More");
    for (size_t i = 0; i < spec->naliases; i++) {
        buf_addf(&text, "%s%s", i ? ", " : "", spec->aliases[i]);
    }
    if (text.len) {
        row(&p, "Aliases", text.data, text.len);
    }
    if (spec->returns->kind != SHAPE_NIL) {
        row(&p, "Returns", spec->returns->text, strlen(spec->returns->text));
    }
    buf_clear(&text);
    text_safe(&text, spec->plugin, strlen(spec->plugin), false);
    if (*spec->file) {
        buf_adds(&text, " (");
        text_safe(&text, spec->file, strlen(spec->file), false);
        buf_addf(&text, spec->line ? ":%d)" : ")", spec->line);
    }
    row(&p, "Plugin", text.data, text.len);
    buf_release(&text);
}

/* Broken between arguments only. */
static void usage_lines(const struct page *p, const struct command_spec *spec) {
    struct buf head = BUF_INIT;
    usage_head(&head, spec);
    size_t column = strlen("Usage: ") + head.len;
    size_t indent = column < p->width / 2 ? column : strlen("Usage: ");
    buf_adds(p->out, p->color ? "\x1b[1mUsage:\x1b[0m " : "Usage: ");
    buf_add(p->out, head.data, head.len);
    for (size_t i = 0; i < spec->nargs; i++) {
        buf_clear(&head);
        usage_arg(&head, &spec->args[i]);
        size_t columns = text_width(head.data, head.len);
        if (column + columns > p->width && column > indent) {
            buf_addc(p->out, '\n');
            buf_pad(p->out, ' ', indent);
            column = indent;
        }
        buf_add(p->out, head.data, head.len);
        column += columns;
    }
    buf_addc(p->out, '\n');
    buf_release(&head);
}

void help_command(struct buf *out, const struct command_spec *spec, size_t width, bool color) {
    struct page p = page_of(out, width, color);
    struct buf doc = BUF_INIT;
    usage_lines(&p, spec);
    text_safe(&doc, spec->doc, strlen(spec->doc), true);
    buf_addc(out, '\n');
    wrap_text(out, doc.data, doc.len, p.width, 0, 0);
    buf_addc(out, '\n');
    buf_release(&doc);
    arg_rows(&p, spec, false, "Arguments");
    arg_rows(&p, spec, true, "Options");
    examples(&p, spec);
    facts(&p, spec);
    buf_adds(out, "\n--json, --jsonl, --dry-run, --quiet: see `lectern help`.\n");
}

/* ---- all commands ----------------------------------------------------------------------------------------------- */
/* The first sentence, without its full stop. */
static size_t first_sentence(const char *doc) {
    size_t n = strcspn(doc, "\n");
    for (size_t i = 0; i + 1 < n; i++) {
        if (doc[i] == '.' && doc[i + 1] == ' ') {
            n = i;
        }
    }
    return n > 0 && doc[n - 1] == '.' ? n - 1 : n;
}

static void command_row(const struct page *p, const struct command_spec *spec) {
    struct buf term = BUF_INIT, text = BUF_INIT;
    add_command_name(&term, spec->name);
    text_safe(&text, spec->doc, first_sentence(spec->doc), false);
    row(p, term.data, text.data, text.len);
    buf_release(&term);
    buf_release(&text);
}

void help_globals(struct buf *out, size_t width, bool color) {
    static const struct {
        const char *term, *meaning;
    } rows[] = {
        {"    --store FILE", "the notes (default $LECTERN_STORE, else lectern/notes.db in the data folder)"},
        {"    --config DIR", "configuration (default $LECTERN_CONFIG, else lectern in the configuration folder)"},
        {"    --json", "print one JSON document"},
        {"    --jsonl", "print one JSON object a line, as it comes"},
        {"    --dry-run", "say what would be written, and write nothing"},
        {"-q, --quiet", "no progress and no remarks"},
        {"-v, --verbose", "more remarks, and tracebacks"},
        {"    --timeout DURATION", "give up after this long (90s, 5m, 2h)"},
        {"    --color WHEN", "auto, always or never (auto: on a terminal, unless NO_COLOR is set)"},
        {"    --no-pager", "never page long output"},
        {"    --no-daemon", "do not use a running daemon"},
        {"-V, --version", "which lectern this is"},
        {"-h, --help", "help, also after a command"},
    };
    struct page p = page_of(out, width, color);
    p.term = strlen("    --timeout DURATION");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row(&p, rows[i].term, rows[i].meaning, strlen(rows[i].meaning));
    }
}

static bool shown(const struct command_spec *spec) {
    return !spec->hidden && strcmp(spec->kind, "command") == 0;
}

/* All of PLUGIN's commands, at the place of its first one. */
static void plugin_rows(const struct page *p, const struct command_spec *const *specs, size_t n, size_t first) {
    heading(p, specs[first]->plugin);
    for (size_t i = first; i < n; i++) {
        if (shown(specs[i]) && strcmp(specs[i]->plugin, specs[first]->plugin) == 0) {
            command_row(p, specs[i]);
        }
    }
}

static bool seen_before(const struct command_spec *const *specs, size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (shown(specs[i]) && strcmp(specs[i]->plugin, specs[at]->plugin) == 0) {
            return true;
        }
    }
    return false;
}

void help_overview(struct buf *out, const struct command_spec *const *specs, size_t n, size_t width, bool color) {
    struct page p = page_of(out, width, color);
    buf_adds(out, color ? "\x1b[1mUsage:\x1b[0m lectern [GLOBAL...] COMMAND [ARGS...]\n"
                        : "Usage: lectern [GLOBAL...] COMMAND [ARGS...]\n");
    for (size_t i = 0; i < n; i++) {
        if (shown(specs[i])) {
            widen(&p, specs[i]->name);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (shown(specs[i]) && !seen_before(specs, i)) {
            plugin_rows(&p, specs, n, i);
        }
    }
    heading(&p, "Global options");
    help_globals(out, width, color);
    buf_adds(out, "\n`lectern help NAME` says more about a command, `lectern apropos WORD` finds one.\n");
}
