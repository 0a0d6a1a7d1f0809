/* render_found.c - what was found and condensed: hits of a search, summaries, digests.
 *
 * These are for reading: sentences are wrapped to the terminal, the words that matched are bold. Byte ranges come from
 * a plugin or the store and are clipped to the text before use.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/render_priv.h"
#include "host/wrap.h"

static void put_wrapped(struct buf *out, const struct value *text, size_t indent, size_t column,
                        const struct render_options *o) {
    struct buf safe = BUF_INIT;
    text_safe(&safe, text->s, text->len, false);
    wrap_text(out, safe.data, safe.len, render_width(o), indent, column);
    buf_addc(out, '\n');
    buf_release(&safe);
}

static void put_heading(struct buf *out, const char *text, size_t n, const struct render_options *o) {
    buf_adds(out, render_sgr(o, "\x1b[1m"));
    wrap_cell(out, text, n, render_width(o));
    buf_adds(out, render_sgr(o, "\x1b[0m"));
    buf_addc(out, '\n');
}

/* ---- hits ------------------------------------------------------------------------------------------------------- */
/* DELTA[i] is how many matches begin at byte i less how many end there: the sum up to a byte says whether it is in
 * one. */
static void note_match(int *delta, size_t n, const struct value *match) {
    int64_t start = value_toint(value_at(match, 0), -1);
    int64_t end = value_toint(value_at(match, 1), -1);
    if (start >= 0 && start < end && (uint64_t)end <= n) {
        delta[start]++;
        delta[end]--;
    }
}

static void put_word(struct buf *out, const char *s, size_t n, bool bold, const struct render_options *o) {
    buf_adds(out, bold ? render_sgr(o, "\x1b[1m") : "");
    text_safe(out, s, n, false);
    buf_adds(out, bold ? render_sgr(o, "\x1b[0m") : "");
}

struct snippet {
    const char *s;
    size_t n;
    const int *delta;
    int depth; /* matches around the current byte */
};

/* Appends the word at AT; returns its end. A word is bold when any of its bytes matched. */
static size_t put_next_word(struct buf *out, struct snippet *sn, size_t at, size_t *column,
                            const struct render_options *o) {
    size_t end = at, limit = render_width(o);
    bool bold = false;
    for (; end < sn->n && !strchr(" \t\n", sn->s[end] ? sn->s[end] : 'x'); end++) {
        sn->depth += sn->delta[end];
        bold = bold || sn->depth > 0;
    }
    size_t columns = text_width(sn->s + at, end - at);
    if (limit && *column + columns + 1 > limit && *column > 4) {
        buf_adds(out, "\n    ");
        *column = 4;
    } else if (*column > 4) {
        buf_addc(out, ' ');
        ++*column;
    }
    put_word(out, sn->s + at, end - at, bold, o);
    *column += columns;
    return end;
}

static void put_snippet(struct buf *out, const struct value *hit, const struct render_options *o) {
    const struct value *text = value_get(hit, "snippet");
    const struct value *matches = value_get(hit, "matches");
    if (text->kind != VALUE_STR || text->len == 0) {
        return;
    }
    int *delta = mem_alloc((text->len + 1) * sizeof *delta);
    for (uint32_t i = 0; i < matches->len; i++) {
        note_match(delta, text->len, &matches->items[i]);
    }
    struct snippet sn = {.s = text->s, .n = text->len, .delta = delta};
    size_t column = 4;
    buf_adds(out, "    ");
    for (size_t at = 0; at < sn.n;) {
        if (strchr(" \t\n", sn.s[at] ? sn.s[at] : 'x')) {
            sn.depth += delta[at++];
        } else {
            at = put_next_word(out, &sn, at, &column, o);
        }
    }
    buf_addc(out, '\n');
    mem_free(delta);
}

static void put_hit(struct buf *out, const struct value *hit, const struct render_options *o) {
    struct buf line = BUF_INIT, more = BUF_INIT;
    cell_path(&line, hit, "title|kind|type");
    cell_path(&more, hit, "speakers");
    buf_adds(&line, more.len ? " - " : "");
    buf_add(&line, more.data, more.len);
    buf_clear(&more);
    cell_path(&more, hit, "event");
    if (more.len) {
        buf_addf(&line, " (%s)", more.data);
    }
    buf_clear(&more);
    cell_path(&more, hit, "short|id:8");
    size_t limit = render_width(o);
    size_t used = wrap_cell(out, more.data, more.len, 0) + 2;
    buf_adds(out, "  ");
    buf_adds(out, render_sgr(o, "\x1b[1m"));
    wrap_cell(out, line.data, line.len, limit > used + 8 ? limit - used : limit);
    buf_adds(out, render_sgr(o, "\x1b[0m"));
    buf_addc(out, '\n');
    put_snippet(out, hit, o);
    buf_release(&line);
    buf_release(&more);
}

/* ---- summaries -------------------------------------------------------------------------------------------------- */
static bool is_explained(const struct value *sentences) {
    for (uint32_t i = 0; i < sentences->len; i++) {
        const struct value *s = &sentences->items[i];
        if (!cell_empty(value_get(s, "why")) || !cell_empty(value_get(s, "terms"))) {
            return true;
        }
    }
    return false;
}

static void put_explained(struct buf *out, const struct value *sentence, const struct render_options *o) {
    struct buf why = BUF_INIT;
    buf_addf(out, "%6.3f  ", value_tofloat(value_get(sentence, "score"), 0));
    put_wrapped(out, value_get(sentence, "text"), 8, 8, o);
    cell_path(&why, sentence, "why|terms");
    if (why.len) {
        struct value text = value_litn(why.data, why.len);
        buf_adds(out, render_sgr(o, "\x1b[2m"));
        buf_pad(out, ' ', 8);
        put_wrapped(out, &text, 8, 8, o);
        buf_adds(out, render_sgr(o, "\x1b[0m"));
    }
    buf_release(&why);
}

void summary_render(struct buf *out, const struct value *v, const struct render_options *o) {
    const struct value *sentences = value_get(v, "sentences");
    if (is_explained(sentences)) {
        for (uint32_t i = 0; i < sentences->len; i++) {
            put_explained(out, &sentences->items[i], o);
        }
        return;
    }
    struct buf text = BUF_INIT;
    for (uint32_t i = 0; i < sentences->len; i++) {
        const struct value *s = value_get(&sentences->items[i], "text");
        buf_adds(&text, i ? " " : "");
        buf_add(&text, s->s, s->len);
    }
    struct value whole = value_litn(text.data, text.len);
    if (text.len) {
        put_wrapped(out, &whole, 0, 0, o);
    }
    buf_release(&text);
}

static void put_summaries(struct buf *out, const struct value *list, const struct render_options *o) {
    for (uint32_t i = 0; i < list->len; i++) {
        if (list->len > 1) {
            struct buf target = BUF_INIT;
            cell_path(&target, &list->items[i], "target");
            buf_adds(out, i ? "\n" : "");
            put_heading(out, target.data, target.len, o);
            buf_release(&target);
        }
        summary_render(out, &list->items[i], o);
    }
}

/* ---- digests ---------------------------------------------------------------------------------------------------- */
static void put_group(struct buf *out, const struct value *group, const struct render_options *o) {
    struct buf name = BUF_INIT, session = BUF_INIT;
    cell_path(&name, group, "event");
    cell_path(&session, group, "session");
    if (session.len) {
        buf_addf(&name, "%s%s", name.len ? ", " : "", session.data);
    }
    if (name.len) {
        buf_addc(out, '\n');
        put_heading(out, name.data, name.len, o);
    }
    const struct value *lines = value_get(group, "lines");
    for (uint32_t i = 0; i < lines->len; i++) {
        buf_adds(out, "- ");
        put_wrapped(out, value_get(&lines->items[i], "text"), 2, 2, o);
    }
    buf_release(&name);
    buf_release(&session);
}

void digest_render(struct buf *out, const struct value *v, const struct render_options *o) {
    const struct value *title = value_get(v, "title");
    if (title->kind == VALUE_STR && title->len) {
        put_heading(out, title->s, title->len, o);
    }
    const struct value *groups = value_get(v, "groups");
    for (uint32_t i = 0; i < groups->len; i++) {
        put_group(out, &groups->items[i], o);
    }
}

bool report_list_render(struct buf *out, const char *name, const struct value *list, const struct render_options *o) {
    if (strcmp(name, "hit") == 0) {
        for (uint32_t i = 0; i < list->len; i++) {
            put_hit(out, &list->items[i], o);
        }
        return true;
    }
    if (strcmp(name, "summary") == 0) {
        put_summaries(out, list, o);
        return true;
    }
    return false;
}
