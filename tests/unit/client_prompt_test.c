/* Which choice an answer means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/prompt.h"

struct answer {
    const char *line;
    const char *means; /* NULL: asked again */
};

static void check(const struct prompt *p, const struct answer *answers, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const char *got = prompt_match(p, answers[i].line);
        if (!got || !answers[i].means) {
            assert_ptr_equal(got, answers[i].means);
        } else {
            assert_string_equal(got, answers[i].means);
        }
    }
}

static void any_line_answers_an_open_question(void **state) {
    (void)state;
    struct prompt p = {.count = 0};
    const struct answer plain[] = {{"", ""}, {"1", "1"}, {"two words", "two words"}};
    check(&p, plain, 3);
    p.fallback = "somebody";
    const struct answer with_default[] = {{"", "somebody"}, {"me", "me"}};
    check(&p, with_default, 2);
}

static void choices_by_name_and_beginning(void **state) {
    (void)state;
    const char *choices[] = {"yes", "no", "none", "all"};
    const struct prompt p = {.choices = choices, .count = 4};
    const struct answer answers[] = {{"yes", "yes"}, {"Y", "yes"},    {"ALL", "all"}, {"n", NULL},
                                     {"no", "no"},   {"non", "none"}, {"x", NULL},    {"yes!", NULL},
                                     {"", NULL},     {"1", NULL},     {"0", NULL}};
    check(&p, answers, sizeof answers / sizeof *answers);
}

static void an_empty_line_is_the_default(void **state) {
    (void)state;
    const char *choices[] = {"yes", "no"};
    const struct prompt p = {.choices = choices, .count = 2, .fallback = "no"};
    const struct answer answers[] = {{"", "no"}, {"y", "yes"}};
    check(&p, answers, 2);
}

static void long_lists_are_numbered(void **state) {
    (void)state;
    const char *choices[] = {"SOSP 2017", "SOSP 2019", "2"};
    const struct prompt p = {.choices = choices, .count = 3, .numbered = true};
    const struct answer answers[] = {{"1", "SOSP 2017"},
                                     {"2", "2"}, /* a name goes before a number */
                                     {"3", "2"},
                                     {"03", "2"},
                                     {"0", NULL},
                                     {"4", NULL},
                                     {"99999999999999999999999999", NULL},
                                     {"-1", NULL},
                                     {"1x", NULL},
                                     {"sosp 2019", "SOSP 2019"},
                                     {"sosp", NULL}};
    check(&p, answers, sizeof answers / sizeof *answers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_line_answers_an_open_question),
        cmocka_unit_test(choices_by_name_and_beginning),
        cmocka_unit_test(an_empty_line_is_the_default),
        cmocka_unit_test(long_lists_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
