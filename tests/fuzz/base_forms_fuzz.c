/* Times, ids and paths as people write them: what is accepted comes out in one form, and that form means the same. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/path.h"
#include "fuzz.h"

static void check_times(const char *s, size_t n) {
    int64_t ms, back;
    char text[CLOCK_TEXT], once_more[CLOCK_TEXT];
    if (clock_parse_rfc3339(s, n, &ms)) {
        clock_rfc3339(ms, text);
        must(clock_parse_rfc3339(text, strlen(text), &back) && back == ms);
    }
    if (clock_parse_civil(s, n, text)) {
        must(clock_parse_civil(text, strlen(text), once_more) && strcmp(text, once_more) == 0);
    }
    clock_parse_duration(s, n, &ms);
}

static void check_ids(const char *s, size_t n) {
    struct uuid id, back;
    char text[UUID_TEXT + 1];
    if (uuid_parse(s, n, &id)) {
        uuid_text(&id, text);
        must(uuid_parse(text, UUID_TEXT, &back) && uuid_equal(&id, &back));
    }
}

static void check_path(const char *s) {
    struct buf clean = BUF_INIT, twice = BUF_INIT;
    size_t stem;
    path_absolute(&clean, "/home/ada", s);
    must(clean.data[0] == '/' && !strstr(clean.data, "//") && !strstr(clean.data, "/../") &&
         !strstr(clean.data, "/./"));
    path_absolute(&twice, "/", clean.data);
    must(strcmp(clean.data, twice.data) == 0 && path_within("/", clean.data) && path_within(clean.data, clean.data));
    must(strlen(path_extension(s, &stem)) + stem <= strlen(path_base(s)));
    buf_release(&clean);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    char s[257];
    if (n < sizeof s) {
        memcpy(s, p, n);
        s[n] = '\0';
        check_times(s, n);
        check_ids(s, n);
        check_path(s);
    }
    return 0;
}
