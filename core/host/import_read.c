/* import_read.c - files to text, off the loop: opened beneath what was named, hashed, decoded, compared with what is known.
 *
 * A task takes a batch of files; nothing of the loop's state is touched there.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "host/import_priv.h"

struct batch {
    struct store_task task; /* LANE_READ: it asks the store what is known */
    struct import *import;
    struct import_source *list, *rest; /* REST: not read, the batch was full of bytes */
    const int *roots;
    bool copy, again; /* AGAIN: what is known may lack the event that is given now, or the files that are looked for */
    const struct value *given; /* bytes from standard input, for the one source "-" */
};

static int open_file(const struct batch *b, const struct walk_file *f, struct err *err) {
    if (f->root >= 0) return path_open_beneath(b->roots[f->root], f->rel, 0, 0, err);
    return path_open_named(f->path, false, err);
}

static int read_bytes(const struct batch *b, struct import_source *s) {
    if (b->given && !strcmp(s->file->shown, "-")) {
        buf_add(&s->raw, b->given->s, b->given->len);
        return 0;
    }
    int fd = open_file(b, s->file, &s->err);
    if (fd < 0) return fd;
    struct stat st;
    bool large = !fstat(fd, &st) && st.st_size > IMPORT_FILE_BYTES; /* known before a byte is read */
    int rc = large ? err_set(&s->err, E_DATA, "too large") : path_read_fd(fd, &s->raw, IMPORT_FILE_BYTES, &s->err);
    close(fd);
    if (rc && s->err.code == E_DATA) {
        err_set(&s->err, E_DATA, "'%s' is larger than 50 MiB", s->file->shown);
        err_hint(&s->err, "split it, or import the part you need");
    }
    return rc;
}

static void warn(struct import_source *s, const char *format, const char *word) {
    struct value w = value_map(&s->arena, 2);
    value_set(&s->arena, &w, "message", value_strf(&s->arena, format, word));
    value_set(&s->arena, &w, "line", value_nil);
    value_push(&s->arena, &s->warnings, w);
}

static int decode(struct import_source *s) {
    struct text_decoded how;
    s->encoding = "utf-8";
    s->text = s->raw.data;
    s->len = s->raw.len;
    if (text_is_plain_utf8(s->raw.data, s->raw.len)) return 0;
    text_decode(&s->decoded, s->raw.data, s->raw.len, &how);
    if (how.binary) return err_set(&s->err, E_DATA, "'%s' is not text", s->file->shown);
    s->encoding = text_charset_name(how.charset);
    s->text = s->decoded.data;
    s->len = s->decoded.len;
    s->bom = how.bom;
    if (how.guessed) warn(s, "not UTF-8 and no charset declared: read as %s", s->encoding);
    else if (how.replaced) warn(s, "some bytes are not valid %s and were replaced", s->encoding);
    return 0;
}

static void count_lines(struct import_source *s) {
    char mark = s->len && memchr(s->text, '\n', s->len) ? '\n' : '\r'; /* as the store counts them */
    for (const char *at = s->text, *end = at + s->len; at < end; s->lines++) {
        const char *nl = memchr(at, mark, (size_t)(end - at));
        at = nl ? nl + 1 : end;
    }
}

/* Would they come out as they are in the store? Not by another importer, nor by another version of the same. */
static bool up_to_date(struct import_source *s) {
    for (size_t i = 0; i < s->ncandidates; i++) {
        if (strcmp(s->candidates[i]->name, s->last.importer)) continue;
        bool same = !strcmp(import_source_version(s, s->candidates[i]), s->last.version);
        s->corrected = !same && import_only_recipe_differs(s, s->candidates[i]);
        return same;
    }
    return false;
}

/* What is known and plain need not be looked at any more; of other text one is told again how it was read. */
static bool needs_no_text(const struct import_source *s) {
    return s->known && text_utf8_valid(s->raw.data, s->raw.len) == s->raw.len;
}

static int read_files(struct batch *b, struct reader *r) {
    size_t bytes = 0;
    for (struct import_source *s = b->list, *last = NULL; s; last = s, s = s->next) {
        if (last && (bytes += last->raw.len + last->decoded.len) > IMPORT_IN_FLIGHT_BYTES) {
            b->rest = s;
            last->next = NULL;
            return 0;
        }
        if (s->err.code != E_OK || read_bytes(b, s)) continue;
        sha256(s->raw.data, s->raw.len, s->sha256);
        if (import_check_pin(s)) continue;
        import_look_for_moved(s);
        if (!b->copy && read_source_known(r, s->file->shown, s->sha256, &s->last, &s->err)) continue;
        s->known = up_to_date(s) && !b->again && !s->hold && !s->moved;
        if (needs_no_text(s) || decode(s)) continue;
        count_lines(s);
    }
    return 0;
}

static int read_batch(struct store_task *t, struct reader *r) {
    int rc = reader_hold(r, &t->err); /* the store is asked once for each file: as one reading, not as many */
    rc = rc ? rc : read_files((struct batch *)t, r);
    reader_let_go(r);
    return rc;
}

static void batch_done(struct store_task *t) {
    struct batch *b = (struct batch *)t;
    struct import *im = b->import;
    if (t->err.code != E_OK && im->fatal.code == E_OK) err_copy(&im->fatal, &t->err);
    im->unread = b->rest;
    import_was_read(im, b->list);
}

/* Which importers might read it, by name alone. None and not named directly: it is passed over unread. */
static void choose_candidates(struct import_source *s) {
    struct import *im = s->import;
    if (im->with || s->wished) {
        s->candidates[0] = s->wished ? s->wished : im->with;
        s->ncandidates = 1;
        return;
    }
    s->ncandidates = registry_importers_for(im->host->registry, path_base(s->file->shown), s->candidates, IMPORT_CANDIDATES);
    if (s->ncandidates || !s->file->named) return;
    size_t stem;
    const char *extension = path_extension(path_base(s->file->shown), &stem);
    if (*extension) {
        err_set(&s->err, E_DATA, "no importer reads '.%s' files", extension);
        err_hint(&s->err, "name one that may: --with markdown; lectern plugins lists them");
        return;
    }
    size_t n;
    struct contribution **all = registry_all(im->host->registry, &n);
    for (size_t i = 0; i < n && s->ncandidates < IMPORT_CANDIDATES; i++)
        if (!strcmp(all[i]->kind, "importer") && all[i]->plugin->state == PLUGIN_OK) s->candidates[s->ncandidates++] = all[i];
}

static struct import_source *source_new(struct import *im, const struct walk_file *f) {
    struct import_source *s = mem_alloc(sizeof *s);
    s->import = im;
    s->file = f;
    arena_init(&s->arena);
    buf_init(&s->raw);
    buf_init(&s->decoded);
    err_init(&s->err);
    s->records = value_array(&s->arena, 4);
    s->warnings = value_array(&s->arena, 0);
    import_take_wish(s);
    if (f->err) err_copy(&s->err, f->err);
    else if (s->err.code == E_OK) choose_candidates(s);
    return s;
}

void import_source_free(struct import_source *s) {
    buf_release(&s->raw);
    buf_release(&s->decoded);
    err_release(&s->err);
    arena_release(&s->arena);
    mem_free(s);
}

void import_read_more(struct import *im) {
    struct batch *b = (struct batch *)store_task_new(im->host, sizeof *b);
    struct import_source **last = &b->list;
    b->import = im;
    b->roots = im->walk.roots;
    b->copy = im->copy;
    b->again = im->attach || !value_is(&im->event, VALUE_NIL);
    b->given = value_is(&im->stdin_bytes, VALUE_NIL) ? NULL : &im->stdin_bytes;
    b->task.read = read_batch;
    b->task.done = batch_done;
    for (*last = im->unread; *last;) last = &(*last)->next;
    bool fresh = !im->unread;
    im->unread = NULL;
    for (size_t n = 0, seen = 0; fresh && n < IMPORT_BATCH && seen < IMPORT_LOOK && im->at < im->walk.n; seen++) {
        struct import_source *s = source_new(im, &im->walk.files[im->at++]);
        if (s->err.code == E_OK && !s->ncandidates) {
            import_report_one(im, s);
            continue;
        }
        *last = s;
        last = &s->next;
        im->in_flight++;
        n++;
    }
    im->reading = true;
    store_task_run(&b->task);
}
