/* Allocation that ends the process: status, last words, and where the sizes overflow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void alloc_zeroes(void **state) {
    (void)state;
    unsigned char *p = mem_alloc(1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(p[i], 0);
    }
    mem_free(p);
    p = mem_alloc(0);
    assert_non_null(p);
    mem_free(p);
    mem_free(NULL);
}

static void strings_are_copied(void **state) {
    (void)state;
    char *a = mem_strdup("whole");
    char *b = mem_strndup("cut short", 3);
    char *c = mem_strndup("whole", 100);
    assert_string_equal(a, "whole");
    assert_string_equal(b, "cut");
    assert_string_equal(c, "whole");
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

static void arrays_grow(void **state) {
    (void)state;
    int *p = NULL;
    for (size_t n = 1; n < 100; n++) {
        p = mem_array(p, n, sizeof *p);
        p[n - 1] = (int)n;
    }
    for (size_t n = 1; n < 100; n++) {
        assert_int_equal(p[n - 1], n);
    }
    mem_free(p);
}

/* Runs ACT in a child; its exit status, what it said in SAID. */
static int status_of(void (*act)(void), char *said, size_t size) {
    int fds[2];
    int status;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(fds[1]);
    ssize_t n = read(fds[0], said, size - 1);
    said[n > 0 ? n : 0] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void overflow(void) {
    mem_array(NULL, SIZE_MAX / 2, 4);
}

#ifdef LECTERN_FAULTS
static void third_fails(void) {
    setenv("LECTERN_OOM_AT", "3", 1);
    mem_alloc(1);
    mem_alloc(1);
    mem_alloc(1);
}
#endif

static void failure_ends_the_process(void **state) {
    (void)state;
    char said[200];
    assert_int_equal(status_of(overflow, said, sizeof said), 70);
    assert_memory_equal(said, "lectern: out of memory", 22);
    assert_int_equal(said[strlen(said) - 1], '\n');
#ifdef LECTERN_FAULTS
    assert_int_equal(status_of(third_fails, said, sizeof said), 70);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_ends_the_process), /* first: the fault counter is read at the first allocation */
        cmocka_unit_test(alloc_zeroes),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(arrays_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
