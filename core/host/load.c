/* load.c - what a new compartment is told first: the plugin's files and the runtime; and how its errors are read back. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "host/supervisor_priv.h"

/* Every *.lua below DIR as PREFIX.stem; DIR/init.lua as PREFIX itself. */
static int add_runtime(struct arena *a, struct value *map, const char *dir, const char *prefix, struct err *err) {
    struct dirent **list;
    int n = scandir(dir, &list, NULL, alphasort), rc = 0;
    if (n < 0) return err_set(err, E_CONFIG, "the Lua runtime is missing: '%s'", dir);
    struct buf path = BUF_INIT, text = BUF_INIT;
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        size_t stem;
        path_join(&path, dir, name);
        if (!rc && !strcmp(path_extension(name, &stem), "lua")) {
            buf_clear(&text);
            rc = path_read(path.data, &text, PLUGIN_FILE_BYTES, err);
            char *module = strcmp(name, "init.lua") ? arena_printf(a, "%s.%.*s", prefix, (int)stem, name) : arena_strdup(a, prefix);
            if (!rc) value_set(a, map, module, value_strn(a, text.data, text.len));
        }
        free(list[i]);
    }
    free(list);
    buf_release(&path);
    buf_release(&text);
    return rc;
}

int load_message(struct host *h, const struct plugin *p, bool registering, struct arena *a, struct value *params, struct err *err) {
    struct value map = value_map(a, 8), sources, chunks = value_map(a, (uint32_t)p->nfiles), runtime = value_map(a, 16);
    char hash[PLUGIN_HASH_TEXT + 1];
    int rc = plugin_read(p, a, &sources, hash, err);
    if (rc) return rc;
    if (!registering && strcmp(hash, p->hash)) return err_set(err, E_BUSY, "plugin '%s' is being changed; try again", p->name);
    for (size_t i = 0; i < p->nfiles; i++) value_set(a, &chunks, p->files[i].module, value_lit(p->files[i].path));
    rc = add_runtime(a, &runtime, arena_printf(a, "%s/lua/lectern", h->tree.share), "lectern", err);
    if (rc) return rc;
    value_set(a, &map, "plugin", value_lit(p->name));
    value_set(a, &map, "main", value_lit(p->name));
    value_set(a, &map, "files", sources);
    value_set(a, &map, "chunks", chunks);
    value_set(a, &map, "runtime", runtime);
    value_set(a, &map, "limits", value_map(a, 0));
    struct value options = value_map(a, 1);
    value_set(a, &options, "known", value_bool(!registering)); /* the registry has the checked form: names will do */
    value_set(a, &map, "options", options);
    *params = value_array(a, 1);
    value_push(a, params, map);
    return 0;
}

void plugin_error(struct err *out, const char *plugin, const struct value *detail, const struct err *err) {
    err_copy(out, err);
    snprintf(out->plugin, sizeof out->plugin, "%s", plugin);
    if (!value_is(detail, VALUE_MAP)) return;
    const char *message = value_cstr(value_get(detail, "message"), NULL);
    const char *trace = value_cstr(value_get(detail, "trace"), NULL);
    if (message) err_set(out, err->code, "%s", message);
    snprintf(out->plugin, sizeof out->plugin, "%s", plugin);
    snprintf(out->hint, sizeof out->hint, "%s", value_cstr(value_get(detail, "hint"), ""));
    snprintf(out->at, sizeof out->at, "%s", value_cstr(value_get(detail, "at"), ""));
    if (trace && !out->trace) out->trace = mem_strndup(trace, strnlen(trace, 16384));
}
