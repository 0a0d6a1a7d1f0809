/* host_values.h - values written as text, for tests: {name:'list', args:[{type:'int', min:1}], on:true, no:null,
 * f:1.5}.
 *
 * Strings in single quotes, with \n \t \e \' \\ and \xNN; keys bare or quoted. Wrong text fails the test.
 */
#ifndef LECTERN_TESTS_HOST_VALUES_H
#define LECTERN_TESTS_HOST_VALUES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/value.h"

static struct value values_read(struct arena *a, const char **at);

static void values_space(const char **at) {
    *at += strspn(*at, " \n,:");
}

static char values_escape(const char **at) {
    char c = *(*at)++;
    if (c == 'x') {
        char hex[3] = {(*at)[0], (*at)[1], '\0'};
        *at += 2;
        return (char)strtoul(hex, NULL, 16);
    }
    return (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'e' ? '\x1b' : c);
}

static struct value values_text(struct arena *a, const char **at) {
    struct buf text = BUF_INIT;
    for (++*at; **at && **at != '\'';) {
        char c = *(*at)++;
        buf_addc(&text, c == '\\' ? values_escape(at) : c);
    }
    ++*at;
    struct value v = value_strn(a, text.data, text.len);
    buf_release(&text);
    return v;
}

static struct value values_word(struct arena *a, const char **at) {
    size_t n = strcspn(*at, " \n,:]}");
    const char *word = arena_dup(a, *at, n);
    *at += n;
    if (strcmp(word, "null") == 0) {
        return value_nil;
    }
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        return value_bool(*word == 't');
    }
    if (strchr("-0123456789", *word) && strspn(word, "-+.0123456789e") == n) {
        return strpbrk(word, ".e") ? value_float(strtod(word, NULL)) : value_int(strtoll(word, NULL, 10));
    }
    return value_str(a, word);
}

static struct value values_map(struct arena *a, const char **at) {
    struct value map = value_map(a, 0);
    for (++*at, values_space(at); **at && **at != '}'; values_space(at)) {
        struct value key = **at == '\'' ? values_text(a, at) : values_word(a, at);
        values_space(at);
        value_set(a, &map, key.s, values_read(a, at));
    }
    ++*at;
    return map;
}

static struct value values_read(struct arena *a, const char **at) {
    values_space(at);
    if (**at == '{') {
        return values_map(a, at);
    }
    if (**at != '[') {
        return **at == '\'' ? values_text(a, at) : values_word(a, at);
    }
    struct value list = value_array(a, 0);
    for (++*at, values_space(at); **at && **at != ']'; values_space(at)) {
        value_push(a, &list, values_read(a, at));
    }
    ++*at;
    return list;
}

static inline struct value values_of(struct arena *a, const char *text) {
    const char *at = text;
    struct value v = values_read(a, &at);
    if (at[strspn(at, " \n")]) {
        fprintf(stderr, "left over in a test's value: %s\n", at);
        abort();
    }
    return v;
}

#endif
