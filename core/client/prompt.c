/* prompt.c - asking, and understanding the answer.
 *
 * The one idea: the kernel's line editing is all that a question needs; the terminal's settings are never touched, so
 * there is nothing to restore whatever happens.
 */
#include "client/prompt.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"

enum { MOST_TRIES = 3, INLINE_CHOICES = 6, INLINE_BYTES = 50, LONGEST_LINE = 64 * 1024 };

void prompt_init(struct prompt *p) {
    *p = (struct prompt){.in = -1, .out = -1};
    arena_init(&p->arena);
    buf_init(&p->line);
}

void prompt_release(struct prompt *p) {
    prompt_close(p, true);
    arena_release(&p->arena);
    buf_release(&p->line);
}

int prompt_fd(const struct prompt *p) {
    return p->in;
}

static void put(const struct prompt *p, const char *s, size_t n) {
    while (n > 0) {
        ssize_t written = write(p->out, s, n);
        if (written < 0 && errno != EINTR) {
            return;
        }
        size_t done = written > 0 ? (size_t)written : 0;
        s += done;
        n -= done;
    }
}

/* ---- the question ---------------------------------------------------------------------------------------------- */

/* Few, short, and told apart by their first letter: they fit behind the question. */
static bool fits_inline(const struct prompt *p) {
    size_t bytes = 0;
    bool seen[256] = {false};
    for (size_t i = 0; i < p->count; i++) {
        unsigned char first = (unsigned char)tolower((unsigned char)p->choices[i][0]);
        bytes += strlen(p->choices[i]) + 1;
        if (!first || isdigit(first) || seen[first]) {
            return false;
        }
        seen[first] = true;
    }
    return p->count <= INLINE_CHOICES && bytes <= INLINE_BYTES;
}

static void add_safe(struct buf *out, const char *s) {
    text_safe(out, s, strlen(s), false);
}

static void add_inline(const struct prompt *p, struct buf *out) {
    for (size_t i = 0; i < p->count; i++) {
        buf_adds(out, i == 0 ? " (" : "/");
        add_safe(out, p->choices[i]);
    }
    buf_addc(out, ')');
}

static void add_list(const struct prompt *p, struct buf *out) {
    buf_addc(out, '\n');
    for (size_t i = 0; i < p->count; i++) {
        buf_addf(out, "%3zu) ", i + 1);
        add_safe(out, p->choices[i]);
        buf_addc(out, '\n');
    }
    buf_adds(out, "Number or name");
}

static void put_question(const struct prompt *p) {
    struct buf out = BUF_INIT;
    text_safe(&out, p->text, strlen(p->text), true);
    if (p->count > 0 && p->numbered) {
        add_list(p, &out);
    } else if (p->count > 0) {
        add_inline(p, &out);
    }
    if (p->fallback) {
        buf_adds(&out, " [");
        add_safe(&out, p->fallback);
        buf_addc(&out, ']');
    }
    buf_addc(&out, ' ');
    put(p, out.data, out.len);
    buf_release(&out);
}

static void copy_question(struct prompt *p, const struct value *question) {
    arena_clear(&p->arena);
    p->text = arena_strdup(&p->arena, value_cstr(value_get(question, "text"), "?"));
    const char *fallback = value_cstr(value_get(question, "default"), NULL);
    p->fallback = fallback ? arena_strdup(&p->arena, fallback) : NULL;
    const struct value *choices = value_get(question, "choices");
    p->count = 0;
    p->choices = arena_zalloc(&p->arena, (choices->kind == VALUE_ARRAY ? choices->len + 1u : 1u) * sizeof *p->choices);
    for (size_t i = 0; choices->kind == VALUE_ARRAY && i < choices->len; i++) {
        const char *choice = value_cstr(value_at(choices, i), NULL);
        if (choice) {
            p->choices[p->count++] = arena_strdup(&p->arena, choice);
        }
    }
    p->numbered = !fits_inline(p);
}

bool prompt_open(struct prompt *p, struct terminal *t, const struct value *question) {
    int fd = terminal_fd(t);
    bool both = t->tty[STDIN_FILENO] && t->tty[STDERR_FILENO];
    if (fd < 0 && !both) {
        return false;
    }
    p->in = fd >= 0 ? fd : STDIN_FILENO;
    p->out = fd >= 0 ? fd : STDERR_FILENO;
    p->tries = 0;
    buf_clear(&p->line);
    copy_question(p, question);
    put_question(p);
    return true;
}

/* ---- the answer ------------------------------------------------------------------------------------------------ */

static const char *match_number(const struct prompt *p, const char *line) {
    size_t number = 0;
    for (const char *s = line; *s; s++) {
        if (!isdigit((unsigned char)*s) || number > p->count) {
            return NULL;
        }
        number = number * 10 + (size_t)(*s - '0');
    }
    return number >= 1 && number <= p->count ? p->choices[number - 1] : NULL;
}

static const char *match_beginning(const struct prompt *p, const char *line) {
    const char *found = NULL;
    for (size_t i = 0; i < p->count; i++) {
        if (strncasecmp(p->choices[i], line, strlen(line)) == 0) {
            if (found) {
                return NULL;
            }
            found = p->choices[i];
        }
    }
    return found;
}

const char *prompt_match(const struct prompt *p, const char *line) {
    if (!*line) {
        return p->fallback ? p->fallback : p->count == 0 ? line : NULL;
    }
    if (p->count == 0) {
        return line;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (strcasecmp(p->choices[i], line) == 0) {
            return p->choices[i];
        }
    }
    const char *numbered = p->numbered ? match_number(p, line) : NULL;
    return numbered ? numbered : match_beginning(p, line);
}

static void trim(struct buf *line) {
    size_t n = line->len;
    size_t front = 0;
    while (n > 0 && isspace((unsigned char)line->data[n - 1])) {
        n--;
    }
    while (front < n && isspace((unsigned char)line->data[front])) {
        front++;
    }
    memmove(line->data, line->data + front, n - front);
    line->len = n - front;
    line->data[line->len] = '\0';
}

static enum prompt_result take_line(struct prompt *p, const char **answer) {
    trim(&p->line);
    *answer = prompt_match(p, p->line.data);
    if (*answer) {
        return PROMPT_ANSWER;
    }
    if (++p->tries == MOST_TRIES) {
        return PROMPT_NONE;
    }
    static const char again[] = "That is none of the choices. ";
    put(p, again, sizeof again - 1);
    buf_clear(&p->line);
    put_question(p);
    return PROMPT_MORE;
}

enum prompt_result prompt_read(struct prompt *p, const char **answer) {
    char typed[4096];
    ssize_t n = read(p->in, typed, sizeof typed);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return PROMPT_MORE;
    }
    if (n <= 0) {
        return PROMPT_NONE;
    }
    buf_add(&p->line, typed, (size_t)n);
    if (typed[n - 1] != '\n' && p->line.len < LONGEST_LINE) {
        return PROMPT_MORE;
    }
    return take_line(p, answer);
}

void prompt_close(struct prompt *p, bool unanswered) {
    if (p->in >= 0 && unanswered) {
        put(p, "\n", 1);
    }
    p->in = p->out = -1;
}
