/* compartment_sandbox_test.c - what a sealed process can still reach: tried for real, as root and as an ordinary user.
 *
 * Each attack runs in a child of its own. It was refused when the child says so or the kernel ended it (SIGSYS). The
 * control is the same child without the seal: there the attacks must succeed, or the test proves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compartment/sandbox.h"
#include "compartment/seccomp.h"

enum { NOBODY = 65534 };

/* What the child does. True: it worked. */
struct attack {
    const char *name;
    bool (*run)(void);
    bool control; /* works for everybody where nothing is sealed */
};

/* ---- files ----------------------------------------------------------------------------------------------------- */

static bool open_file(void) {
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool open_relative(void) {
    return openat(AT_FDCWD, "../../../../etc/passwd", O_RDONLY) >= 0 || open("/proc/self/exe", O_RDONLY) >= 0;
}

static bool open_newer_call(void) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {O_RDONLY, 0, 0};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how) >= 0;
}

static bool create_file(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/lectern-attack-%d", (int)getpid());
    int fd = creat(path, 0600);
    unlink(path);
    return fd >= 0;
}

static bool stat_file(void) {
    struct stat st;
    return stat("/etc/passwd", &st) == 0;
}

static bool access_file(void) {
    return access("/etc/passwd", R_OK) == 0;
}

static bool list_folder(void) {
    return opendir("/") != NULL;
}

static bool read_link(void) {
    char to[256];
    return readlink("/proc/self/exe", to, sizeof to) > 0;
}

static bool change_folder(void) {
    return chdir("/") == 0;
}

static bool make_folder(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/lectern-attack-dir-%d", (int)getpid());
    bool made = mkdir(path, 0700) == 0;
    rmdir(path);
    return made;
}

static bool memory_file(void) {
    return syscall(SYS_memfd_create, "x", 0) >= 0;
}

static bool open_by_handle(void) {
    return syscall(SYS_open_by_handle_at, -1, NULL, 0) >= 0;
}

/* ---- network --------------------------------------------------------------------------------------------------- */

static bool socket_inet(void) {
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool socket_udp(void) {
    return socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static bool socket_unix(void) {
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool socket_netlink(void) {
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool socket_pair(void) {
    int fds[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
}

static int given_socket; /* opened before the seal */

static bool connect_given(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return connect(given_socket, (struct sockaddr *)&to, sizeof to) == 0 || errno == ECONNREFUSED;
}

static bool bind_given(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return bind(given_socket, (struct sockaddr *)&at, sizeof at) == 0;
}

/* ---- processes ------------------------------------------------------------------------------------------------- */

static bool fork_process(void) {
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        _exit(0);
    }
    return pid > 0;
}

static bool fork_newer_call(void) {
    uint64_t args[8] = {0};
    args[4] = SIGCHLD;
    pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof args);
    if (pid == 0) {
        _exit(0);
    }
    return pid > 0;
}

static bool run_program(void) {
    char *argv[] = {"false", NULL};
    execv("/bin/false", argv); /* its status is 1, as that of an attack that worked */
    return false;
}

static bool signal_parent(void) {
    return kill(getppid(), 0) == 0;
}

static bool signal_parent_thread(void) {
    return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}

static bool trace_me(void) {
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool read_parent(void) {
    char byte;
    struct iovec mine = {&byte, 1}, theirs = {(void *)&given_socket, 1};
    return process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0) == 1;
}

static bool pidfd_of_parent(void) {
    return syscall(SYS_pidfd_open, getppid(), 0) >= 0;
}

static bool raise_limit(void) {
    struct rlimit r = {1, 1};
    return setrlimit(RLIMIT_NOFILE, &r) == 0; /* lowering is a change too: none is allowed */
}

static bool limit_parent(void) {
    struct rlimit r;
    return prlimit(getppid(), RLIMIT_NOFILE, NULL, &r) == 0;
}

/* ---- memory that runs ------------------------------------------------------------------------------------------ */

static bool map_executable(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_executable(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool shared_memory(void) {
    return syscall(SYS_shmget, 0, 4096, 01600) >= 0;
}

/* ---- the kernel ------------------------------------------------------------------------------------------------ */

static bool become_root(void) {
    return setuid(0) == 0 && getuid() == 0;
}

static bool change_root(void) {
    return chroot("/tmp") == 0;
}

static bool new_namespace(void) {
    return unshare(CLONE_NEWUSER) == 0;
}

static bool ring(void) {
    char params[256] = {0};
    return syscall(SYS_io_uring_setup, 4, params) >= 0;
}

static bool program_in_kernel(void) {
    return syscall(SYS_bpf, 0, NULL, 0) >= 0;
}

static bool fault_handler(void) {
    return syscall(SYS_userfaultfd, 1) >= 0;
}

static bool key_ring(void) {
    return syscall(SYS_keyctl, 0, -3, 0) >= 0;
}

static bool become_dumpable(void) {
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool second_filter(void) {
    return prctl(PR_SET_SECCOMP, 1) == 0; /* strict mode: then even exit_group ends the process by SIGKILL */
}

static bool terminal_input(void) {
    return syscall(SYS_ioctl, 0, 0x5412, "x") == 0; /* TIOCSTI */
}

static bool watch_files(void) {
    return syscall(SYS_inotify_init1, 0) >= 0;
}

#ifdef __x86_64__
static bool x32_call(void) {
    return syscall(0x40000000 | SYS_getpid) > 0;
}

static bool call_of_32_bits(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return result > 0;
}
#endif

static const struct attack attacks[] = {
    {"open a file", open_file, true},
    {"open a file by another way", open_relative, true},
    {"open a file by openat2", open_newer_call, true},
    {"create a file", create_file, true},
    {"stat a file", stat_file, true},
    {"access a file", access_file, true},
    {"list a folder", list_folder, true},
    {"read a link", read_link, true},
    {"change the folder", change_folder, true},
    {"make a folder", make_folder, true},
    {"make a file in memory", memory_file, true},
    {"open by handle", open_by_handle, false},
    {"a TCP socket", socket_inet, true},
    {"a UDP socket", socket_udp, true},
    {"a Unix socket", socket_unix, true},
    {"a netlink socket", socket_netlink, true},
    {"a pair of sockets", socket_pair, true},
    {"connect a socket that is there", connect_given, true},
    {"bind a socket that is there", bind_given, true},
    {"fork", fork_process, true},
    {"fork by clone3", fork_newer_call, true},
    {"run a program", run_program, true},
    {"signal the parent", signal_parent, false},
    {"signal the parent's thread", signal_parent_thread, false},
    {"be traced", trace_me, true},
    {"read the parent's memory", read_parent, false},
    {"a handle of the parent", pidfd_of_parent, true},
    {"change a limit", raise_limit, true},
    {"see the parent's limits", limit_parent, false},
    {"map executable memory", map_executable, true},
    {"make memory executable", make_executable, true},
    {"shared memory", shared_memory, true},
    {"become root", become_root, false},
    {"change the root folder", change_root, false},
    {"a new namespace", new_namespace, false},
    {"io_uring", ring, false},
    {"bpf", program_in_kernel, false},
    {"userfaultfd", fault_handler, false},
    {"keys", key_ring, false},
    {"become dumpable", become_dumpable, true},
    {"a filter of one's own", second_filter, false},
    {"type into a terminal", terminal_input, false},
    {"watch files", watch_files, true},
#ifdef __x86_64__
    {"a system call of x32", x32_call, false},
    {"a system call of 32 bits", call_of_32_bits, false},
#endif
};
enum { ATTACKS = sizeof attacks / sizeof *attacks };

/* ---- the child ------------------------------------------------------------------------------------------------- */

enum seal { NONE, ALL, FILTER_ALONE };
enum { REFUSED = 0, WORKED = 1, NOT_SEALED = 2 };

static bool seal(enum seal how) {
    struct err err;
    enum sandbox_level level;
    err_init(&err);
    if (how == ALL) {
        return sandbox_seal(64, &level, &err) == 0 && level != SANDBOX_NONE;
    }
    return how == NONE || (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && seccomp_install(&err) == 0);
}

static void drop_root(void) {
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0) {
        _exit(NOT_SEALED);
    }
}

/* REFUSED, WORKED or NOT_SEALED. */
static int try(const struct attack *a, enum seal how, bool as_user) {
    given_socket = socket(AF_INET, SOCK_STREAM, 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (as_user) {
            drop_root();
        }
        if (!seal(how)) {
            _exit(NOT_SEALED);
        }
        _exit(a->run() ? WORKED : REFUSED);
    }
    close(given_socket);
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGSYS);
        return REFUSED;
    }
    return WEXITSTATUS(status);
}

static void refuse_all(enum seal how, bool as_user) {
    for (size_t i = 0; i < ATTACKS; i++) {
        int got = try(&attacks[i], how, as_user);
        if (got != REFUSED) {
            fail_msg("%s: %s", attacks[i].name, got == WORKED ? "worked" : "the process could not be sealed");
        }
    }
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static void test_sealed(void **state) {
    (void)state;
    refuse_all(ALL, false);
}

static void test_sealed_user(void **state) {
    (void)state;
    if (getuid() == 0) {
        refuse_all(ALL, true);
    }
}

static void test_filter_alone(void **state) {
    (void)state;
    refuse_all(FILTER_ALONE, false);
    refuse_all(FILTER_ALONE, getuid() == 0);
}

static void test_control(void **state) {
    (void)state;
    for (size_t i = 0; i < ATTACKS; i++) {
        if (attacks[i].control && try(&attacks[i], NONE, false) != WORKED) {
            fail_msg("%s: is refused without a sandbox too, so its refusal proves nothing", attacks[i].name);
        }
    }
}

static bool still_works(void) {
    void *p = malloc(8 << 20);
    struct timespec t;
    char byte;
    bool ok = p && clock_gettime(CLOCK_MONOTONIC, &t) == 0;
    memset(p, 1, 8 << 20);
    free(p);
    bool asked = recv(given_socket, &byte, 1, MSG_DONTWAIT) < 0 && errno == ENOTCONN;
    return ok && asked && send(given_socket, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EPIPE;
}

static void test_what_is_left(void **state) {
    (void)state;
    static const struct attack work = {"ordinary work", still_works, true};
    assert_int_equal(try(&work, ALL, false), WORKED);
    assert_int_equal(try(&work, ALL, getuid() == 0), WORKED);
}

static void test_levels_have_names(void **state) {
    (void)state;
    assert_string_equal(sandbox_level_name(SANDBOX_FULL), "full");
    assert_string_equal(sandbox_level_name(SANDBOX_REDUCED), "reduced");
    assert_string_equal(sandbox_level_name(SANDBOX_NONE), "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sealed),  cmocka_unit_test(test_sealed_user),  cmocka_unit_test(test_filter_alone),
        cmocka_unit_test(test_control), cmocka_unit_test(test_what_is_left), cmocka_unit_test(test_levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
