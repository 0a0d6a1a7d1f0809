/* api_store.c - primitives that keep the store: checks, copies, dumps, restoring and repair.
 *
 * Each is one long piece of work on a pool thread over connections of its own (store/keep.h); the loop and the other
 * jobs go on. What replaces the store first closes this host's own connections to it, and waits for whoever uses them.
 * Files are those that the person named.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "host/api.h"
#include "host/outfile.h"
#include "host/store_work.h"
#include "store/keep.h"

enum { PIECE = 64 * 1024, STDIN_MAX = 1024 * 1024 * 1024 };

struct keeping {
    struct request *rq;
    struct host *host;
    struct arena arena;
    struct err err;
    struct value result;
    const char *store;
    const char *file; /* or NULL: standard input or output */
    int fd;           /* what goes to standard output, or came from standard input; -1 */
    unsigned mask;
    int64_t bytes; /* of FD that were moved so far */
    struct later later;
    char *piece;
    struct value empty;
    int (*work)(struct keeping *k);
    loop_fn *after;  /* the work */
    struct job *job; /* waits for the work to end, and stops it where it is cancelled */
    atomic_bool stop;
};

/* ---- off the loop ------------------------------------------------------------------------------------------------- */

static void run(void *ctx) {
    struct keeping *k = ctx;
    keep_heed(&k->stop);
    k->work(k);
    keep_heed(NULL);
}

static int with_door_shut(struct keeping *k, int (*fn)(struct keeping *)) {
    store_door_shut(k->host->door);
    int rc = fn(k);
    store_door_reopen(k->host->door);
    return rc;
}

static int do_facts(struct keeping *k) {
    return keep_facts(k->store, &k->arena, &k->result, &k->err);
}

static int do_backup(struct keeping *k) {
    return keep_backup(k->store, k->file, &k->arena, &k->result, &k->err);
}

static int restore_now(struct keeping *k) {
    return keep_restore(k->store, k->file, true, &k->arena, &k->result, &k->err);
}

static int do_restore(struct keeping *k) {
    return with_door_shut(k, restore_now);
}

static int repair_now(struct keeping *k) {
    return keep_repair(k->store, true, &k->arena, &k->result, &k->err);
}

static int do_repair(struct keeping *k) {
    return with_door_shut(k, repair_now);
}

static int load_now(struct keeping *k) {
    return keep_load(k->store, k->fd, k->file ? k->file : "-", &k->arena, &k->result, &k->err);
}

/* A named pipe is not waited for while it is opened, but while it is read: that can be given up. */
static int open_dump(struct keeping *k) {
    struct stat st;
    bool pipe = stat(k->file, &st) == 0 && S_ISFIFO(st.st_mode);
    k->fd = pipe ? open(k->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : path_open_named(k->file, false, &k->err);
    if (pipe && k->fd < 0)
        return err_set(&k->err, E_INPUT, "cannot open '%s'", k->file);
    return k->fd < 0 ? -(int)k->err.code : 0;
}

static int do_load(struct keeping *k) {
    if (k->file && open_dump(k))
        return -(int)k->err.code;
    return with_door_shut(k, load_now);
}

static int write_out(void *ctx, const void *p, size_t n, struct err *err) {
    return outfile_write(ctx, p, n, err);
}

static int write_fd(void *ctx, const void *p, size_t n, struct err *err) {
    const struct keeping *k = ctx;
    for (size_t at = 0; at < n;) {
        ssize_t put = write(k->fd, (const char *)p + at, n - at);
        if (put < 0)
            return err_set(err, E_OUTPUT, "no room for the dump in the temporary folder; name a file");
        at += (size_t)put;
    }
    return 0;
}

/* A file without a name, for what passes through standard input or output. */
static int nameless(struct keeping *k) {
    struct buf name = BUF_INIT;
    const char *folder = getenv("TMPDIR");
    path_join(&name, folder && *folder == '/' ? folder : "/tmp", "lectern-XXXXXX");
    k->fd = mkstemp(name.data);
    if (k->fd >= 0)
        unlink(name.data);
    else
        err_set(&k->err, E_OUTPUT, "cannot make a file in '%s'", folder && *folder == '/' ? folder : "/tmp");
    buf_release(&name);
    return k->fd < 0 ? -(int)E_OUTPUT : 0;
}

static int do_dump(struct keeping *k) {
    int64_t rows = 0;
    struct outfile *out = NULL;
    int rc = k->file ? 0 : nameless(k);
    if (!rc && k->file && !(out = outfile_new(k->file, false, k->mask, &k->err)))
        rc = -(int)k->err.code;
    if (!rc)
        rc = keep_dump(k->store, out ? write_out : write_fd, out ? (void *)out : k, &rows, &k->err);
    if (!rc && out)
        rc = outfile_commit(out, &k->err);
    outfile_free(out);
    k->result = value_map(&k->arena, 2);
    value_set(&k->arena, &k->result, "path", k->file ? value_lit(k->file) : value_nil);
    value_set(&k->arena, &k->result, "rows", value_int(rows));
    return rc;
}

/* ---- from request to answer --------------------------------------------------------------------------------------- */

static void finish(struct keeping *k) {
    struct request *rq = k->rq;
    if (k->err.code == E_OK)
        request_answer(rq, &k->result);
    else
        request_fail(rq, &k->err);
    if (k->fd >= 0)
        close(k->fd);
    err_release(&k->err);
    arena_release(&k->arena);
    mem_free(k);
}

static void cancel(struct job *job) {
    atomic_store(&((struct keeping *)job->pipeline)->stop, true);
}

static void worked(void *ctx) {
    struct keeping *k = ctx;
    k->job->pipeline = NULL;
    k->job->pipeline_cancel = NULL;
    job_part_ended(k->job);
    k->after(k);
}

/* Off the loop; the job ends after it, so that nothing is left lying about. */
static void begin_work(struct keeping *k, enum lane lane, loop_fn *after) {
    k->after = after;
    k->job = k->rq->job;
    if (k->job->pipeline) {
        err_set(&k->err, E_USAGE, "an import, export or work on the store is running in this job already");
        after(k);
        return;
    }
    k->job->pipeline = k;
    k->job->pipeline_cancel = cancel;
    loop_work(k->host->loop, lane, run, worked, k);
}

static void finished(void *ctx) {
    finish(ctx);
}

static struct keeping *keeping_new(struct request *rq, int (*work)(struct keeping *)) {
    struct keeping *k = mem_alloc(sizeof *k);
    *k = (struct keeping){.rq = rq, .host = rq->host, .fd = -1, .mask = rq->job->options.umask, .work = work};
    arena_init(&k->arena);
    err_init(&k->err);
    k->store = arena_strdup(&k->arena, rq->host->place.store);
    k->empty = value_map(&k->arena, 0);
    return k;
}

/* The file that the request names; false: the request has failed. */
static bool named_file(struct request *rq, const char **file, enum path_mode mode, bool required) {
    *file = NULL;
    const struct value *v = value_get(rq->params, "path");
    if (!required && (value_is(v, VALUE_NIL) || value_eqs(v, "-")))
        return true;
    const char *path = param_text(rq, "path", true);
    if (!path)
        return false;
    if (!job_may_path(rq->job, path, mode)) {
        request_failf(rq, E_DENIED, "plugin '%s' may not open '%s': nobody named it", rq->call->plugin->name, path);
        return false;
    }
    *file = path;
    return true;
}

static void start(struct request *rq, int (*work)(struct keeping *), const char *file, enum lane lane, loop_fn *done) {
    if (rq->job->options.dry_run && work != do_facts) {
        request_answer(rq, &value_nil);
        return;
    }
    struct keeping *k = keeping_new(rq, work);
    k->file = file ? arena_strdup(&k->arena, file) : NULL;
    begin_work(k, lane, done);
}

static void store_facts(struct request *rq) {
    start(rq, do_facts, NULL, LANE_FILE, finished);
}

static void store_backup(struct request *rq) {
    const char *file;
    if (named_file(rq, &file, PATH_WRITE, true))
        start(rq, do_backup, file, LANE_FILE, finished);
}

static void store_restore(struct request *rq) {
    const char *file;
    if (named_file(rq, &file, PATH_READ, true))
        start(rq, do_restore, file, LANE_WRITE, finished);
}

static void store_repair(struct request *rq) {
    start(rq, do_repair, NULL, LANE_WRITE, finished);
}

/* ---- standard output and input, a piece at a time ------------------------------------------------------------------ */

/* A request of the host's own, below the one that K is about: what is asked of the front is answered to THEN. */
static struct request *part_of(struct keeping *k, request_then *then, const struct value *params) {
    struct request *part = mem_alloc(sizeof *part);
    *part = (struct request){.host = k->host, .then = then, .then_ctx = k, .params = params};
    arena_init(&part->arena);
    return part;
}

static void piece_written(void *ctx, const struct value *result, const struct err *err);

static void write_piece(void *ctx) {
    struct keeping *k = ctx;
    struct job *job = k->rq->job;
    ssize_t n = job && k->err.code == E_OK ? pread(k->fd, k->piece, PIECE, k->bytes) : 0;
    if (n <= 0) {
        finish(k);
        return;
    }
    k->bytes += n;
    struct job *root = job_root(job);
    root->front->write(root->front_ctx, part_of(k, piece_written, &k->empty), k->piece, (size_t)n);
}

/* From the loop again: an answer may come at once, and there may be many. */
static void piece_written(void *ctx, const struct value *result, const struct err *err) {
    struct keeping *k = ctx;
    (void)result;
    if (err)
        err_copy(&k->err, err);
    loop_later(k->host->loop, &k->later);
}

static void dumped(void *ctx) {
    struct keeping *k = ctx;
    k->later = (struct later){.fn = write_piece, .ctx = k};
    k->piece = arena_alloc(&k->arena, PIECE);
    if (k->err.code == E_OK && k->fd >= 0)
        write_piece(k);
    else
        finish(k);
}

static void store_dump(struct request *rq) {
    const char *file;
    if (!named_file(rq, &file, PATH_WRITE, false))
        return;
    if (!file && !job_root(rq->job)->front->write)
        request_failf(rq, E_USAGE, "name a file to dump to");
    else
        start(rq, do_dump, file, LANE_FILE, dumped);
}

static void more_input(void *ctx, const struct value *result, const struct err *err) {
    struct keeping *k = ctx;
    struct job *job = k->rq->job;
    if (err)
        err_copy(&k->err, err);
    bool some = value_is(result, VALUE_STR) || value_is(result, VALUE_BIN);
    if (some && !err)
        write_fd(k, result->s, result->len, &k->err), k->bytes += result->len;
    if (some && k->bytes > STDIN_MAX)
        err_set(&k->err, E_DATA, "a dump of more than %d MiB must be a file", STDIN_MAX >> 20);
    if (k->err.code != E_OK || !job) {
        finish(k);
    } else if (some) {
        struct job *root = job_root(job);
        root->front->read_stdin(root->front_ctx, part_of(k, more_input, &k->empty));
    } else {
        lseek(k->fd, 0, SEEK_SET);
        begin_work(k, LANE_WRITE, finished);
    }
}

static void load_stdin(struct request *rq) {
    struct keeping *k = keeping_new(rq, do_load);
    struct value none = value_litn("", 0);
    if (rq->job->options.dry_run || nameless(k))
        finish(k);
    else
        more_input(k, &none, NULL);
}

static void store_load(struct request *rq) {
    const char *file;
    if (!named_file(rq, &file, PATH_READ, false))
        return;
    if (file)
        start(rq, do_load, file, LANE_WRITE, finished);
    else if (job_root(rq->job)->front->read_stdin)
        load_stdin(rq);
    else
        request_failf(rq, E_USAGE, "name a file to load");
}

/* ---- checks --------------------------------------------------------------------------------------------------------- */

struct checking {
    struct store_task task;
    struct request *rq;
};

static int do_check(struct store_task *t, struct reader *r) {
    return read_check(r, &t->arena, &t->result, &t->err);
}

static void checked(struct store_task *t) {
    struct checking *c = (struct checking *)t;
    if (t->err.code == E_OK)
        request_answer(c->rq, &t->result);
    else
        request_fail(c->rq, &t->err);
}

static void store_check(struct request *rq) {
    struct checking *c = (struct checking *)store_task_new(rq->host, sizeof *c);
    c->rq = rq;
    c->task.read = do_check;
    c->task.done = checked;
    store_task_run(&c->task);
}

const struct primitive api_store[] = {
    {"store.check", "notes.read", NO_EFFECT, store_check, "{}", "{check, ok, detail}[]",
     "every invariant of the store"},
    {"store.facts", "notes.read", NO_EFFECT, store_facts, "{}", "map",
     "size, schema and room of the store, without reading it"},
    {"store.backup", "store.keep", OUTSIDE_EFFECT, store_backup, "{path}", "{path, bytes, schema, checks}",
     "a checked copy of the store, written while writing goes on"},
    {"store.restore", "store.keep", OUTSIDE_EFFECT, store_restore, "{path}", "{path, from, kept}",
     "the store becomes what a backup holds; the old one is kept aside"},
    {"store.dump", "store.keep", OUTSIDE_EFFECT, store_dump, "{path?}", "{path, rows}",
     "everything as JSON lines, to a file or standard output"},
    {"store.load", "store.keep", OUTSIDE_EFFECT, store_load, "{path?}", "{rows, schema, checks}",
     "a dump into an empty store, from a file or standard input"},
    {"store.repair", "store.keep", OUTSIDE_EFFECT, store_repair, "{}", "{repaired, kept, found, lost, notes}",
     "what can be read of a damaged store into a new one; the old one is kept aside"},
};
const size_t api_store_count = sizeof api_store / sizeof *api_store;
