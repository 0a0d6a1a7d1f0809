/* yaml.c - lectern.yaml: front matter for plugins, over libyaml's events.
 *
 * The one idea: no guessing. Every scalar is the text that was written: NO, 12:30, 010 and 1.10 stay what they are.
 * Only an empty plain scalar, ~ and null are lectern.null. What could surprise is refused with its line: aliases,
 * anchors, tags, merge keys, a key that is there twice. The order and lines of a mapping's keys are remembered beside
 * it.
 *
 * The parser is a userdata, so that an error of Lua in the middle releases it.
 */
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "compartment/helpers/yaml_emit.h"
#include "compartment/helpers/yaml_order.h"

#define PARSER "lectern.yaml.parser"

enum { DEPTH_MAX = 32, TEXT_MAX = 1024 * 1024 };

int luaopen_lectern_yaml(lua_State *L);

struct parser {
    yaml_parser_t yaml;
    yaml_event_t event;
    bool started, has_event;
    unsigned depth;
    const char *problem; /* NULL: none so far */
    char detail[160];
    size_t line; /* 1-based, of the problem */
};

static void drop_event(struct parser *p) {
    if (p->has_event) {
        yaml_event_delete(&p->event);
        p->has_event = false;
    }
}

static int parser_gc(lua_State *L) {
    struct parser *p = luaL_checkudata(L, 1, PARSER);
    drop_event(p);
    if (p->started) {
        yaml_parser_delete(&p->yaml);
        p->started = false;
    }
    return 0;
}

static bool fail(struct parser *p, size_t line, const char *problem) {
    p->problem = problem;
    p->line = line;
    return false;
}

static size_t event_line(const struct parser *p) {
    return p->event.start_mark.line + 1;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static bool next_event(struct parser *p) {
    drop_event(p);
    if (yaml_parser_parse(&p->yaml, &p->event)) {
        p->has_event = true;
        return true;
    }
    const char *why = p->yaml.problem ? p->yaml.problem : "cannot be read";
    snprintf(p->detail, sizeof p->detail, "%s%s%s", why, p->yaml.context ? " " : "",
             p->yaml.context ? p->yaml.context : "");
    return fail(p, p->yaml.problem_mark.line + 1, p->detail);
}

/* What front matter has no need for, and what other readers would take for something else. */
static bool allowed(struct parser *p, const yaml_char_t *anchor, const yaml_char_t *tag) {
    if (anchor) {
        return fail(p, event_line(p), "anchors and aliases are not read; write the value out");
    }
    return !tag || fail(p, event_line(p), "tags are not read; leave it away");
}

static bool is_null(const yaml_event_t *e) {
    static const char *const names[] = {"", "~", "null", "Null", "NULL"};
    if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp((const char *)e->data.scalar.value, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool push_value(lua_State *L, struct parser *p);

static void push_text(lua_State *L, const yaml_event_t *e) {
    lua_pushlstring(L, (const char *)e->data.scalar.value, e->data.scalar.length);
}

static bool push_scalar(lua_State *L, struct parser *p) {
    if (!allowed(p, p->event.data.scalar.anchor, p->event.data.scalar.tag)) {
        return false;
    }
    if (is_null(&p->event)) {
        lua_pushlightuserdata(L, NULL);
    } else {
        push_text(L, &p->event);
    }
    return true;
}

static bool push_sequence(lua_State *L, struct parser *p) {
    if (!allowed(p, p->event.data.sequence_start.anchor, p->event.data.sequence_start.tag)) {
        return false;
    }
    lua_newtable(L);
    for (lua_Integer i = 1;; i++) {
        if (!next_event(p)) {
            return false;
        }
        if (p->event.type == YAML_SEQUENCE_END_EVENT) {
            return true;
        }
        if (!push_value(L, p)) {
            return false;
        }
        lua_rawseti(L, -2, i);
    }
}

/* The key on top of the stack, of the mapping below it. */
static bool check_key(lua_State *L, struct parser *p) {
    const char *key = lua_tostring(L, -1);
    if (strcmp(key, "<<") == 0 && p->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        return fail(p, event_line(p), "merge keys (<<) are not read; write the fields out");
    }
    lua_pushvalue(L, -1);
    bool twice = lua_rawget(L, -3) != LUA_TNIL;
    lua_pop(L, 1);
    if (twice) {
        snprintf(p->detail, sizeof p->detail, "key '%.100s' is there twice", key);
        return fail(p, event_line(p), p->detail);
    }
    return true;
}

/* Stack: mapping, order. */
static bool push_pair(lua_State *L, struct parser *p) {
    if (p->event.type != YAML_SCALAR_EVENT) {
        return fail(p, event_line(p),
                    p->event.type == YAML_ALIAS_EVENT ? "anchors and aliases are not read; write the value out"
                                                      : "a key must be text");
    }
    if (!allowed(p, p->event.data.scalar.anchor, p->event.data.scalar.tag)) {
        return false;
    }
    lua_pushvalue(L, -2);
    push_text(L, &p->event);
    if (!check_key(L, p)) {
        return false;
    }
    order_add(L, lua_absindex(L, -3), lua_absindex(L, -1), event_line(p));
    if (!next_event(p) || !push_value(L, p)) {
        return false;
    }
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return true;
}

static bool push_mapping(lua_State *L, struct parser *p) {
    if (!allowed(p, p->event.data.mapping_start.anchor, p->event.data.mapping_start.tag)) {
        return false;
    }
    lua_newtable(L);
    order_new(L);
    for (;;) {
        if (!next_event(p)) {
            return false;
        }
        if (p->event.type == YAML_MAPPING_END_EVENT) {
            order_keep(L, lua_absindex(L, -2));
            return true;
        }
        if (!push_pair(L, p)) {
            return false;
        }
    }
}

/* Push the value that the current event begins. */
static bool push_value(lua_State *L, struct parser *p) {
    if (p->depth >= DEPTH_MAX) {
        return fail(p, event_line(p), "is nested too deeply");
    }
    luaL_checkstack(L, 10, "yaml");
    p->depth++;
    bool ok;
    switch (p->event.type) {
    case YAML_SCALAR_EVENT:
        ok = push_scalar(L, p);
        break;
    case YAML_SEQUENCE_START_EVENT:
        ok = push_sequence(L, p);
        break;
    case YAML_MAPPING_START_EVENT:
        ok = push_mapping(L, p);
        break;
    case YAML_ALIAS_EVENT:
        ok = fail(p, event_line(p), "anchors and aliases are not read; write the value out");
        break;
    default:
        ok = fail(p, event_line(p), "a value was expected");
        break;
    }
    p->depth--;
    return ok;
}

/* ---- documents ------------------------------------------------------------------------------------------------- */

static bool expect(struct parser *p, yaml_event_type_t type, const char *problem) {
    return next_event(p) && (p->event.type == type || fail(p, event_line(p), problem));
}

static bool push_document(lua_State *L, struct parser *p) {
    if (!expect(p, YAML_STREAM_START_EVENT, "cannot be read") || !next_event(p)) {
        return false;
    }
    if (p->event.type == YAML_STREAM_END_EVENT) {
        lua_newtable(L);
        return true;
    }
    if (p->event.data.document_start.version_directive ||
        p->event.data.document_start.tag_directives.start != p->event.data.document_start.tag_directives.end) {
        return fail(p, event_line(p), "directives are not read");
    }
    return next_event(p) && push_value(L, p) && expect(p, YAML_DOCUMENT_END_EVENT, "cannot be read") &&
           expect(p, YAML_STREAM_END_EVENT, "there is more than one document");
}

static int parse_failed(lua_State *L, size_t line, const char *problem) {
    lua_pushnil(L);
    lua_pushstring(L, problem);
    lua_pushinteger(L, (lua_Integer)line);
    return 3;
}

/* yaml.parse(text) -> table | nil, message, line */
static int yaml_parse(lua_State *L) {
    size_t n;
    const char *s = luaL_checklstring(L, 1, &n);
    lua_settop(L, 1);
    if (n > TEXT_MAX) {
        return parse_failed(L, 1, "is larger than 1 MiB");
    }
    if (text_utf8_valid(s, n) < n) {
        return parse_failed(L, 1, "is not UTF-8");
    }
    struct parser *p = lua_newuserdatauv(L, sizeof *p, 0);
    memset(p, 0, sizeof *p);
    luaL_setmetatable(L, PARSER);
    if (!yaml_parser_initialize(&p->yaml)) {
        return luaL_error(L, "not enough memory");
    }
    p->started = true;
    yaml_parser_set_encoding(&p->yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p->yaml, (const unsigned char *)s, n);
    bool ok = push_document(L, p);
    int results = ok ? 1 : parse_failed(L, p->line, p->problem);
    lua_pushcfunction(L, parser_gc); /* now, not when the collector comes by */
    lua_pushvalue(L, 2);
    lua_call(L, 1, 0);
    return results;
}

int luaopen_lectern_yaml(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"parse", yaml_parse}, {"emit", emit_table}, {"keys", order_keys}, {"line", order_line}, {NULL, NULL}};
    luaL_newmetatable(L, PARSER);
    lua_pushcfunction(L, parser_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    order_open(L);
    emit_open(L);
    luaL_newlib(L, functions);
    return 1;
}
