/* main.c - lectern-compartment: one plugin's Lua, sealed off.
 *
 * The one idea: everything that needs rights is done here, in order, before the seal: the socket, the helpers, the
 * loop. After it come only messages. The host starts this program; people do not.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/msgpack.h"
#include "base/place.h"
#include "compartment/api.h"
#include "compartment/loop.h"
#include "compartment/modules.h"
#include "compartment/sandbox.h"
#include "compartment/tasks.h"

static const char usage[] =
    "usage: lectern-compartment --fd N --plugin NAME [--helpers A,B] [--modules DIR] [--memory MIB] [--no-sandbox]\n"
    "This program is started by lecternd; it speaks MessagePack-RPC on descriptor N.\n";

enum { MEMORY_MIB = 64, MEMORY_MIB_MAX = 4096, SPARE_BYTES = 8 * 1024 * 1024 };

struct options {
    int fd;
    const char *plugin;
    const char *helpers; /* names between commas */
    const char *modules; /* folder of the helpers; NULL: beside this program */
    size_t memory_mib;
    bool no_sandbox;
};

struct compartment {
    struct vm *vm;
    struct tasks *tasks;
    struct link link;
    struct loop *loop;
    struct helper helpers[HELPERS_MAX];
    size_t nhelpers;
};

#ifdef LECTERN_SANITIZE
/* The leak checker starts a process, which the seal forbids; memory.c counts instead. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}
#endif

/* ---- options --------------------------------------------------------------------------------------------------- */

static bool number_option(const char *text, long max, long *out) {
    char *end;
    long n = text ? strtol(text, &end, 10) : -1;
    *out = n;
    return text && *text && !*end && n >= 0 && n <= max;
}

static bool read_options(int argc, char **argv, struct options *o) {
    *o = (struct options){.fd = -1, .helpers = "", .memory_mib = MEMORY_MIB};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--no-sandbox") == 0) {
            o->no_sandbox = true;
            continue;
        }
        const char *value = argv[++i]; /* NULL after the last */
        long n = 0;
        if (strcmp(name, "--fd") == 0 && number_option(value, 1 << 20, &n)) {
            o->fd = (int)n;
        } else if (strcmp(name, "--memory") == 0 && number_option(value, MEMORY_MIB_MAX, &n) && n > 0) {
            o->memory_mib = (size_t)n;
        } else if (strcmp(name, "--plugin") == 0 && value) {
            o->plugin = value;
        } else if (strcmp(name, "--helpers") == 0 && value) {
            o->helpers = value;
        } else if (strcmp(name, "--modules") == 0 && value) {
            o->modules = value;
        } else {
            return false;
        }
    }
    return o->fd >= 0 && o->plugin;
}

/* ---- helpers --------------------------------------------------------------------------------------------------- */

static int load_helper(struct compartment *c, const char *folder, const char *name, size_t n, struct err *err) {
    struct helper *h = &c->helpers[c->nhelpers];
    if (c->nhelpers == HELPERS_MAX || n == 0 || n >= sizeof h->name ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") < n) {
        return err_set(err, E_UNAVAILABLE, "helper '%.*s' cannot be loaded", (int)(n > 64 ? 64 : n), name);
    }
    memcpy(h->name, name, n);
    h->name[n] = '\0';
    struct buf path = BUF_INIT;
    char symbol[64];
    buf_addf(&path, "%s/%s.so", folder, h->name);
    snprintf(symbol, sizeof symbol, "luaopen_lectern_%s", h->name);
    void *library = dlopen(path.data, RTLD_NOW | RTLD_LOCAL);
    void *entry = library ? dlsym(library, symbol) : NULL;
    buf_release(&path);
    if (!entry) {
        const char *why = dlerror();
        return err_set(err, E_UNAVAILABLE, "helper 'lectern.%s' cannot be loaded: %s", h->name, why ? why : "no entry");
    }
    memcpy(&h->open, &entry, sizeof entry);
    c->nhelpers++;
    return 0;
}

static int load_helpers(struct compartment *c, const struct options *o, struct err *err) {
    if (!*o->helpers) {
        return 0;
    }
    struct place_tree tree = {0};
    int rc = o->modules ? 0 : place_tree_find(&tree, err);
    for (const char *at = o->helpers; rc == 0 && *at;) {
        size_t n = strcspn(at, ",");
        rc = load_helper(c, o->modules ? o->modules : tree.modules, at, n, err);
        at += n + (at[n] == ',');
    }
    place_tree_release(&tree);
    return rc;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static bool is(const struct message *m, const char *method) {
    return m->method_len == strlen(method) && memcmp(m->method, method, m->method_len) == 0;
}

static void on_request(struct compartment *c, const struct message *m) {
    if (is(m, "call")) {
        tasks_start(c->tasks, m->id, api_call, m->body);
    } else if (is(m, "load")) {
        tasks_start(c->tasks, m->id, api_load, m->body);
    } else {
        struct err err;
        err_init(&err);
        err_set(&err, E_USAGE, "unknown method '%.*s'", (int)(m->method_len > 64 ? 64 : m->method_len), m->method);
        rpc_write_error(&c->link.out, m->id, &err);
    }
}

static bool next_text(struct unpack *u, char *out, size_t size) {
    struct unpack_token t;
    if (unpack_next(u, &t) != UNPACK_OK || t.kind != UNPACK_STR) {
        return false;
    }
    snprintf(out, size, "%.*s", (int)(t.len < size ? t.len : size - 1), t.s);
    return true;
}

/* cancel(call, reason, error): the error is "E_CODE: message" and may be left out. */
static void on_cancel(struct compartment *c, struct unpack u) {
    struct unpack_token params, call;
    if (unpack_next(&u, &params) != UNPACK_OK || params.kind != UNPACK_ARRAY || params.len < 1 ||
        unpack_next(&u, &call) != UNPACK_OK || call.kind != UNPACK_INT) {
        return;
    }
    char reason[64] = "cancelled", error[ERR_MESSAGE_MAX] = "";
    if (params.len > 1 && next_text(&u, reason, sizeof reason) && params.len > 2) {
        next_text(&u, error, sizeof error);
    }
    char *colon = strstr(error, ": ");
    if (strncmp(error, "E_", 2) == 0 && colon) {
        *colon = '\0';
        tasks_cancel(c->tasks, call.i, error, colon + 2);
    } else {
        tasks_cancel(c->tasks, call.i, "E_CANCELLED", *error ? error : reason);
    }
}

static void on_message(void *ctx, const struct message *m) {
    struct compartment *c = ctx;
    if (m->type == RPC_REQUEST) {
        on_request(c, m);
    } else if (m->type == RPC_RESPONSE) {
        tasks_response(c->tasks, m->id, m->body);
    } else if (is(m, "cancel")) {
        on_cancel(c, m->body);
    }
}

/* ---- start and end --------------------------------------------------------------------------------------------- */

static void out_of_memory(void *vm) {
    tasks_out_of_memory(vm);
}

/* While a compartment works its heap may shrink and grow again, and large messages lie in it; once it rests, all that goes
 * back (vm_rest). */
static void tune_malloc(void) {
    mallopt(M_MMAP_THRESHOLD, SPARE_BYTES);
    mallopt(M_TRIM_THRESHOLD, SPARE_BYTES);
}

static int start_lua(struct compartment *c, const struct options *o, struct err *err) {
    c->vm = vm_new(o->memory_mib << 20, out_of_memory);
    if (!c->vm) {
        return err_set(err, E_UNAVAILABLE, "no memory for a Lua state");
    }
    fault_open(c->vm->L);
    api_open(c->vm->L);
    modules_open(c->vm->L);
    for (size_t i = 0; i < c->nhelpers; i++) {
        modules_add_helper(c->vm->L, &c->helpers[i]);
    }
    c->vm->link = &c->link;
    c->tasks = tasks_new(c->vm);
    c->loop = loop_new(&c->link, c->tasks);
    return c->loop ? 0 : err_set(err, E_UNAVAILABLE, "no event loop");
}

static void say_ready(struct link *l, enum sandbox_level level) {
    const char *name = sandbox_level_name(level);
    rpc_write_notification(&l->out, "ready");
    msgpack_write_array(&l->out, 1);
    msgpack_write_map(&l->out, 2);
    msgpack_write_str(&l->out, "pid", 3);
    msgpack_write_int(&l->out, getpid());
    msgpack_write_str(&l->out, "sandbox", 7);
    msgpack_write_str(&l->out, name, strlen(name));
}

static int say_failed(struct link *l, const struct err *err) {
    rpc_write_notification(&l->out, "failed");
    msgpack_write_array(&l->out, 1);
    msgpack_write_str(&l->out, err->message, strlen(err->message));
    link_flush(l);
    return err_status(err->code);
}

static int start(struct compartment *c, const struct options *o, enum sandbox_level *level, struct err *err) {
    prctl(PR_SET_NAME, o->plugin); /* for people who look at a list of processes */
    int rc = sandbox_follow_parent(err);
    rc = rc ? rc : load_helpers(c, o, err);
    rc = rc ? rc : start_lua(c, o, err);
    if (rc == 0 && !o->no_sandbox) {
        rc = sandbox_seal(o->memory_mib, level, err);
    }
    return rc;
}

static void stop(struct compartment *c) {
    loop_free(c->loop);
    tasks_free(c->tasks);
    vm_free(c->vm);
    link_release(&c->link);
}

int main(int argc, char **argv) {
    struct options o;
    struct err err;
    err_init(&err);
    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    if (sandbox_descriptors(o.fd, &err) != 0) {
        fprintf(stderr, "lectern-compartment: %s\n", err.message);
        return err_status(err.code);
    }
    tune_malloc();
    struct compartment c = {0};
    link_init(&c.link, SANDBOX_FD, on_message, &c);
    enum sandbox_level level = SANDBOX_NONE;
    if (start(&c, &o, &level, &err) != 0) {
        return say_failed(&c.link, &err);
    }
    say_ready(&c.link, level);
    loop_run(c.loop);
    stop(&c);
    return 0;
}
