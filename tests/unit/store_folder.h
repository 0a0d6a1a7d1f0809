/* store_folder.h - a folder of its own for one test: in $LECTERN_TEST_FOLDER where that is set and short enough, else in
 * memory for those who play the disk themselves, else in /tmp.
 */
#ifndef LECTERN_TESTS_STORE_FOLDER_H
#define LECTERN_TESTS_STORE_FOLDER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_MAX = 64 };

static inline void folder_make(char out[FOLDER_MAX], bool in_memory) {
    const char *place = getenv("LECTERN_TEST_FOLDER");
    if (!place || place[0] != '/' || strlen(place) > 40) {
        place = in_memory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    snprintf(out, FOLDER_MAX, "%.40s/lectern-test-XXXXXX", place);
    if (!mkdtemp(out)) {
        perror(out);
        abort();
    }
}

#endif
