/* spawn.c - times whole processes, in turn.
 *
 *     spawn [-g GROUPS] RUNS -- [NAME=VALUE...] COMMAND ARGS... [-+ COMMAND ARGS...] [-- COMMAND ARGS...] ...
 *
 * One idea: a machine that is busy for a moment is busy for all of them. Each round runs every command once, so that
 * the ratio of a command to the first one comes from pairs that ran next to each other. A command after -+ is not
 * timed; it prepares the next timed one. NAME=VALUE before a command is added to its environment. Output goes
 * nowhere; a status other than 0 ends everything.
 *
 * Prints a line for each timed command: min, median, p99 and CPU in ms, the ratio to the first command, peak memory
 * in KiB. With groups each figure but the first and the last is the median over GROUPS x RUNS rounds, group by
 * group.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.h"

enum { MOST = 16, WARM = 2, SETTINGS = 32 };

struct command {
    char **argv;
    char **env;
    bool timed;
    double *wall, *cpu, *ratio; /* of every round */
    long peak;
};

static struct command commands[MOST];
static size_t count;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "spawn: %s '%s'\n", what, detail);
    exit(70);
}

/* NAME=VALUE words leave the argument vector and replace what the environment says of NAME. */
static void take_settings(struct command *c) {
    size_t own = 0, inherited = 0;
    while (c->argv[own] && strchr(c->argv[own], '=') && own < SETTINGS)
        own++;
    while (environ[inherited])
        inherited++;
    c->env = calloc(own + inherited + 1, sizeof *c->env);
    if (!c->env)
        fail("no memory for", c->argv[0]);
    memcpy(c->env, c->argv, own * sizeof *c->env);
    for (size_t i = 0, at = own; i < inherited; i++) {
        bool shadowed = false;
        for (size_t k = 0; k < own; k++) {
            size_t name = strcspn(c->argv[k], "=") + 1;
            shadowed = shadowed || !strncmp(c->argv[k], environ[i], name);
        }
        if (!shadowed)
            c->env[at++] = environ[i];
    }
    c->argv += own;
}

/* Cuts the arguments into commands; their separators become the NULLs that end argument vectors. */
static void split(char **argv) {
    for (char **a = argv; *a; a++) {
        bool timed = !strcmp(*a, "--");
        if (!timed && strcmp(*a, "-+"))
            continue;
        if (count == MOST)
            fail("too many commands at", a[1] ? a[1] : "");
        commands[count++] = (struct command){.argv = a + 1, .timed = timed};
        *a = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (commands[i].argv[0])
            take_settings(&commands[i]);
        if (!commands[i].argv[0])
            fail("no command after", commands[i].timed ? "--" : "-+");
    }
}

static double seconds_us(struct timeval t) {
    return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

/* Runs C once; returns its wall time. */
static double run(struct command *c, struct rusage *used, posix_spawn_file_actions_t *actions) {
    pid_t pid;
    int status;
    double start = now_us();
    if (posix_spawnp(&pid, c->argv[0], actions, NULL, c->argv, c->env))
        fail("cannot run", c->argv[0]);
    if (wait4(pid, &status, 0, used) != pid)
        fail("cannot wait for", c->argv[0]);
    double took = now_us() - start;
    if (status) {
        fprintf(stderr, "spawn: status %d, signal %d of", WEXITSTATUS(status),
                WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        for (char **a = c->argv; *a; a++)
            fprintf(stderr, " '%s'", *a);
        fputc('\n', stderr);
        exit(1);
    }
    return took;
}

static void round_of_all(long at, posix_spawn_file_actions_t *actions) {
    double first = 0;
    for (size_t i = 0; i < count; i++) {
        struct command *c = &commands[i];
        struct rusage used;
        double took = run(c, &used, actions);
        if (!c->timed || at < 0)
            continue;
        if (first <= 0)
            first = took;
        c->wall[at] = took;
        c->cpu[at] = seconds_us(used.ru_utime) + seconds_us(used.ru_stime);
        c->ratio[at] = took / first;
        if (used.ru_maxrss > c->peak)
            c->peak = used.ru_maxrss;
    }
}

/* The quantile P of each group of RUNS values, and of those the median. */
static double grouped(double *v, size_t groups, size_t runs, double p) {
    double each[64];
    for (size_t g = 0; g < groups; g++)
        each[g] = quantile(v + g * runs, runs, p);
    return median(each, groups);
}

static void print(struct command *c, size_t groups, size_t runs) {
    double least = c->wall[0];
    for (size_t i = 1; i < groups * runs; i++)
        least = c->wall[i] < least ? c->wall[i] : least;
    printf("%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%ld\n", least / 1e3, grouped(c->wall, groups, runs, 0.5) / 1e3,
           grouped(c->wall, groups, runs, 0.99) / 1e3, grouped(c->cpu, groups, runs, 0.5) / 1e3,
           grouped(c->ratio, groups, runs, 0.5), c->peak);
}

int main(int argc, char **argv) {
    long groups = 1, runs;
    int at = 1;
    if (argc > 3 && !strcmp(argv[1], "-g")) {
        groups = atol(argv[2]);
        at = 3;
    }
    runs = argc > at ? atol(argv[at]) : 0;
    if (runs < 1 || groups < 1 || groups > 64) {
        fputs("usage: spawn [-g GROUPS] RUNS -- [NAME=VALUE...] COMMAND ARGS... [-+ COMMAND...] [-- COMMAND...]\n",
              stderr);
        return 64;
    }
    split(argv + at + 1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; i < count; i++) {
        if (!commands[i].timed)
            continue;
        commands[i].wall = values_new((size_t)(groups * runs));
        commands[i].cpu = values_new((size_t)(groups * runs));
        commands[i].ratio = values_new((size_t)(groups * runs));
    }
    long warm = runs > 5 ? WARM : 0;
    for (long i = -warm; i < groups * runs; i++)
        round_of_all(i, &actions);
    for (size_t i = 0; i < count; i++)
        if (commands[i].timed)
            print(&commands[i], (size_t)groups, (size_t)runs);
    return 0;
}
