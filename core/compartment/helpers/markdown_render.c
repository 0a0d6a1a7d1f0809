/* markdown_render.c - the one place that writes. Safe unless told otherwise: no raw HTML, no links that run code. */
#include "compartment/helpers/markdown_render.h"

#include <lauxlib.h>

#include "compartment/helpers/markdown_arena.h"

enum { RENDER_MAX = 64 * 1024 * 1024 };

static bool has_line_of_text(cmark_node *node) {
    cmark_node_type type = cmark_node_get_type(node);
    return type == CMARK_NODE_HEADING || type == CMARK_NODE_PARAGRAPH;
}

static bool flag(lua_State *L, const char *name, bool fallback) {
    if (!lua_istable(L, 3)) {
        return fallback;
    }
    bool value = lua_getfield(L, 3, name) == LUA_TNIL ? fallback : lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static int render_options(lua_State *L) {
    return (flag(L, "safe", true) ? CMARK_OPT_DEFAULT : CMARK_OPT_UNSAFE) |
           (flag(L, "smart", false) ? CMARK_OPT_SMART : CMARK_OPT_DEFAULT) |
           (flag(L, "sourcepos", false) ? CMARK_OPT_SOURCEPOS : CMARK_OPT_DEFAULT) |
           (flag(L, "hardbreaks", false) ? CMARK_OPT_HARDBREAKS : CMARK_OPT_DEFAULT);
}

static int render_width(lua_State *L) {
    lua_Integer width = 0;
    if (lua_istable(L, 3)) {
        lua_getfield(L, 3, "width");
        width = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    return width < 0 || width > 10000 ? 0 : (int)width;
}

static void indent(luaL_Buffer *b, cmark_node *node) {
    for (cmark_node *up = cmark_node_parent(node); up; up = cmark_node_parent(up)) {
        if (cmark_node_get_type(up) == CMARK_NODE_ITEM) {
            luaL_addstring(b, "  ");
        }
    }
}

/* No blank line before the text of an item in a tight list; but one before the list, unless that is in an item
 * itself. */
static bool stands_tight(cmark_node *item) {
    cmark_node *list = cmark_node_parent(item);
    bool nested = cmark_node_get_type(cmark_node_parent(list)) == CMARK_NODE_ITEM;
    return cmark_node_get_list_tight(list) && (cmark_node_previous(item) || nested);
}

static bool begins_item(cmark_node *node) {
    cmark_node *parent = cmark_node_parent(node);
    return parent && cmark_node_get_type(parent) == CMARK_NODE_ITEM && cmark_node_first_child(parent) == node;
}

/* Plain text: blocks apart by a blank line (items of a tight list by none), "- " before items, no markup. */
static void render_plain(lua_State *L, const struct doc *d) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    bool first = true;
    for (cmark_node *n = d->root; n; n = node_following(n, d->root, true)) {
        if (node_piece(n) && node_is_inline(n)) {
            luaL_addstring(&b, cmark_node_get_type(n) == CMARK_NODE_LINEBREAK ? "\n" : node_piece(n));
            continue;
        }
        bool leaf = has_line_of_text(n) || cmark_node_get_type(n) == CMARK_NODE_CODE_BLOCK;
        if (!leaf) {
            continue;
        }
        cmark_node *item = cmark_node_parent(n);
        bool tight = begins_item(n) && stands_tight(item);
        luaL_addstring(&b, first ? "" : tight ? "\n" : "\n\n");
        first = false;
        indent(&b, begins_item(n) ? item : n);
        luaL_addstring(&b, begins_item(n) ? "- " : "");
        if (!node_is_inline(n) && node_piece(n)) {
            luaL_addstring(&b, node_piece(n));
        }
    }
    luaL_addstring(&b, first ? "" : "\n");
    luaL_pushresult(&b);
}

static int level_option(lua_State *L, const char *name) {
    lua_Integer level = 0;
    if (lua_istable(L, 3)) {
        lua_getfield(L, 3, name);
        level = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    return level > 0 && level <= 6 ? (int)level : 0;
}

/* Option below: headings stand below one of that level. The first two levels, which both are titles to most writers,
 * become the next one. */
static int level_below(int below, int level) {
    level += below - 1;
    return level <= below ? below + 1 : level;
}

/* Option base: headings from that level on, each at most one deeper than the one it stands below. ABOVE: those that the
 * last one stood below, and itself, as they were written. */
static int level_from(int base, int level, int above[], int *count) {
    while (*count > 0 && above[*count - 1] >= level) {
        --*count;
    }
    above[(*count)++] = level;
    return base + *count - 1;
}

static void move_headings(lua_State *L, const struct doc *d) {
    int below = level_option(L, "below"), base = level_option(L, "base"), above[8], count = 0;
    for (cmark_node *n = below || base ? d->root : NULL; n; n = node_following(n, d->root, !has_line_of_text(n))) {
        if (cmark_node_get_type(n) == CMARK_NODE_HEADING) {
            int level = cmark_node_get_heading_level(n);
            level = base ? level_from(base, level, above, &count) : level_below(below, level);
            cmark_node_set_heading_level(n, level > 6 ? 6 : level);
        }
    }
}

void render_html(lua_State *L, const struct doc *d) {
    move_headings(L, d);
    lua_pushstring(L, cmark_render_html(d->root, render_options(L)));
}

/* doc:render(format [, {safe = true, width =, smart =, sourcepos =, hardbreaks =}]) -> text */
int render_document(lua_State *L, const struct doc *d) {
    static const char *const formats[] = {"html", "commonmark", "xml", "text", NULL};
    int format = luaL_checkoption(L, 2, NULL, formats);
    lua_settop(L, 3);
    if (format == 3) {
        render_plain(L, d);
        return 1;
    }
    int options = render_options(L), width = render_width(L);
    lua_newuserdatauv(L, 0, 1); /* the output's blocks hang from it and go with it */
    arena_enter(L, lua_gettop(L), RENDER_MAX);
    const char *out = format == 0   ? cmark_render_html(d->root, options)
                      : format == 1 ? cmark_render_commonmark(d->root, options, width)
                                    : cmark_render_xml(d->root, options);
    lua_pushstring(L, out);
    return 1;
}
