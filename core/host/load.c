/* load.c - what a new compartment is told first: the plugin's files; and how its errors are read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "host/supervisor_priv.h"

int load_message(const struct plugin *p, bool registering, struct arena *a, struct value *params, struct err *err) {
    struct value map = value_map(a, 7), sources, chunks = value_map(a, (uint32_t)p->nfiles);
    char hash[PLUGIN_HASH_TEXT + 1];
    int rc = plugin_read(p, a, &sources, hash, err);
    if (rc)
        return rc;
    if (!registering && strcmp(hash, p->hash))
        return err_set(err, E_BUSY, "plugin '%s' is being changed; try again", p->name);
    for (size_t i = 0; i < p->nfiles; i++)
        value_set(a, &chunks, p->files[i].module, value_lit(p->files[i].path));
    value_set(a, &map, "plugin", value_lit(p->name));
    value_set(a, &map, "main", value_lit(p->name));
    value_set(a, &map, "files", sources);
    value_set(a, &map, "chunks", chunks);
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
    if (!value_is(detail, VALUE_MAP))
        return;
    const char *message = value_cstr(value_get(detail, "message"), NULL);
    const char *trace = value_cstr(value_get(detail, "trace"), NULL);
    if (message)
        err_set(out, err->code, "%s", message);
    snprintf(out->plugin, sizeof out->plugin, "%s", plugin);
    snprintf(out->hint, sizeof out->hint, "%s", value_cstr(value_get(detail, "hint"), ""));
    snprintf(out->at, sizeof out->at, "%s", value_cstr(value_get(detail, "at"), ""));
    if (trace && !out->trace)
        out->trace = mem_strndup(trace, strnlen(trace, 16384));
}
