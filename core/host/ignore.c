/* ignore.c - .gitignore rules; patterns are matched by fnmatch, "**" by trying every tail. */
#include "host/ignore.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

enum { IGNORE_BYTES = 256 * 1024, IGNORE_RULES = 2000 };

struct rule {
    const char *pattern;
    bool negated, folder_only, anchored;
};

struct ignore {
    const struct ignore *parent;
    const char *base; /* folder the rules belong to, relative to the root, with a slash; "" for the root */
    struct rule *rules;
    size_t n;
};

static void add_rule(struct arena *a, struct ignore *g, const char *line, size_t n) {
    struct rule r = {0};
    while (n && (line[n - 1] == ' ' || line[n - 1] == '\r' || line[n - 1] == '\t')) n--;
    if (!n || *line == '#' || g->n == IGNORE_RULES) return;
    if (*line == '!') r.negated = true, line++, n--;
    if (n && line[n - 1] == '/') r.folder_only = true, n--;
    if (n && *line == '/') r.anchored = true, line++, n--;
    if (!n) return;
    if (memchr(line, '/', n)) r.anchored = true;
    r.pattern = arena_dup(a, line, n);
    g->rules[g->n++] = r;
}

const struct ignore *ignore_read(struct arena *a, const struct ignore *parent, int dirfd, const char *rel) {
    int fd = openat(dirfd, ".gitignore", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return parent;
    struct buf text = BUF_INIT;
    struct ignore *g = NULL;
    if (!path_read_fd(fd, &text, IGNORE_BYTES, NULL)) {
        g = arena_zalloc(a, sizeof *g);
        g->parent = parent;
        g->base = *rel ? arena_printf(a, "%s/", rel) : "";
        g->rules = arena_alloc(a, IGNORE_RULES * sizeof *g->rules);
        for (const char *at = text.data; *at;) {
            size_t n = strcspn(at, "\n");
            add_rule(a, g, at, n);
            at += n + (at[n] == '\n');
        }
    }
    close(fd);
    buf_release(&text);
    return g ? g : parent;
}

static bool fits(const char *pattern, const char *path) {
    if (!strncmp(pattern, "**/", 3)) {
        for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
            if (fits(pattern + 3, at)) return true;
        return false;
    }
    size_t n = strlen(pattern);
    int flags = n > 3 && !strcmp(pattern + n - 3, "/**") ? FNM_LEADING_DIR : FNM_PATHNAME;
    return fnmatch(pattern, path, flags) == 0;
}

bool ignore_match(const struct ignore *rules, const char *rel, bool folder) {
    for (const struct ignore *g = rules; g; g = g->parent) {
        size_t base = strlen(g->base);
        if (strncmp(rel, g->base, base)) continue;
        const char *inside = rel + base;
        for (size_t i = g->n; i-- > 0;) {
            const struct rule *r = &g->rules[i];
            if (r->folder_only && !folder) continue;
            if (fits(r->pattern, r->anchored ? inside : path_base(inside))) return !r->negated;
        }
    }
    return false;
}
