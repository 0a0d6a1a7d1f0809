/* host_folder.h - a folder of the test's own: made before it, removed with all that is in it after it. */
#ifndef LECTERN_TESTS_HOST_FOLDER_H
#define LECTERN_TESTS_HOST_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

static char home[200];

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline int enter(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    char name[160];
    snprintf(name, sizeof name, "%.100s/lectern-host-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(name) || chdir(name) || !getcwd(home, sizeof home))
        return -1;
    return 0;
}

static inline int leave(void **state) {
    (void)state;
    int rc = chdir("/");
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return rc;
}

/* The file NAME below home with TEXT in it, its folders too. */
static inline void put(const char *name, const char *text) {
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", home, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    path_mkdirs(path, 0755, NULL);
    *slash = '/';
    FILE *f = fopen(path, "w");
    if (f)
        fputs(text, f), fclose(f);
}

/* What is in the file NAME; "(none)" where there is no such file. The text is overwritten by the next call. */
static inline const char *get(const char *name) {
    static char text[4096];
    FILE *f = fopen(name, "r");
    if (!f)
        return "(none)";
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* How many entries the folder NAME has that a person did not ask for: what a failed or finished write left. */
static inline int count_parts(const char *folder) {
    char command[600], line[32] = "";
    snprintf(command, sizeof command, "find '%s' -name '*.part*' | wc -l", folder);
    FILE *f = popen(command, "r");
    if (f && !fgets(line, sizeof line, f))
        line[0] = '\0';
    if (f)
        pclose(f);
    return atoi(line);
}

#endif
