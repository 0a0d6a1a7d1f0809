/* api_host.c - primitives about the host itself: help, plugins, status, stop. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "base/version.h"
#include "host/api.h"
#include "host/help.h"
#include "host/outfile.h"

enum { TEMPLATE_BYTES = 1024 * 1024 };

/* Every spec that parses, for the overview. */
static size_t all_specs(struct request *rq, const struct command_spec **out, size_t max, const char *kind) {
    size_t n = 0, count;
    struct contribution **all = registry_all(rq->host->registry, &count);
    for (size_t i = 0; i < count && n < max; i++) {
        const struct command_spec *spec = contribution_spec(rq->host->registry, all[i], NULL);
        if (spec && (!kind || !strcmp(all[i]->kind, kind)) && all[i]->plugin->state == PLUGIN_OK)
            out[n++] = spec;
    }
    return n;
}

static void host_help(struct request *rq) {
    struct buf out = BUF_INIT;
    struct err err;
    err_init(&err);
    const char *name = value_cstr(value_get(rq->params, "name"), NULL);
    int64_t wish = value_toint(value_get(rq->params, "width"), 80);
    size_t width = wish < 1 ? 80 : wish > 1000 ? 1000 : (size_t)wish, count;
    bool color = value_tobool(value_get(rq->params, "color"), false);
    int rc = 0;
    registry_all(rq->host->registry, &count);
    if (!name) {
        const struct command_spec **specs = arena_alloc(&rq->arena, (count + 1) * sizeof *specs);
        help_overview(&out, specs, all_specs(rq, specs, count, "command"), width, color);
    } else {
        struct contribution *c = registry_find(rq->host->registry, NULL, name);
        const struct command_spec *spec = NULL;
        if (!c)
            rc = registry_unknown(rq->host->registry, NULL, name, &err);
        else if (!(spec = contribution_spec(rq->host->registry, c, &err)))
            rc = -(int)err.code;
        else
            help_command(&out, spec, width, color);
    }
    struct value text = value_litn(out.data, out.len);
    if (rc)
        request_fail(rq, &err);
    else
        request_answer(rq, &text);
    buf_release(&out);
    err_release(&err);
}

static void describe_into(struct request *rq, struct value *list, struct contribution *c) {
    const struct command_spec *spec = contribution_spec(rq->host->registry, c, NULL);
    if (spec)
        value_push(&rq->arena, list, spec_describe(&rq->arena, spec, plugin_version(c->plugin)));
}

static void host_describe(struct request *rq) {
    const char *name = param_text(rq, "name", true);
    if (!name)
        return;
    struct value list = value_array(&rq->arena, 2);
    size_t n;
    struct contribution **all = registry_all(rq->host->registry, &n),
                        *one = registry_find(rq->host->registry, NULL, name);
    for (size_t i = 0; i < n && !strchr(name, ':'); i++)
        if (!strcmp(all[i]->name, name) || !strcmp(all[i]->plugin->name, name))
            describe_into(rq, &list, all[i]);
    if (!list.len && one)
        describe_into(rq, &list, one);
    if (list.len) {
        request_answer(rq, &list);
        return;
    }
    struct err err;
    err_init(&err);
    registry_unknown(rq->host->registry, NULL, name, &err);
    request_fail(rq, &err);
    err_release(&err);
}

static void host_apropos(struct request *rq) {
    const char *word = param_text(rq, "word", true);
    if (!word)
        return;
    struct value list = value_array(&rq->arena, 8);
    struct buf key = BUF_INIT, doc = BUF_INIT;
    size_t n;
    struct contribution **all = registry_all(rq->host->registry, &n);
    text_key(&key, word, strlen(word));
    for (size_t i = 0; i < n; i++) {
        const char *text = value_cstr(value_get(all[i]->raw, "doc"), "");
        buf_clear(&doc);
        text_key(&doc, text, strlen(text));
        if (strstr(doc.data, key.data) || strstr(all[i]->name, word))
            describe_into(rq, &list, all[i]);
    }
    request_answer(rq, &list);
    buf_release(&key);
    buf_release(&doc);
}

static void host_commands(struct request *rq) {
    struct value list = value_array(&rq->arena, 64);
    size_t n;
    struct contribution **all = registry_all(rq->host->registry, &n);
    for (size_t i = 0; i < n; i++)
        describe_into(rq, &list, all[i]);
    request_answer(rq, &list);
}

static struct value plugin_value(struct request *rq, const struct plugin *p) {
    struct arena *a = &rq->arena;
    struct value m = value_map(a, 8), names = value_array(a, 4);
    size_t n;
    struct contribution **all = registry_all(rq->host->registry, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->plugin == p)
            value_push(a, &names, value_strf(a, "%s:%s", all[i]->kind, all[i]->name));
    value_set(a, &m, "name", value_lit(p->name));
    value_set(a, &m, "version", value_lit(plugin_version(p)));
    value_set(a, &m, "doc", value_lit(value_cstr(value_get(p->info, "doc"), "")));
    value_set(a, &m, "path", value_lit(p->path));
    value_set(a, &m, "state", value_lit(plugin_state_name(p->state)));
    value_set(a, &m, "shadowed", p->shadowed_by ? value_lit(p->shadowed_by->path) : value_nil);
    value_set(a, &m, "contributions", names);
    value_set(a, &m, "needs",
              value_is(value_get(p->info, "needs"), VALUE_ARRAY) ? *value_get(p->info, "needs") : value_array(a, 0));
    value_set(a, &m, "granted", value_is(p->granted, VALUE_ARRAY) ? *p->granted : value_array(a, 0));
    value_set(a, &m, "error", p->err.code == E_OK ? value_nil : value_lit(p->err.message));
    return m;
}

static void host_plugins(struct request *rq) {
    size_t n;
    struct plugin **all = registry_plugins(rq->host->registry, &n);
    struct value list = value_array(&rq->arena, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        value_push(&rq->arena, &list, plugin_value(rq, all[i]));
    request_answer(rq, &list);
}

static void host_grant(struct request *rq) {
    const char *name = param_text(rq, "name", true);
    if (!name)
        return;
    struct plugin *p = registry_plugin(rq->host->registry, name);
    if (!p) {
        request_failf(rq, E_USAGE, "unknown plugin '%s'; lectern plugins lists them", name);
        return;
    }
    struct err err;
    err_init(&err);
    int rc = 0;
    if (p->state == PLUGIN_REFUSED)
        err_copy(&err, &p->err), rc = -1;
    else if (p->state == PLUGIN_HELD && !rq->job->options.dry_run)
        rc = grants_add(p, &rq->host->place, &err);
    if (rc) {
        request_fail(rq, &err);
    } else {
        registry_invalidate(rq->host->registry);
        struct value m = value_map(&rq->arena, 2);
        value_set(&rq->arena, &m, "name", value_lit(p->name));
        value_set(&rq->arena, &m, "granted",
                  value_is(value_get(p->info, "needs"), VALUE_ARRAY) ? *value_get(p->info, "needs")
                                                                     : value_array(&rq->arena, 0));
        request_answer(rq, &m);
    }
    err_release(&err);
}

static void host_status(struct request *rq) {
    struct host *h = rq->host;
    struct arena *a = &rq->arena;
    struct value m = value_map(a, 10);
    value_set(a, &m, "running", value_bool(h->daemon));
    value_set(a, &m, "pid", h->daemon ? value_int(getpid()) : value_nil);
    value_set(a, &m, "uptime_s", h->daemon ? value_int((clock_now_ms() - h->started_ms) / 1000) : value_nil);
    value_set(a, &m, "socket", value_lit(h->place.socket));
    value_set(a, &m, "store", value_lit(h->place.store));
    value_set(a, &m, "version", value_lit(LECTERN_VERSION));
    value_set(a, &m, "sandbox", value_lit(h->no_sandbox ? "none" : supervisor_sandbox(h->supervisor)));
    value_set(a, &m, "compartments", supervisor_status(h->supervisor, a));
    value_set(a, &m, "jobs", jobs_status(h->jobs, a));
    request_answer(rq, &m);
}

static void host_template(struct request *rq) {
    const char *name = param_text(rq, "name", true);
    if (!name)
        return;
    struct buf path = BUF_INIT, text = BUF_INIT;
    struct err err;
    err_init(&err);
    bool plain = outfile_good_name(name); /* may lie in a folder of templates/, never outside */
    path_join(&path, rq->host->place.config, "templates/");
    buf_adds(&path, name);
    int rc = plain ? path_read(path.data, &text, TEMPLATE_BYTES, &err)
                   : err_set(&err, E_USAGE, "'%s' is no template name", name);
    if (rc && plain) {
        path_join(&path, rq->host->tree.share, "templates/");
        buf_adds(&path, name);
        rc = path_read(path.data, &text, TEMPLATE_BYTES, &err);
    }
    struct value v = value_litn(text.data, text.len);
    if (rc)
        request_fail(rq, &err);
    else
        request_answer(rq, &v);
    buf_release(&path);
    buf_release(&text);
    err_release(&err);
}

static void host_stop_primitive(struct request *rq) {
    struct host *h = rq->host;
    if (!h->daemon) {
        request_failf(rq, E_NOTFOUND, "no daemon is running for this store");
        return;
    }
    struct value pid = value_int(getpid());
    request_answer(rq, &pid);
    host_stop_soon(h);
}

const struct primitive api_host[] = {
    {"host.help", NULL, NO_EFFECT, host_help, "{name?, width, color?}", "text",
     "the help page of a name, or the overview"},
    {"host.describe", NULL, NO_EFFECT, host_describe, "{name}", "describe[]", "what is registered under a name"},
    {"host.apropos", NULL, NO_EFFECT, host_apropos, "{word}", "describe[]", "what mentions a word in its name or doc"},
    {"host.commands", NULL, NO_EFFECT, host_commands, "{}", "describe[]", "everything registered"},
    {"host.template", NULL, NO_EFFECT, host_template, "{name}", "text",
     "a template: the person's own, else the shipped one"},
    {"host.plugins", "host.read", NO_EFFECT, host_plugins, "{}", "plugin[]",
     "every plugin found, with state and grants"},
    {"host.status", "host.read", NO_EFFECT, host_status, "{}", "status", "host, compartments, jobs"},
    {"host.grant", "host.admin", OUTSIDE_EFFECT, host_grant, "{name}", "{name, granted}",
     "grant a plugin what it needs"},
    {"host.stop", "host.admin", OUTSIDE_EFFECT, host_stop_primitive, "{}", "pid",
     "end the daemon after running jobs were cancelled"},
};
const size_t api_host_count = sizeof api_host / sizeof *api_host;
