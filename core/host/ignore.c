/* ignore.c - .gitignore rules. A pattern is cut at its slashes once; each piece is matched by fnmatch, "**" stands for any number of folders.
 *
 * Files are hostile: a match costs at most pieces times folders, whatever the pattern.
 */
#include "host/ignore.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

enum { IGNORE_BYTES = 256 * 1024, IGNORE_RULES = 2000, PIECES_MAX = 64, NAME_BYTES = 256 };

struct rule {
    const char **pieces; /* one for each folder of the pattern */
    size_t n;
    bool negated, folder_only, anchored;
};

struct ignore {
    const struct ignore *parent;
    const char *base; /* folder the rules belong to, relative to the root, with a slash; "" for the root */
    struct rule *rules;
    size_t n;
};

/* A space at the end counts only where a backslash says so. */
static size_t without_blanks(const char *line, size_t n) {
    while (n && (line[n - 1] == '\r' || line[n - 1] == '\t' || (line[n - 1] == ' ' && !(n > 1 && line[n - 2] == '\\'))))
        n--;
    return n;
}

static void add_rule(struct arena *a, struct ignore *g, const char *line, size_t n) {
    struct rule r = {0};
    n = without_blanks(line, n);
    if (!n || *line == '#' || g->n == IGNORE_RULES)
        return;
    if (*line == '!')
        r.negated = true, line++, n--;
    if (n && line[n - 1] == '/')
        r.folder_only = true, n--;
    if (n && *line == '/')
        r.anchored = true, line++, n--;
    const char *pieces[PIECES_MAX];
    for (const char *end = line + n; line < end && r.n < PIECES_MAX;) {
        const char *slash = memchr(line, '/', (size_t)(end - line));
        size_t len = (size_t)((slash ? slash : end) - line);
        bool stars = len == 2 && !memcmp(line, "**", 2), again = stars && r.n && !strcmp(pieces[r.n - 1], "**");
        if (slash)
            r.anchored = true;
        if (len && !again)
            pieces[r.n++] = arena_dup(a, line, len);
        line += len + (slash != NULL);
        if (r.n == PIECES_MAX && line < end)
            return; /* nothing lies that deep */
    }
    if (!r.n)
        return;
    r.pieces = arena_alloc(a, r.n * sizeof *r.pieces);
    memcpy(r.pieces, pieces, r.n * sizeof *r.pieces);
    g->rules[g->n++] = r;
}

static size_t count_lines(const char *text) {
    size_t n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n < IGNORE_RULES ? n : IGNORE_RULES;
}

const struct ignore *ignore_read(struct arena *a, const struct ignore *parent, int dirfd, const char *rel) {
    int fd = openat(dirfd, ".gitignore", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return parent;
    struct buf text = BUF_INIT;
    struct ignore *g = NULL;
    if (!path_read_fd(fd, &text, IGNORE_BYTES, NULL)) {
        g = arena_zalloc(a, sizeof *g);
        g->parent = parent;
        g->base = *rel ? arena_printf(a, "%s/", rel) : "";
        g->rules = arena_alloc(a, count_lines(text.data) * sizeof *g->rules);
        for (const char *at = text.data + (strncmp(text.data, "\xEF\xBB\xBF", 3) ? 0 : 3); *at;) {
            size_t n = strcspn(at, "\n");
            add_rule(a, g, at, n);
            at += n + (at[n] == '\n');
        }
    }
    close(fd);
    buf_release(&text);
    return g ? g : parent;
}

static bool piece_fits(const char *pattern, const char *name) {
    char own[NAME_BYTES];
    size_t n = strcspn(name, "/");
    if (n >= sizeof own)
        return false;
    memcpy(own, name, n);
    own[n] = '\0';
    return fnmatch(pattern, own, 0) == 0;
}

static const char *below(const char *path) {
    const char *slash = strchr(path, '/');
    return slash ? slash + 1 : NULL;
}

/* The last "**" seen takes one folder more whenever what follows it does not fit; earlier ones never need to. */
static bool fits(const struct rule *r, const char *path) {
    const char *retry = NULL;
    size_t i = 0, after_stars = 0;
    while (path) {
        if (i < r->n && !strcmp(r->pieces[i], "**")) {
            if (++i == r->n)
                return true; /* everything inside */
            after_stars = i;
            retry = path;
        } else if (i < r->n && piece_fits(r->pieces[i], path)) {
            i++;
            path = below(path);
        } else if (retry && (retry = below(retry))) {
            i = after_stars;
            path = retry;
        } else {
            return false;
        }
    }
    return i == r->n;
}

bool ignore_match(const struct ignore *rules, const char *rel, bool folder) {
    for (const struct ignore *g = rules; g; g = g->parent) {
        size_t base = strlen(g->base);
        if (strncmp(rel, g->base, base))
            continue;
        const char *inside = rel + base;
        for (size_t i = g->n; i-- > 0;) {
            const struct rule *r = &g->rules[i];
            if (r->folder_only && !folder)
                continue;
            if (fits(r, r->anchored ? inside : path_base(inside)))
                return !r->negated;
        }
    }
    return false;
}
