/* plugin.h - a plugin as found on disk and as registered; and the grants it holds.
 *
 * A plugin is NAME.lua or NAME/init.lua in one of the plugin folders; the first of a name wins, later ones are shadowed. What it
 * registers comes from the registry (cached by the hash of its files): no plugin code runs to list, complete or describe.
 */
#ifndef LECTERN_HOST_PLUGIN_H
#define LECTERN_HOST_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/place.h"
#include "base/value.h"

enum { PLUGIN_FILES_MAX = 64, PLUGIN_FILE_BYTES = 1024 * 1024, PLUGIN_HASH_TEXT = 2 * SHA256_BYTES };

struct plugin_file {
    const char *module; /* "captions", "captions.cues"; what require() takes */
    const char *path;   /* absolute */
    int64_t size;
    int64_t mtime_ns;
};

enum plugin_home { HOME_PATH, HOME_CONFIG, HOME_DATA, HOME_BUNDLED, HOME_USER };

enum plugin_state {
    PLUGIN_OK,
    PLUGIN_HELD,     /* wants capabilities that were not granted */
    PLUGIN_REFUSED,  /* did not load or registered nonsense: see err */
    PLUGIN_SHADOWED, /* another plugin of that name came first */
};
const char *plugin_state_name(enum plugin_state s);

struct plugin {
    const char *name;
    const char *path; /* its main file */
    enum plugin_home home;
    enum plugin_state state;
    struct plugin_file *files;
    size_t nfiles;
    char hash[PLUGIN_HASH_TEXT + 1];   /* of module names and contents; "" until known */
    const struct value *info;          /* {name, version, api, doc, needs} as registered; nil until known */
    const struct value *contributions; /* array as registered */
    const struct value *helpers;       /* array of strings */
    const struct value *granted;       /* array of strings */
    struct err err;
    const struct plugin *shadowed_by;
};

/* Every plugin there is, in order of precedence, into an array in A (shadowed ones included, state set). EXTRA is
 * LECTERN_PLUGIN_PATH or NULL. Reads folders and stats files; opens none. */
struct plugin **plugin_scan(struct arena *a, const struct place *place, const struct place_tree *tree,
                            const char *extra, size_t *n);
/* Read all its files: a map module -> source into *SOURCES (in A) and the hash of what was read into HASH. */
int plugin_read(const struct plugin *p, struct arena *a, struct value *sources, char hash[PLUGIN_HASH_TEXT + 1],
                struct err *err);
const char *plugin_version(const struct plugin *p);

/* ---- grants ----------------------------------------------------------------------------------------------------- */
/* Fill p->granted and, where needs are not covered, p->state and p->err. Bundled plugins: TREE->grants, by name. User's init.lua:
 * everything. Others: CONFIG/grants, lines "NAME HASH capability ...". */
void grants_apply(struct plugin **plugins, size_t n, struct arena *a, const struct place *place,
                  const struct place_tree *tree);
/* Write P's needs into CONFIG/grants. */
int grants_add(const struct plugin *p, const struct place *place, struct err *err);
bool plugin_may(const struct plugin *p, const char *capability);

#endif
