/* Importing what a person corrected, or gave an event later: what goes, what comes back, what is emptied, and what is nobody's to touch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_source.h"

static const char text[] = "a\nb\nc\n";
static const char both[] = "[{type:'talk', title:'One', speakers:['Ann'], event:'E 2001', span:[1,1]},"
                           " {type:'talk', title:'Two', speakers:['Bo'], event:'E 2001', room:'1', span:[2,2]}]";
static const char first[] = "[{type:'talk', title:'One', speakers:['Ann'], event:'E 2001', span:[1,1]}]";

static struct value import(struct sample *s, const char *records, const char *version, bool corrected) {
    struct source src = {.path = "/t/a", .text = text, .records = records, .version = version, .corrected = corrected};
    return source_import(s, &src);
}

static void what_was_taken_out_goes_to_the_trash_and_comes_back(void **state) {
    struct sample *s = *state;
    import(s, both, "1", false);
    struct value r = import(s, first, "1 r1", true);
    assert_string_equal(sample_titles(s, "talk", NULL), "One");
    assert_string_equal(source_warnings(s, &r), "1 thing that was taken out of the plan went to the trash");
    r = import(s, both, "1", true);
    assert_string_equal(sample_titles(s, "talk", NULL), "One|Two");
    assert_string_equal(source_items(s, &r), "talk unchanged One|talk made Two");
}

static void a_new_version_of_an_importer_takes_nothing_away(void **state) {
    struct sample *s = *state;
    import(s, both, "1", false);
    struct value r = import(s, first, "2", false);
    assert_string_equal(sample_titles(s, "talk", NULL), "One|Two");
    assert_string_equal(source_warnings(s, &r), "1 thing imported from here before is no longer in the source; kept");
}

static void what_others_told_or_changed_stays(void **state) {
    struct sample *s = *state;
    struct value made = import(s, both, "1", false);
    struct source other = {
        .path = "/t/b", .text = "z\n", .records = "[{type:'talk', title:'Two', speakers:['Bo'], event:'E 2001'}]"};
    source_import(s, &other);
    const char *one = source_item_id(&made, 0);
    sample_change(s, "talk", one, "{title:'Mine'}");
    struct value r = import(s, "[]", "1 r1", true);
    assert_string_equal(sample_titles(s, "talk", NULL), "Mine|Two");
    assert_string_equal(source_warnings(s, &r), "2 things imported from here before are no longer in the source; kept");
}

static void what_is_cleared_is_emptied(void **state) {
    struct sample *s = *state;
    import(s, both, "1", false);
    struct value r = import(s,
                            "[{type:'talk', title:'One', speakers:['Ann'], event:'E 2001', span:[1,1]},"
                            " {type:'talk', title:'Two', clear:['speakers','room','event'], span:[2,2]}]",
                            "1 r1", true);
    const char *two = source_item_id(&r, 1);
    assert_string_equal(source_items(s, &r), "talk unchanged One|talk updated Two");
    assert_string_equal(sample_field(s, two, "speakers"), "[]");
    assert_string_equal(sample_field(s, two, "room"), "null");
    assert_string_equal(sample_titles(s, "talk", "event:e-2001"), "One");
}

static void only_fields_can_be_cleared(void **state) {
    struct sample *s = *state;
    static const char *const bad[] = {"'speakers'", "['title']", "['nothing']", "[1]", "['rev']"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct source src = {.path = "/t/a",
                             .text = text,
                             .records = arena_printf(&s->arena, "[{type:'talk', title:'T', clear:%s}]", bad[i])};
        struct store_run run = {.command = "import", .plugin_cpu_us = -1, .store_us = -1, .waiting_us = -1};
        struct value report;
        sample_must(s, store_begin(s->store, &run, &s->err), "begin");
        assert_int_equal(source_ingest(s, &src, &report), -(int)E_DATA);
        store_rollback(s->store);
    }
}

static struct value import_of(struct sample *s, const char *event) {
    struct source src = {
        .path = "/t/e",
        .text = text,
        .event = event,
        .records =
            "[{type:'talk', title:'Without', span:[1,1]}, {type:'talk', title:'With', event:'OSDI 2020', span:[2,2]},"
            " {type:'note', title:'Loose', body:'x'}]"};
    return source_import(s, &src);
}

static void an_event_given_later_is_for_what_has_none(void **state) {
    struct sample *s = *state;
    import_of(s, NULL);
    struct value r = import_of(s, "'FOSDEM 2020'");
    assert_string_equal(source_status(&r), "updated");
    assert_string_equal(source_items(s, &r), "talk updated Without|talk unchanged With|note updated Loose");
    assert_string_equal(sample_titles(s, "talk", "event:fosdem-2020"), "Without");
    r = import_of(s, "'FOSDEM 2020'");
    assert_string_equal(source_status(&r), "unchanged");
    assert_string_equal(s->run, "");
    r = import_of(s, "'Other 2001'");
    assert_string_equal(source_status(&r), "unchanged");
    assert_string_equal(s->run, "");
    assert_string_equal(sample_titles(s, "talk", "event:fosdem-2020"), "Without");
    assert_string_equal(sample_titles(s, "event", NULL), "osdi-2020|fosdem-2020");
    r = import_of(s, NULL);
    assert_string_equal(s->run, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SOUND(what_was_taken_out_goes_to_the_trash_and_comes_back),
        SOUND(a_new_version_of_an_importer_takes_nothing_away),
        SOUND(what_others_told_or_changed_stays),
        SOUND(what_is_cleared_is_emptied),
        SOUND(only_fields_can_be_cleared),
        SOUND(an_event_given_later_is_for_what_has_none),
    };
    return cmocka_run_group_tests_name("store correct", tests, NULL, NULL);
}
