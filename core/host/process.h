/* process.h - child processes of the host: started with one socket, ended for good. */
#ifndef LECTERN_HOST_PROCESS_H
#define LECTERN_HOST_PROCESS_H

#include "base/err.h"
#include "host/loop.h"

struct process;
/* SIGNAL is 0 when it exited by itself. Called once; PROCESS may be freed from then on. */
typedef void process_exited(void *ctx, int status, int signal);

/* Start ARGV[0] (a path) with no environment but ENV, stdin/stdout/stderr from /dev/null (stderr inherited when KEEP_STDERR), and one
 * end of a socketpair as descriptor 3; *FD gets the other end (caller closes). Own process group. */
struct process *process_spawn(struct loop *l, char *const argv[], char *const env[], bool keep_stderr, int *fd,
                              process_exited *exited, void *ctx, struct err *err);
int process_pid(const struct process *p); /* 0 once it has exited */
void process_kill(struct process *p);     /* SIGKILL to its group; nothing when it has exited */
void process_cpu_limit(
    struct process *p,
    int64_t budget_ms); /* RLIMIT_CPU: what it used so far + BUDGET_MS, in whole seconds, rounded up */
int64_t process_cpu_us(const struct process *p);
long process_rss_kb(const struct process *p);
void process_free(struct process *p); /* kills if need be; EXITED is not called any more */

#endif
