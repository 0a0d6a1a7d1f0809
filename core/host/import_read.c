/* import_read.c - files to text, off the loop: opened beneath what was named, hashed, decoded, compared with what is known.
 *
 * A task takes a batch of files; nothing of the loop's state is touched there. A file whose entry in its folder is as it was when it was read last is
 * known without opening it, as version control does it.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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
    bool stamps;      /* nobody asks for more than whether it changed */
    const struct value *given; /* bytes from standard input, for the one source "-" */
};

static int open_file(const struct batch *b, const struct walk_file *f, struct err *err) {
    if (f->root >= 0)
        return path_open_beneath(b->roots[f->root], f->rel, 0, 0, err);
    return path_open_named(f->path, false, err);
}

/* Equal for the same file with the same content: a change moves ctime, which nobody can set. None while the entry is so young that another change may
 * get the same time: file systems count in ticks of some milliseconds, or in seconds. */
static int64_t stamp_of(const struct stat *st) {
    enum { TICK_MS = 100, COARSE_MS = 3000 };
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ms = (now.tv_sec - st->st_ctim.tv_sec) * 1000 + (now.tv_nsec - st->st_ctim.tv_nsec) / 1000000, stamp;
    if (age_ms < (st->st_ctim.tv_nsec ? TICK_MS : COARSE_MS))
        return 0;
    const int64_t entry[] = {(int64_t)st->st_dev, (int64_t)st->st_ino, st->st_size,        st->st_mtim.tv_sec,
                             st->st_mtim.tv_nsec, st->st_ctim.tv_sec,  st->st_ctim.tv_nsec};
    uint8_t digest[SHA256_BYTES];
    sha256(entry, sizeof entry, digest);
    memcpy(&stamp, digest, sizeof stamp);
    return stamp;
}

static int read_bytes(const struct batch *b, struct import_source *s) {
    if (b->given && !strcmp(s->file->shown, "-")) {
        buf_add(&s->raw, b->given->s, b->given->len);
        return 0;
    }
    int fd = open_file(b, s->file, &s->err);
    if (fd < 0)
        return fd;
    struct stat st;
    bool looked = !fstat(fd, &st), large = looked && st.st_size > IMPORT_FILE_BYTES; /* known before a byte is read */
    s->stamp = looked && S_ISREG(st.st_mode) ? stamp_of(&st) : 0;
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
    if (text_is_plain_utf8(s->raw.data, s->raw.len))
        return 0;
    text_decode(&s->decoded, s->raw.data, s->raw.len, &how);
    if (how.binary)
        return err_set(&s->err, E_DATA, "'%s' is not text", s->file->shown);
    s->encoding = text_charset_name(how.charset);
    s->text = s->decoded.data;
    s->len = s->decoded.len;
    s->bom = how.bom;
    if (how.guessed)
        warn(s, "not UTF-8 and no charset declared: read as %s", s->encoding);
    else if (how.replaced)
        warn(s, "some bytes are not valid %s and were replaced", s->encoding);
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
        if (strcmp(s->candidates[i]->name, s->last.importer))
            continue;
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

/* A link on the way does no harm here: what it leads to is known only if it is the very file that was read. */
static bool is_unchanged(const struct batch *b, struct import_source *s, struct reader *r) {
    const struct walk_file *f = s->file;
    struct stat st;
    if (!b->stamps || s->hold || value_is(s->wish, VALUE_MAP))
        return false;
    if (f->root >= 0 ? fstatat(b->roots[f->root], f->rel, &st, AT_SYMLINK_NOFOLLOW) : stat(f->path, &st))
        return false;
    int64_t stamp = S_ISREG(st.st_mode) ? stamp_of(&st) : 0;
    s->known = stamp && !read_source_stamped(r, f->shown, stamp, &s->last, &s->err) && up_to_date(s);
    return s->known;
}

static int read_files(struct batch *b, struct reader *r) {
    size_t bytes = 0;
    for (struct import_source *s = b->list, *last = NULL; s; last = s, s = s->next) {
        if (last && (bytes += last->raw.len + last->decoded.len) > IMPORT_IN_FLIGHT_BYTES) {
            b->rest = s;
            last->next = NULL;
            return 0;
        }
        if (s->err.code != E_OK || is_unchanged(b, s, r) || s->err.code != E_OK || read_bytes(b, s))
            continue;
        sha256(s->raw.data, s->raw.len, s->sha256);
        if (import_check_pin(s))
            continue;
        import_look_for_moved(s);
        if (!b->copy && read_source_known(r, s->file->shown, s->sha256, &s->last, &s->err))
            continue;
        s->known = up_to_date(s) && !b->again && !s->hold && !s->moved;
        if (needs_no_text(s) || decode(s))
            continue;
        if (s->text != s->raw.data)
            s->stamp = 0; /* it is told each time how it was read */
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
    if (t->err.code != E_OK && im->fatal.code == E_OK)
        err_copy(&im->fatal, &t->err);
    im->unread = b->rest;
    bool known = true;
    for (const struct import_source *s = b->list; s && known; s = s->next)
        known = s->known;
    if (!known)
        im->batch = IMPORT_BATCH;
    else if (im->batch < IMPORT_BATCH_KNOWN)
        im->batch *= 2;
    import_was_read(im, b->list);
}

/* Which importers might read it, by name alone. None and not named directly: it is passed over unread. */
static void choose_candidates(struct import_source *s) {
    struct import *im = s->import;
    if (im->with || s->wished) {
        s->candidates[0] = s->wished ? s->wished : im->with;
        s->ncandidates = 1;
        s->fits = true;
        return;
    }
    s->ncandidates =
        registry_importers_for(im->host->registry, path_base(s->file->shown), s->candidates, IMPORT_CANDIDATES);
    s->fits = s->ncandidates == 1;
    if (s->ncandidates || !s->file->named)
        return;
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
        if (!strcmp(all[i]->kind, "importer") && all[i]->plugin->state == PLUGIN_OK)
            s->candidates[s->ncandidates++] = all[i];
}

static struct import_source *source_new(struct import *im, const struct walk_file *f) {
    struct import_source *s = mem_alloc(sizeof *s);
    s->import = im;
    s->file = f;
    arena_init(&s->arena);
    buf_init(&s->raw);
    buf_init(&s->decoded);
    err_init(&s->err);
    s->records = value_array(&s->arena, 0);
    s->warnings = value_array(&s->arena, 0);
    import_take_wish(s);
    if (f->err)
        err_copy(&s->err, f->err);
    else if (s->err.code == E_OK)
        choose_candidates(s);
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
    b->stamps = !b->copy && !b->again && !b->given && !(value_is(im->moved, VALUE_MAP) && im->moved->len);
    b->task.read = read_batch;
    b->task.done = batch_done;
    for (*last = im->unread; *last;)
        last = &(*last)->next;
    bool fresh = !im->unread;
    im->unread = NULL;
    for (size_t n = 0, seen = 0; fresh && n < im->batch && seen < IMPORT_LOOK && im->at < im->walk.n; seen++) {
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
