/* startup.c - how long a daemon takes from its start until it answers.
 *
 *     startup TIMES SOCKET NAME COMMAND ARGS...
 *
 * Starts COMMAND TIMES times, asks at SOCKET what NAME is (lectern.describe, which needs the registry), and ends it
 * with SIGTERM. Prints, separated by tabs: median and p99 in milliseconds, and the median time it took to end.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "figures.h"
#include "wire.h"

enum { STEP_US = 20, PATIENCE_US = 10 * 1000 * 1000 };

static void describe(int fd, const char *name) {
    struct wire w;
    wire_init(&w, fd);
    rpc_write_request(&w.out, 1, "lectern.describe");
    msgpack_write_array(&w.out, 1);
    wire_put(&w.out, name);
    wire_flush(&w);
    struct rpc r = wire_take(&w);
    if (!value_is(r.error, VALUE_NIL))
        wire_fail(value_cstr(r.error, "an error without text"));
    close(fd);
    wire_release(&w);
}

int main(int argc, char **argv) {
    size_t times = argc > 4 ? (size_t)atol(argv[1]) : 0;
    if (times < 1) {
        fputs("usage: startup TIMES SOCKET NAME COMMAND ARGS...\n", stderr);
        return 64;
    }
    double *up = values_new(times), *down = values_new(times);
    for (size_t i = 0; i < times; i++) {
        pid_t pid;
        int fd;
        double start = now_us();
        if (posix_spawn(&pid, argv[4], NULL, NULL, argv + 4, environ))
            wire_fail("cannot start the daemon");
        while ((fd = wire_connect(argv[2])) < 0) {
            if (now_us() - start > PATIENCE_US || waitpid(pid, NULL, WNOHANG))
                wire_fail("the daemon does not answer");
            usleep(STEP_US);
        }
        describe(fd, argv[3]);
        up[i] = now_us() - start;
        start = now_us();
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
        down[i] = now_us() - start;
    }
    double p50 = median(up, times), p99 = quantile(up, times, 0.99);
    printf("%.3f\t%.3f\t%.3f\n", p50 / 1e3, p99 / 1e3, median(down, times) / 1e3);
    free(up);
    free(down);
    return 0;
}
