/* Patterns of queries: any is refused or usable, and matching ends soon whatever the text (libFuzzer watches the time). */
#include <string.h>

#include "fuzz.h"
#include "store/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    static struct regex re;
    const uint8_t *end = memchr(p, '\n', n);
    size_t length = end ? (size_t)(end - p) : n;
    if (regex_compile(&re, (const char *)p, length)) {
        const char *text = (const char *)p + length;
        must(re.len <= REGEX_MAX_CODE && re.nranges <= REGEX_MAX_RANGES);
        must(regex_search(&re, text, n - length) == regex_search(&re, text, n - length));
    }
    return 0;
}
