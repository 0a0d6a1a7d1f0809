/* sandbox_missing.c - what a compartment does where the kernel lacks a layer of the sandbox; prints TAP.
 *
 *     sandbox_missing PROGRAM
 *
 * The lack is made by a seccomp filter of our own around the program: it answers ENOSYS to Landlock, or EINVAL to the
 * installation of a filter.
 */
#include "../lua/testhost.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum lack { NOTHING, LANDLOCK, SECCOMP };

static void install(const struct sock_filter *code, size_t n) {
    struct sock_fprog filter = {.len = (unsigned short)n, .filter = (struct sock_filter *)(uintptr_t)code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        perror("seccomp");
        _exit(99);
    }
}

static void take_away(enum lack what) {
    const struct sock_filter no_landlock[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_landlock_create_ruleset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_filter no_seccomp[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    if (what == LANDLOCK) {
        install(no_landlock, sizeof no_landlock / sizeof *no_landlock);
    } else if (what == SECCOMP) {
        install(no_seccomp, sizeof no_seccomp / sizeof *no_seccomp);
    }
}

/* Start the program in a process that lacks WHAT and see how it goes. */
static int try(const char *program, enum lack what, bool no_sandbox, char *sandbox, char *failed) {
    int report[2];
    if (pipe(report) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        take_away(what);
        struct testhost h;
        struct testhost_options o = {.program = program, .no_sandbox = no_sandbox};
        testhost_start(&h, &o);
        int status = testhost_stop(&h, NULL);
        dprintf(report[1], "%s\n%s\n", h.sandbox, h.failed);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
    }
    close(report[1]);
    char text[700] = "";
    ssize_t n = read(report[0], text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    close(report[0]);
    sscanf(text, "%15[^\n]", sandbox);
    char *second = strchr(text, '\n');
    snprintf(failed, 512, "%.*s", (int)strcspn(second ? second + 1 : "", "\n"), second ? second + 1 : "");
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int number, failures;

static void check(const char *what, bool ok, int status, const char *sandbox, const char *failed) {
    printf("%sok %d - %s\n", ok ? "" : "not ", ++number, what);
    if (!ok) {
        failures++;
        printf("# status %d, sandbox '%s', failed '%s'\n", status, sandbox, failed);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s PROGRAM\n", argv[0]);
        return 64;
    }
    char sandbox[16] = "", failed[512] = "";
    int status = try(argv[1], NOTHING, false, sandbox, failed);
    check("starts where everything is there", status == 0 && strcmp(sandbox, "none") != 0, status, sandbox, failed);
    *sandbox = '\0';
    status = try(argv[1], LANDLOCK, false, sandbox, failed);
    check("refuses without Landlock", status == 69 && !*sandbox && strstr(failed, "Landlock"), status, sandbox, failed);
    *sandbox = '\0';
    status = try(argv[1], SECCOMP, false, sandbox, failed);
    check("refuses without seccomp", status == 69 && !*sandbox && strstr(failed, "seccomp"), status, sandbox, failed);
    *sandbox = '\0';
    status = try(argv[1], LANDLOCK, true, sandbox, failed);
    check("--no-sandbox starts, and says none", status == 0 && strcmp(sandbox, "none") == 0, status, sandbox, failed);
    printf("1..%d\n", number);
    return failures ? 1 : 0;
}
