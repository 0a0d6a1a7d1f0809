/* Any bytes at all: decoding gives UTF-8, what is safe for a terminal stays so, keys and cuts end where they should. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

static void check_safe(struct buf *out, const char *s, size_t n, bool keep_newlines) {
    buf_clear(out);
    text_safe(out, s, n, keep_newlines);
    must(text_utf8_valid(out->data, out->len) == out->len);
    for (size_t i = 0, len = 0; i < out->len; i += len) {
        uint32_t cp = text_utf8_next(out->data + i, out->len - i, &len);
        must(!text_is_control(cp) || (keep_newlines && (cp == '\n' || cp == '\t')));
    }
}

static void check_utf8(struct buf *out, const char *s, size_t n) {
    size_t cut = text_utf8_cut(s, n, n / 2);
    must(cut <= n / 2 && text_utf8_valid(s, cut) == cut);
    must(text_utf8_length(s, n) <= n && text_width(s, n) <= 2 * n && text_count_words(s, n) <= n);
    buf_clear(out);
    text_key(out, s, n);
    must(text_utf8_valid(out->data, out->len) == out->len);
    buf_clear(out);
    text_slug(out, s, n, 40);
    must(out->len > 0 && out->len <= 40 && strspn(out->data, "abcdefghijklmnopqrstuvwxyz0123456789-") == out->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    const char *s = (const char *)p;
    struct buf decoded = BUF_INIT, out = BUF_INIT;
    struct text_decoded how;
    text_decode(&decoded, s, n, &how);
    must(text_utf8_valid(decoded.data, decoded.len) == decoded.len);
    check_utf8(&out, decoded.data, decoded.len);
    check_safe(&out, s, n, true);
    check_safe(&out, s, n, false);
    buf_clear(&out);
    json_write_str(&out, s, n);
    must(text_utf8_valid(out.data, out.len) == out.len);
    buf_release(&decoded);
    buf_release(&out);
    return 0;
}
