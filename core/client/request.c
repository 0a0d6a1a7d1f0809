/* request.c - hello and run.
 *
 * The one idea: encoded straight from argv and the environment, without building values first. Of the environment the
 * host gets what decides how things are named, found, shown and edited, and nothing else: tokens and passwords in
 * other variables are none of its business.
 */
#include "client/request.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msgpack.h"
#include "base/version.h"

enum { LONGEST_VARIABLE = 64 * 1024 };

static const char *const told[] = {"TZ",     "LANG",  "LC_ALL", "COLUMNS", "NO_COLOR", "EDITOR",
                                   "VISUAL", "PAGER", "HOME",   "PATH",    "TERM"};
static const char *const told_prefixes[] = {"XDG_", "LECTERN_"};

static void put_string(struct buf *out, const char *s) {
    msgpack_write_str(out, s, strlen(s));
}

void request_hello(struct buf *out) {
    rpc_write_request(out, REQUEST_HELLO, "lectern.hello");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 3);
    put_string(out, "protocol");
    msgpack_write_int(out, LECTERN_PROTOCOL);
    put_string(out, "role");
    put_string(out, "cli");
    put_string(out, "version");
    put_string(out, LECTERN_VERSION);
}

bool request_tells(const char *entry, size_t *n) {
    const char *equals = strchr(entry, '=');
    if (!equals || strlen(equals) > LONGEST_VARIABLE) {
        return false;
    }
    *n = (size_t)(equals - entry);
    for (size_t i = 0; i < sizeof told_prefixes / sizeof *told_prefixes; i++) {
        if (strncmp(entry, told_prefixes[i], strlen(told_prefixes[i])) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (strlen(told[i]) == *n && memcmp(entry, told[i], *n) == 0) {
            return true;
        }
    }
    return false;
}

static void put_environment(struct buf *out) {
    uint32_t count = 0;
    size_t n;
    for (char **e = environ; e && *e; e++) {
        count += request_tells(*e, &n);
    }
    msgpack_write_map(out, count);
    for (char **e = environ; e && *e; e++) {
        if (request_tells(*e, &n)) {
            msgpack_write_str(out, *e, n);
            put_string(out, *e + n + 1);
        }
    }
}

static mode_t current_umask(void) {
    mode_t mask = umask(0);
    umask(mask);
    return mask;
}

static void put_terminal(struct buf *out, const struct terminal *t) {
    put_string(out, "tty");
    msgpack_write_array(out, 3);
    for (int i = 0; i < 3; i++) {
        msgpack_write_bool(out, t->tty[i]);
    }
    put_string(out, "width");
    msgpack_write_int(out, terminal_width(t));
}

void request_run(struct buf *out, const struct request *r) {
    rpc_write_request(out, REQUEST_RUN, "run");
    msgpack_write_array(out, 1);
    msgpack_write_map(out, 7);
    put_string(out, "argv");
    msgpack_write_array(out, (uint32_t)r->argc);
    for (int i = 0; i < r->argc; i++) {
        put_string(out, r->argv[i]);
    }
    put_string(out, "cwd");
    put_string(out, r->cwd);
    put_string(out, "umask");
    msgpack_write_int(out, current_umask());
    put_string(out, "env");
    put_environment(out);
    put_terminal(out, r->terminal);
    put_string(out, "private");
    msgpack_write_bool(out, r->private_host);
}
