/* link.c - the connection to the host.
 *
 * The one idea: connect first and ask nothing of the file system before, then check that the peer and the folder of the
 * socket are ours before a byte is said. Knows nothing of what the messages mean.
 */
#include "client/link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/launch.h"

enum { READ_BYTES = 64 * 1024, HOST_END_MS = 2000 };

void link_init(struct link *l) {
    *l = (struct link){.fd = -1};
    buf_init(&l->out);
    arena_init(&l->arena);
    msgpack_stream_init(&l->in, &msgpack_limits_default);
}

/* ---- finding the host ------------------------------------------------------------------------------------------ */

static bool nobody_there(int error) {
    return error == ENOENT || error == ECONNREFUSED || error == ENOTDIR;
}

static int connect_to(const char *path, int *fd, struct err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof address.sun_path) {
        return err_set(err, E_CONFIG, "socket path '%s' is too long; set XDG_RUNTIME_DIR to a shorter folder", path);
    }
    memcpy(address.sun_path, path, n + 1);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && connect(*fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        return 1;
    }
    int error = errno;
    if (*fd >= 0) {
        close(*fd);
    }
    if (nobody_there(error)) {
        return 0;
    }
    err_set(err, error == EACCES ? E_DENIED : E_UNAVAILABLE, "cannot reach the daemon at '%s': %s", path,
            strerror(error));
    return err_hint(err, "use --no-daemon to go on without it");
}

static int check_folder(const char *folder, struct err *err) {
    struct stat st;
    if (lstat(folder, &st) != 0) {
        return err_set(err, E_DENIED, "cannot look at the socket's folder '%s': %s", folder, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
        err_set(err, E_DENIED, "the socket's folder '%s' is not a folder of yours", folder);
        return err_hint(err, "remove it, or set XDG_RUNTIME_DIR to a folder that only you can enter");
    }
    if ((st.st_mode & 0777) != 0700) {
        err_set(err, E_DENIED, "the socket's folder '%s' is open to others (mode %03o)", folder,
                (unsigned)st.st_mode & 0777);
        return err_hint(err, "close it with: chmod 700 '%s'", folder);
    }
    return 0;
}

static int check_peer(struct link *l, struct err *err) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(l->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return err_set(err, E_DENIED, "cannot tell who the daemon is: %s", strerror(errno));
    }
    if (peer.uid != geteuid()) {
        err_set(err, E_DENIED, "the daemon is run by user %u, not by you", (unsigned)peer.uid);
        return err_hint(err, "use --no-daemon to go on without it");
    }
    l->peer = peer.pid;
    return 0;
}

int link_connect(struct link *l, const struct place *p, struct err *err) {
    int rc = connect_to(p->socket, &l->fd, err);
    if (rc != 1) {
        l->fd = -1;
        return rc;
    }
    rc = check_folder(p->runtime, err);
    if (rc == 0) {
        rc = check_peer(l, err);
    }
    if (rc != 0) {
        link_close(l);
        return rc;
    }
    return 1;
}

static int connect_daemon(struct link *l, const struct words *w, const char *cwd, struct err *err) {
    struct place p = {0};
    int rc = place_find(&p, place_getenv, NULL, cwd, w->store, w->config, err);
    if (rc != 0) {
        return rc;
    }
    rc = link_connect(l, &p, err);
    place_release(&p);
    return rc;
}

int link_open(struct link *l, const struct words *w, const char *cwd, struct err *err) {
    int rc = w->no_daemon ? 0 : connect_daemon(l, w, cwd, err);
    return rc == 0 ? link_start(l, w, err) : rc < 0 ? rc : 0;
}

int link_start(struct link *l, const struct words *w, struct err *err) {
    int rc = launch_private(w, &l->fd, &l->peer, err);
    l->private_host = rc == 0;
    return rc;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

void link_flush(struct link *l) {
    size_t sent = 0;
    while (l->fd >= 0 && sent < l->out.len) {
        ssize_t n = send(l->fd, l->out.data + sent, l->out.len - sent, MSG_NOSIGNAL);
        if (n >= 0) {
            sent += (size_t)n;
        } else if (errno != EINTR) {
            l->unread = true;
            break;
        }
    }
    buf_clear(&l->out);
}

bool link_fill(struct link *l) {
    static char chunk[READ_BYTES];
    ssize_t n;
    do {
        n = recv(l->fd, chunk, sizeof chunk, 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        l->unread |= n < 0 && errno == ECONNRESET;
        return false;
    }
    msgpack_stream_feed(&l->in, chunk, (size_t)n);
    return true;
}

int link_next(struct link *l, struct rpc *r, struct err *err) {
    arena_clear(&l->arena);
    int rc = msgpack_stream_next(&l->in, &l->arena, &l->message, err);
    if (rc != 1) {
        return rc;
    }
    rc = rpc_parse(&l->message, r, err);
    return rc == 0 ? 1 : rc;
}

void link_cancel(struct link *l, const char *reason) {
    if (l->cancelled) {
        return;
    }
    l->cancelled = true;
    rpc_write_notification(&l->out, "cancel");
    msgpack_write_array(&l->out, 1);
    msgpack_write_str(&l->out, reason, strlen(reason));
    link_flush(l);
}

/* ---- the end --------------------------------------------------------------------------------------------------- */

void link_close(struct link *l) {
    if (l->fd >= 0) {
        close(l->fd);
    }
    l->fd = -1;
}

void link_release(struct link *l, int *status) {
    int wait_status;
    link_close(l);
    if (status) {
        *status = -1;
    }
    if (l->private_host && launch_wait(l->peer, HOST_END_MS, &wait_status) && status && WIFEXITED(wait_status)) {
        *status = WEXITSTATUS(wait_status);
    }
    l->private_host = false;
    buf_release(&l->out);
    arena_release(&l->arena);
    msgpack_stream_release(&l->in);
}
