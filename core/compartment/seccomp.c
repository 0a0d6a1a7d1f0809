/* seccomp.c - a filter made from two lists.
 *
 * The one idea: the numbers of a list become ranges, the ranges a balanced tree of comparisons. That makes the filter
 * short, and its installation too: the kernel runs it once for every system call there is, to remember which are always
 * allowed. Those then cost nothing.
 */
#include "compartment/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
enum { NUMBERS_END = 0x40000000 }; /* from here on: the x32 calls */
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
enum { NUMBERS_END = 0x7fffffff };
#else
#error "write the system call architecture of this machine here"
#endif

enum action { REFUSE, ALLOW, KILL, NOT_EXECUTABLE, ONLY_SELF };

struct rule {
    unsigned number;
    enum action action;
};

static const struct rule rules[] = {
    /* the socket and the loop */
    {__NR_read, ALLOW},
    {__NR_write, ALLOW},
    {__NR_writev, ALLOW},
    {__NR_recvfrom, ALLOW},
    {__NR_recvmsg, ALLOW},
    {__NR_sendto, ALLOW},
    {__NR_sendmsg, ALLOW},
    {__NR_close, ALLOW},
    {__NR_ppoll, ALLOW},
    {__NR_epoll_ctl, ALLOW},
    {__NR_epoll_pwait, ALLOW},
#ifdef __NR_poll
    {__NR_poll, ALLOW},
    {__NR_epoll_wait, ALLOW},
#endif
    /* memory */
    {__NR_brk, ALLOW},
    {__NR_mmap, NOT_EXECUTABLE},
    {__NR_mprotect, NOT_EXECUTABLE},
    {__NR_munmap, ALLOW},
    {__NR_mremap, ALLOW},
    {__NR_madvise, ALLOW},
    {__NR_futex, ALLOW},
    /* time and signals */
    {__NR_clock_gettime, ALLOW},
    {__NR_gettimeofday, ALLOW},
    {__NR_setitimer, ALLOW},
    {__NR_rt_sigreturn, ALLOW},
    {__NR_rt_sigprocmask, ALLOW},
    {__NR_rt_sigaction, ALLOW},
    {__NR_sigaltstack, ALLOW},
    {__NR_restart_syscall, ALLOW},
    /* about itself */
    {__NR_getpid, ALLOW},
    {__NR_gettid, ALLOW},
    {__NR_getrandom, ALLOW},
    {__NR_getrusage, ALLOW},
    {__NR_sched_yield, ALLOW},
    {__NR_tgkill, ONLY_SELF},
    {__NR_exit, ALLOW},
    {__NR_exit_group, ALLOW},
    /* programs and processes */
    {__NR_execve, KILL},
    {__NR_execveat, KILL},
    {__NR_clone, KILL},
    {__NR_clone3, KILL},
#ifdef __NR_fork
    {__NR_fork, KILL},
    {__NR_vfork, KILL},
#endif
    {__NR_ptrace, KILL},
    {__NR_process_vm_readv, KILL},
    {__NR_process_vm_writev, KILL},
    {__NR_kill, KILL},
    {__NR_tkill, KILL},
    {__NR_rt_sigqueueinfo, KILL},
    {__NR_rt_tgsigqueueinfo, KILL},
    {__NR_pidfd_open, KILL},
    {__NR_pidfd_getfd, KILL},
    {__NR_pidfd_send_signal, KILL},
    /* sockets */
    {__NR_socket, KILL},
    {__NR_socketpair, KILL},
    {__NR_connect, KILL},
    {__NR_bind, KILL},
    {__NR_listen, KILL},
    {__NR_accept, KILL},
    {__NR_accept4, KILL},
    /* the system */
    {__NR_mount, KILL},
    {__NR_umount2, KILL},
    {__NR_pivot_root, KILL},
    {__NR_chroot, KILL},
    {__NR_unshare, KILL},
    {__NR_setns, KILL},
    {__NR_init_module, KILL},
    {__NR_finit_module, KILL},
    {__NR_delete_module, KILL},
    {__NR_kexec_load, KILL},
    {__NR_reboot, KILL},
    {__NR_bpf, KILL},
    {__NR_perf_event_open, KILL},
    {__NR_io_uring_setup, KILL},
    {__NR_userfaultfd, KILL},
    {__NR_open_by_handle_at, KILL},
    {__NR_add_key, KILL},
    {__NR_request_key, KILL},
    {__NR_keyctl, KILL},
};
enum { RULES = sizeof rules / sizeof *rules, RANGES_MAX = 2 * RULES + 2, PROGRAM_MAX = 4 * RANGES_MAX + 16 };

/* From START up to the next range. */
struct range {
    unsigned start;
    enum action action;
};

struct program {
    struct sock_filter code[PROGRAM_MAX];
    size_t n;
};

static int compare_rules(const void *a, const void *b) {
    const struct rule *x = a;
    const struct rule *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* A rule that looks at arguments stays alone; neighbours with one answer become one range. */
static size_t add_range(struct range *ranges, size_t n, unsigned start, enum action action) {
    if (n > 0 && ranges[n - 1].action == action && action <= KILL) {
        return n;
    }
    ranges[n] = (struct range){start, action};
    return n + 1;
}

static size_t make_ranges(struct range *ranges) {
    struct rule sorted[RULES];
    memcpy(sorted, rules, sizeof rules);
    qsort(sorted, RULES, sizeof *sorted, compare_rules);
    size_t n = 0;
    unsigned next = 0;
    for (size_t i = 0; i < RULES; i++) {
        if (sorted[i].number > next || n == 0) {
            n = add_range(ranges, n, next, REFUSE);
        }
        n = add_range(ranges, n, sorted[i].number, sorted[i].action);
        next = sorted[i].number + 1;
    }
    n = add_range(ranges, n, next, REFUSE);
    return add_range(ranges, n, NUMBERS_END, KILL);
}

static size_t emit(struct program *p, struct sock_filter instruction) {
    p->code[p->n] = instruction;
    return p->n++;
}

static void emit_return(struct program *p, enum action action) {
    uint32_t answer = action == ALLOW  ? SECCOMP_RET_ALLOW
                      : action == KILL ? SECCOMP_RET_KILL_PROCESS
                                       : SECCOMP_RET_ERRNO | EPERM;
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer));
}

/* The low half of a system call's argument. */
static void emit_argument(struct program *p, unsigned i) {
    uint32_t at = (uint32_t)(offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));
}

static void emit_leaf(struct program *p, enum action action) {
    if (action == NOT_EXECUTABLE) {
        emit_argument(p, 2);
        emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
        emit_return(p, REFUSE);
        emit_return(p, ALLOW);
    } else if (action == ONLY_SELF) {
        emit_argument(p, 0);
        emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0));
        emit_return(p, KILL);
        emit_return(p, ALLOW);
    } else {
        emit_return(p, action);
    }
}

/* Ranges [lo, hi): the lower half follows the comparison, the upper half follows that. */
static void emit_tree(struct program *p, const struct range *ranges, size_t lo, size_t hi) {
    if (hi - lo == 1) {
        emit_leaf(p, ranges[lo].action);
        return;
    }
    size_t mid = lo + (hi - lo) / 2;
    size_t node = emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[mid].start, 0, 0));
    emit_tree(p, ranges, lo, mid);
    p->code[node].jt = (uint8_t)(p->n - node - 1);
    emit_tree(p, ranges, mid, hi);
}

static void make_program(struct program *p) {
    struct range ranges[RANGES_MAX];
    size_t n = make_ranges(ranges);
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    emit_return(p, KILL);
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    emit_tree(p, ranges, 0, n);
}

int seccomp_install(struct err *err) {
    struct program p = {.n = 0};
    make_program(&p);
    struct sock_fprog filter = {.len = (unsigned short)p.n, .filter = p.code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        return err_set(err, E_UNAVAILABLE, "this kernel does not let lectern filter system calls (seccomp: %s)",
                       strerror(errno));
    }
    return 0;
}
