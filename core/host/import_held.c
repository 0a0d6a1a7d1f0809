/* import_held.c - sources whose records somebody looks at before they are written: plans, and corrections remembered.
 *
 * The one idea: an import hands the records of a source back instead of writing them ("held"), and takes records for a source instead of asking
 * its importer ("given"). A hash pins the bytes, so that what was corrected is what is written. What corrections are is no business of the host: it
 * knows them by a name, the recipe, which makes the same bytes new when it changes.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/import_priv.h"

enum { HELD_BYTES = 16 * 1024 * 1024, RECIPE_BYTES = 16 };

static int check_wish(const struct import *im, const char *path, const struct value *wish, struct err *err) {
    const struct value *pin = value_get(wish, "sha256"), *recipe = value_get(wish, "recipe"),
                       *importer = value_get(wish, "importer");
    const struct value *records = value_get(wish, "records");
    uint8_t hash[SHA256_BYTES];
    bool no_pin = value_is(pin, VALUE_NIL);
    if (!value_is(wish, VALUE_MAP))
        return err_set(err, E_USAGE, "'sources' wants a map for '%s'", path);
    if (!no_pin && (!value_is(pin, VALUE_STR) || hex_decode(pin->s, pin->len, hash, sizeof hash) != SHA256_BYTES))
        return err_set(err, E_USAGE, "'sha256' of '%s' wants 64 hexadecimal digits", path);
    if (!value_is(recipe, VALUE_NIL) && (!value_is(recipe, VALUE_STR) || !recipe->len || recipe->len > RECIPE_BYTES ||
                                         memchr(recipe->s, ' ', recipe->len)))
        return err_set(err, E_USAGE, "'recipe' of '%s' wants a word of at most %d bytes", path, RECIPE_BYTES);
    if (!value_is(records, VALUE_NIL) && (!value_is(records, VALUE_ARRAY) || no_pin || !value_is(importer, VALUE_STR)))
        return err_set(err, E_USAGE,
                       "'records' of '%s' wants a list, an importer and the hash of what they were made of", path);
    if (value_is(importer, VALUE_NIL))
        return 0;
    const char *name = value_cstr(importer, "");
    const struct contribution *c = registry_find(im->host->registry, "importer", name);
    return c ? registry_usable(c, err) : registry_unknown(im->host->registry, "importer", name, err);
}

int import_check_wishes(struct import *im, struct err *err) {
    im->wishes = value_get(im->rq->params, "sources");
    im->hold = value_tobool(value_get(im->rq->params, "hold"), false);
    im->may_pin = plugin_may(im->rq->call->plugin, "files.pinned");
    im->moved = im->may_pin ? value_get(im->rq->params, "moved") : &value_nil; /* it tells whether files are there */
    int rc = 0;
    for (size_t i = 0; value_is(im->wishes, VALUE_MAP) && i < im->wishes->len && !rc; i++) {
        const struct pair *p = &im->wishes->pairs[i];
        rc = check_wish(im, value_cstr(&p->key, "?"), &p->val, err);
    }
    return rc;
}

bool import_pinned(const struct request *rq, const char *path) {
    const struct value *wish = value_get(value_get(rq->params, "sources"), path);
    return value_is(value_get(wish, "sha256"), VALUE_STR) && plugin_may(rq->call->plugin, "files.pinned");
}

/* A path that was only pinned may have turned into a folder, or never have been a file: what lies below it was not asked for. */
static bool may_read(const struct import *im, const struct walk_file *f) {
    if (!value_is(im->wishes, VALUE_MAP) || !value_is(&im->stdin_bytes, VALUE_NIL))
        return true;
    bool pinned = im->may_pin && value_is(value_get(value_get(im->wishes, f->shown), "sha256"), VALUE_STR);
    return pinned || job_may_path(im->job, f->path, PATH_READ);
}

void import_take_wish(struct import_source *s) {
    struct import *im = s->import;
    if (!may_read(im, s->file))
        err_set(&s->err, E_DENIED, "nobody named '%s'", s->file->shown);
    s->wish = value_is(im->wishes, VALUE_MAP) ? value_get(im->wishes, s->file->shown) : &value_nil;
    const struct value *importer = value_get(s->wish, "importer");
    s->given = value_is(value_get(s->wish, "records"), VALUE_ARRAY);
    s->hold = !s->given && (im->hold || value_tobool(value_get(s->wish, "hold"), false));
    if (value_is(importer, VALUE_STR))
        s->wished = registry_find(im->host->registry, "importer", importer->s);
}

/* On the pool: the bytes are there and hashed. */
int import_check_pin(struct import_source *s) {
    const struct value *pin = value_get(s->wish, "sha256");
    uint8_t hash[SHA256_BYTES];
    if (!value_is(pin, VALUE_STR))
        return 0;
    hex_decode(pin->s, pin->len, hash, sizeof hash);
    return memcmp(hash, s->sha256, sizeof hash) == 0
               ? 0
               : err_set(&s->err, E_DATA, "'%s' has changed: it does not hold what the corrections are about",
                         s->file->shown);
}

/* On the pool too. These very bytes were corrected where there is nothing now: the file came from there, and its corrections with it. */
void import_look_for_moved(struct import_source *s) {
    const struct value *moved = s->import->moved;
    char hash[2 * SHA256_BYTES + 1];
    if (!value_is(moved, VALUE_MAP) || s->given)
        return;
    hex_encode(s->sha256, SHA256_BYTES, hash);
    const char *old = value_cstr(value_get(moved, hash), NULL);
    if (old && *old == '/' && strcmp(old, s->file->shown) && access(old, F_OK))
        s->moved = old;
}

const char *import_source_version(struct import_source *s, const struct contribution *importer) {
    const char *recipe = value_cstr(value_get(s->wish, "recipe"), NULL);
    return recipe ? arena_printf(&s->arena, "%s %s", import_version(importer), recipe) : import_version(importer);
}

bool import_only_recipe_differs(const struct import_source *s, const struct contribution *importer) {
    const char *version = import_version(importer);
    size_t n = strlen(version);
    return !strcmp(importer->name, s->last.importer) && !strncmp(s->last.version, version, n) &&
           (!s->last.version[n] || s->last.version[n] == ' ');
}

void import_use_given(struct import_source *s) {
    s->importer = s->wished;
    s->records = *value_get(s->wish, "records");
}

/* Corrections that are remembered want the records; where there are none nobody else does. */
bool import_is_held(const struct import_source *s) {
    return s->hold || s->moved || (!s->given && value_is(value_get(s->wish, "recipe"), VALUE_STR));
}

static struct value held_value(const struct import_source *s, struct arena *a) {
    char hash[2 * SHA256_BYTES + 1];
    struct value m = value_map(a, 6);
    hex_encode(s->sha256, SHA256_BYTES, hash);
    value_set(a, &m, "text", value_strn(a, s->text, s->len));
    value_set(a, &m, "sha256", value_str(a, hash));
    value_set(a, &m, "version", value_str(a, import_version(s->importer)));
    value_set(a, &m, "encoding", value_str(a, s->encoding));
    value_set(a, &m, "records", value_copy(a, &s->records));
    value_set(a, &m, "moved", s->moved ? value_str(a, s->moved) : value_nil);
    return m;
}

struct value import_held(struct import_source *s) {
    struct import *im = s->import;
    size_t cost = s->len + s->arena.used / 2;
    if (im->held_bytes && im->held_bytes + cost > HELD_BYTES)
        return value_nil; /* asked for again by itself, it will fit */
    if (cost > HELD_BYTES) {
        err_set(&s->err, E_DATA, "'%s' holds too much to be corrected by a plan (more than 16 MiB)", s->file->shown);
        err_hint(&s->err, "split it, or import it without corrections: --no-recipe, and no --plan");
        return value_nil;
    }
    im->held_bytes += cost;
    return held_value(s, &im->arena);
}
