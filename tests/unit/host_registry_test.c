/* What plugins offer: made once, kept in a cache that may be damaged in any way, looked up by name; and who is refused. The supervisor is played
 * here: what a plugin "registers" is a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "host/job.h"
#include "host/registry_priv.h"
#include "host/supervisor.h"
#include "host_folder.h"

static struct arena a = ARENA_INIT;
static struct host host;
static char config[300], data[300], cache[300], bin[300], share[300], bundled[300], grants[300];

/* ---- the world around it -------------------------------------------------------------------------------------------- */

struct jobs {
    size_t count;
};
static struct jobs jobs;

size_t jobs_count(const struct jobs *j) {
    return j->count;
}

static unsigned registrations, retired;
static struct {
    char name[64];
    call_done *reply;
    void *ctx;
} asked[32];
static size_t nasked;
static bool at_once;

/* "kind:name alias alias; kind:name": what plugin NAME registers is in the environment of the test, as files are. */
static struct value contribution(const char *text) {
    struct value c = value_map(&a, 8), aliases = value_array(&a, 4);
    char *save = NULL, *word = strtok_r(arena_strdup(&a, text), " ", &save), *colon = strchr(word, ':');
    *colon = '\0';
    value_set(&a, &c, "kind", value_str(&a, word));
    value_set(&a, &c, "name", value_str(&a, colon + 1));
    value_set(&a, &c, "doc", value_lit("does it"));
    value_set(&a, &c, "file", value_lit("some.lua"));
    value_set(&a, &c, "line", value_int(7));
    if (!strcmp(word, "command"))
        value_set(&a, &c, "returns", value_lit("string"));
    if (!strcmp(word, "importer")) {
        struct value list = value_array(&a, 1);
        value_push(&a, &list, value_lit("md"));
        value_set(&a, &c, "extensions", list);
    }
    while ((word = strtok_r(NULL, " ", &save)))
        value_push(&a, &aliases, value_str(&a, word));
    if (aliases.len)
        value_set(&a, &c, "aliases", aliases);
    return c;
}

static struct value result_of(const char *name, const char *texts) {
    struct value m = value_map(&a, 3), info = value_map(&a, 3), list = value_array(&a, 4);
    char *save = NULL;
    for (char *t = strtok_r(arena_strdup(&a, texts), ";", &save); t; t = strtok_r(NULL, ";", &save))
        value_push(&a, &list, contribution(t));
    value_set(&a, &info, "name", value_str(&a, name));
    value_set(&a, &info, "version", value_lit("1"));
    value_set(&a, &m, "plugin", info);
    value_set(&a, &m, "contributions", list);
    return m;
}

/* The main file of a plugin of this test says what it registers; "!CODE" that it fails. */
static void answer(call_done *reply, void *ctx, const char *name) {
    char path[400];
    snprintf(path, sizeof path, "k/plugins/%s.lua", name);
    const char *text = get(path);
    if (*text == '!') {
        struct err err;
        err_init(&err);
        err_set(&err, err_code_of(text + 1, strlen(text + 1)), "it failed");
        err.trace = strdup("stack traceback");
        reply(ctx, NULL, &err);
        err_release(&err);
    } else {
        struct value v = result_of(name, text);
        reply(ctx, &v, NULL);
    }
}

void supervisor_register(struct supervisor *s, struct plugin *plugin, call_done *reply, void *ctx) {
    (void)s;
    registrations++;
    if (at_once) {
        answer(reply, ctx, plugin->name);
        return;
    }
    snprintf(asked[nasked].name, sizeof asked[nasked].name, "%s", plugin->name);
    asked[nasked].reply = reply;
    asked[nasked++].ctx = ctx;
}

void supervisor_retire(struct supervisor *s, const char *plugin) {
    (void)s;
    (void)plugin;
    retired++;
}

static void answer_all(void) {
    size_t count = nasked;
    nasked = 0;
    for (size_t i = 0; i < count; i++)
        answer(asked[i].reply, asked[i].ctx, asked[i].name);
}

/* ---- a registry over the folders of the test ------------------------------------------------------------------------- */

static struct registry *r;
static unsigned refreshed;

static void ready(void *ctx) {
    (void)ctx;
    refreshed++;
}

static void refresh(void) {
    registry_invalidate(r);
    registry_refresh(r, ready, NULL);
    answer_all();
}

static void begin(void) {
    registry_free(r);
    r = host.registry = registry_new(&host);
    registrations = retired = refreshed = 0;
    registry_refresh(r, ready, NULL);
    answer_all();
}

static int start(void **state) {
    int rc = enter(state);
    char *const paths[] = {config, data, cache, bin, share, bundled, grants};
    static const char *const names[] = {"k", "d", "c", "bin", "share", "b", "grants"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        snprintf(paths[i], 300, "%s/%s", home, names[i]);
    host = (struct host){.daemon = true, .jobs = &jobs};
    host.place.config = config;
    host.place.data = data;
    host.place.cache = cache;
    host.tree.bin = bin;
    host.tree.share = share;
    host.tree.plugins = bundled;
    host.tree.grants = grants;
    put("bin/lectern-compartment", "");
    put("share/lua/lectern/init.lua", "");
    jobs.count = 0;
    nasked = 0;
    at_once = false;
    return rc;
}

static int done(void **state) {
    registry_free(r);
    r = NULL;
    arena_release(&a);
    return leave(state);
}

static const char *owner_of(const char *kind, const char *name) {
    struct contribution *c = registry_find(r, kind, name);
    return c ? c->plugin->name : "(none)";
}

static enum plugin_state state_of(const char *name) {
    return registry_plugin(r, name)->state;
}

/* ---- finding ---------------------------------------------------------------------------------------------------------- */

static void names_aliases_and_kinds(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list ls l;importer:md;command:talks.find");
    put("k/plugins/two.lua", "exporter:md;summariser:lead");
    begin();
    assert_int_equal(refreshed, 1);
    assert_int_equal(registrations, 2);
    assert_string_equal(owner_of("command", "list"), "one");
    assert_string_equal(owner_of("command", "ls"), "one");
    assert_ptr_equal(registry_find(r, "command", "l"), registry_find(r, "command", "list"));
    assert_string_equal(owner_of("importer", "md"), "one");
    assert_string_equal(owner_of("exporter", "md"), "two");
    assert_string_equal(owner_of(NULL, "exporter:md"), "two");
    assert_string_equal(owner_of(NULL, "lead"), "two");
    assert_string_equal(owner_of("command", "lead"), "(none)");
    assert_string_equal(owner_of(NULL, "nonsense:md"), "(none)");
    assert_string_equal(owner_of(NULL, "a-kind-that-is-far-too-long:md"), "(none)");
    assert_string_equal(owner_of(NULL, ":"), "(none)");
    struct contribution *found[4];
    assert_int_equal(registry_importers_for(r, "notes.MD", found, 4), 1);
    assert_int_equal(registry_importers_for(r, ".md", found, 4), 0);
    assert_int_equal(registry_importers_for(r, "md", found, 4), 0);
    assert_int_equal(registry_importers_for(r, "x.md", found, 0), 0);
    struct err err;
    err_init(&err);
    assert_int_equal(registry_unknown(r, "summariser", "leed", &err), -E_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'lead'?"));
}

static void the_second_of_a_name_is_refused(void **state) {
    (void)state;
    put("k/plugins/aaa.lua", "command:list ls;command:mine");
    put("k/plugins/bbb.lua", "command:theirs;command:list");
    put("k/plugins/ccc.lua", "command:ls");         /* another's alias */
    put("k/plugins/ddd.lua", "command:other list"); /* as an alias */
    put("k/plugins/eee.lua", "command:theirs");     /* free again: bbb is refused */
    put("k/plugins/fff.lua", "command:twice;command:twice");
    put("k/plugins/ggg.lua", "importer:list"); /* another kind */
    begin();
    assert_int_equal(state_of("aaa"), PLUGIN_OK);
    assert_int_equal(state_of("bbb"), PLUGIN_REFUSED);
    assert_int_equal(state_of("ccc"), PLUGIN_REFUSED);
    assert_int_equal(state_of("ddd"), PLUGIN_REFUSED);
    assert_int_equal(state_of("eee"), PLUGIN_OK);
    assert_int_equal(state_of("fff"), PLUGIN_REFUSED);
    assert_int_equal(state_of("ggg"), PLUGIN_OK);
    assert_string_equal(owner_of("command", "list"), "aaa");
    assert_string_equal(owner_of("command", "ls"), "aaa");
    assert_string_equal(owner_of("command", "theirs"), "eee");
    assert_non_null(strstr(registry_plugin(r, "bbb")->err.message, "some.lua:7"));
    struct err err;
    err_init(&err);
    assert_int_not_equal(registry_usable(registry_find(r, "command", "twice"), &err), 0);
    err_release(&err);
    unlink("k/plugins/aaa.lua"); /* judged anew */
    refresh();
    assert_int_equal(state_of("bbb"), PLUGIN_OK);
    assert_string_equal(owner_of("command", "list"), "bbb");
}

static void the_user_may_replace(void **state) {
    (void)state;
    put("k/init.lua", "command:list");
    put("k/plugins/user.lua", "command:list"); /* what answer() reads for "user" */
    put("k/plugins/one.lua", "command:list;command:show");
    begin();
    assert_string_equal(owner_of("command", "list"), "user");
    assert_string_equal(owner_of("command", "show"), "one");
    assert_int_equal(state_of("one"), PLUGIN_OK);
}

/* ---- what a compartment may not make us keep ---------------------------------------------------------------------------- */

static int check(const char *path, struct value v) {
    struct plugin p = {.name = "p"};
    struct value result = result_of("p", "command:list"), *at = &result;
    char *save = NULL, *copy = arena_strdup(&a, path), *key = strtok_r(copy, ".", &save);
    for (char *next; (next = strtok_r(NULL, ".", &save)); key = next)
        at = (struct value *)(uintptr_t)value_get(at, key);
    value_set(&a, at, key, v);
    struct err err;
    err_init(&err);
    int rc = registry_check(&p, &result, &err);
    err_release(&err);
    return rc;
}

static struct value words(const char *one) {
    struct value list = value_array(&a, 1);
    value_push(&a, &list, value_str(&a, one));
    return list;
}

static void registrations_are_checked(void **state) {
    (void)state;
    static const char *const bad[] = {"", "a b", "a\nother x eval", "a,b", "a\tb", "#a", "caf\xc3\xa9", "a\x7f"};
    assert_int_equal(check("helpers", words("markdown")), 0);
    assert_int_equal(check("plugin.needs", words("notes.read")), 0);
    assert_int_equal(check("plugin.needs", value_map(&a, 0)), 0); /* an empty table */
    assert_int_equal(check("helpers", value_nil), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(check("helpers", words(bad[i])), -E_PLUGIN);
        assert_int_equal(check("plugin.needs", words(bad[i])), -E_PLUGIN);
    }
    assert_int_equal(check("helpers", value_lit("markdown")), -E_PLUGIN);
    assert_int_equal(check("plugin.needs", value_int(3)), -E_PLUGIN);
    assert_int_equal(check("contributions", value_nil), -E_PLUGIN);
    assert_int_equal(check("contributions", words("command")), -E_PLUGIN);
    struct value many = value_array(&a, 300), one = contribution("command:list");
    for (int i = 0; i < 300; i++)
        value_push(&a, &many, one);
    assert_int_equal(check("contributions", many), -E_PLUGIN);
    struct value odd = value_array(&a, 1), strange = contribution("daemon:list");
    value_push(&a, &odd, strange);
    assert_int_equal(check("contributions", odd), -E_PLUGIN);
}

static void failing_is_remembered_when_it_lasts(void **state) {
    (void)state;
    put("k/plugins/bad.lua", "!E_PLUGIN");
    put("k/plugins/later.lua", "!E_UNAVAILABLE");
    begin();
    assert_int_equal(state_of("bad"), PLUGIN_REFUSED);
    assert_int_equal(state_of("later"), PLUGIN_REFUSED);
    assert_string_equal(registry_plugin(r, "bad")->err.plugin, "bad");
    assert_int_equal(registrations, 2);
    refresh();
    assert_int_equal(registrations, 3); /* only the one that failed for the moment is asked again */
    begin();
    assert_int_equal(registrations, 1); /* and only that one by the next host */
    assert_int_equal(state_of("bad"), PLUGIN_REFUSED);
    assert_string_equal(registry_plugin(r, "bad")->err.message, "it failed");
}

/* ---- generations -------------------------------------------------------------------------------------------------------- */

static void what_jobs_point_into_stays(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list");
    begin();
    struct contribution *before = registry_find(r, "command", "list");
    jobs.count = 1;
    put("k/plugins/one.lua", "command:list;command:more");
    refresh();
    put("k/plugins/one.lua", "command:list;command:most");
    refresh();
    assert_ptr_not_equal(registry_find(r, "command", "list"), before);
    assert_string_equal(before->name, "list"); /* ASan would say */
    assert_string_equal(before->plugin->name, "one");
    assert_true(retired >= 2);
    jobs.count = 0;
    registry_hold(r);
    put("k/plugins/one.lua", "command:list;command:last");
    refresh();
    assert_string_equal(before->name, "list");
    registry_release(r);
    put("k/plugins/one.lua", "command:list");
    refresh(); /* now it may go */
}

static void waiters_wait_together(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list");
    r = host.registry = registry_new(&host);
    registrations = refreshed = 0;
    registry_refresh(r, ready, NULL);
    registry_refresh(r, ready, NULL);
    registry_refresh(r, ready, NULL);
    assert_int_equal(refreshed, 0);
    assert_int_equal(registrations, 1);
    assert_null(registry_find(r, "command", "list"));
    answer_all();
    assert_int_equal(refreshed, 3);
    registry_refresh(r, ready, NULL);
    assert_int_equal(refreshed, 4); /* at once: it was looked at just now */
    at_once = true;                 /* a compartment that cannot start answers inside the call */
    put("k/plugins/two.lua", "!E_UNAVAILABLE");
    refresh();
    assert_int_equal(refreshed, 5);
    at_once = false;
    put("k/plugins/two.lua", "command:x");
    registry_invalidate(r);
    registry_refresh(r, ready, NULL); /* freed with somebody waiting */
    assert_int_equal(refreshed, 5);
    nasked = 0;
    mem_free(asked[0].ctx);
}

/* ---- the cache ------------------------------------------------------------------------------------------------------------ */

static struct buf cache_bytes(void) {
    struct buf b = BUF_INIT;
    assert_int_equal(path_read("c/registry-1", &b, 1 << 20, NULL), 0);
    return b;
}

static void write_cache(const char *p, size_t size) {
    FILE *f = fopen("c/registry-1", "w");
    fwrite(p, 1, size, f);
    fclose(f);
}

static struct value read_cache(void) {
    struct generation g = {.n = 0};
    arena_init(&g.arena);
    registry_cache_read(&host, &g);
    struct value v = value_copy(&a, &g.cache);
    arena_release(&g.arena);
    return v;
}

static void the_next_host_asks_nobody(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list ls");
    put("k/plugins/two.lua", "command:show");
    begin();
    assert_int_equal(registrations, 2);
    begin();
    assert_int_equal(registrations, 0);
    assert_string_equal(owner_of("command", "ls"), "one");
    put("k/plugins/two.lua", "command:other");
    begin();
    assert_int_equal(registrations, 1);
    assert_string_equal(owner_of("command", "other"), "two");
    assert_string_equal(owner_of("command", "show"), "(none)");
    struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
    utimensat(AT_FDCWD, "k/plugins/two.lua", now, 0); /* touched, not changed */
    begin();
    assert_int_equal(registrations, 0);
    put("bin/lectern-compartment", "another"); /* what registers has changed */
    begin();
    assert_int_equal(registrations, 2);
}

static void a_damaged_cache_is_none(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list ls");
    begin();
    struct buf good = cache_bytes();
    assert_int_equal(read_cache().kind, VALUE_ARRAY);
    for (size_t i = 0; i < good.len; i++) {
        static const unsigned char flips[] = {0x01, 0x80, 0xff};
        for (size_t k = 0; k < sizeof flips; k++) {
            good.data[i] = (char)((unsigned char)good.data[i] ^ flips[k]);
            write_cache(good.data, good.len);
            if (read_cache().kind != VALUE_NIL)
                fail_msg("byte %zu changed by %02x was not noticed", i, flips[k]);
            good.data[i] = (char)((unsigned char)good.data[i] ^ flips[k]);
        }
    }
    for (size_t i = 0; i < good.len; i++) {
        write_cache(good.data, i);
        if (read_cache().kind != VALUE_NIL)
            fail_msg("cut to %zu bytes was not noticed", i);
    }
    good.data[good.len / 2] ^= 1;
    write_cache(good.data, good.len);
    begin(); /* and a registry over it works, and mends it */
    assert_int_equal(registrations, 1);
    assert_string_equal(owner_of("command", "ls"), "one");
    begin();
    assert_int_equal(registrations, 0);
    buf_release(&good);
}

static void a_cache_that_cannot_be_written(void **state) {
    (void)state;
    put("k/plugins/one.lua", "command:list");
    put("c", "a file in its place");
    begin();
    assert_string_equal(owner_of("command", "list"), "one");
    unlink("c");
    path_mkdirs("c/registry-1", 0700, NULL);
    begin();
    assert_string_equal(owner_of("command", "list"), "one");
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, start, done)
    const struct CMUnitTest tests[] = {
        T(names_aliases_and_kinds),        T(the_second_of_a_name_is_refused),     T(the_user_may_replace),
        T(registrations_are_checked),      T(failing_is_remembered_when_it_lasts), T(what_jobs_point_into_stays),
        T(waiters_wait_together),          T(the_next_host_asks_nobody),           T(a_damaged_cache_is_none),
        T(a_cache_that_cannot_be_written),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
