/* markdown_node.c - nodes: positions, text, fields.
 *
 * The one idea: a position is made from cmark's line and column and the table of line starts, and where cmark is
 * known to be off (columns of a paragraph's later lines) it is put right or not given at all.
 */
#include "compartment/helpers/markdown_node.h"

#include <lauxlib.h>
#include <string.h>

#define NODE "lectern.markdown.node"

/* ---- positions ------------------------------------------------------------------------------------------------- */

size_t node_line_start(const struct doc *d, int line) {
    return line < 1 ? 0 : (size_t)line > d->lines ? d->n : d->starts[line - 1];
}

/* Where LINE ends, before its line end and trailing white space. */
static size_t line_end(const struct doc *d, int line) {
    size_t start = node_line_start(d, line), end = node_line_start(d, line + 1);
    while (end > start && strchr(" \t\r\n", d->text[end - 1])) {
        end--;
    }
    return end;
}

int node_last_line(const struct doc *d, cmark_node *node) {
    int first = cmark_node_get_start_line(node), last = cmark_node_get_end_line(node);
    last = last < first ? first : last;
    while (last > first && line_end(d, last) == node_line_start(d, last)) {
        last--;
    }
    return last;
}

bool node_is_inline(cmark_node *node) {
    return cmark_node_get_type(node) >= CMARK_NODE_FIRST_INLINE;
}

static cmark_node *block_of(cmark_node *node) {
    while (node_is_inline(node)) {
        node = cmark_node_parent(node);
    }
    return node;
}

/* The byte of COLUMN, 1-based, of LINE for an inline node of BLOCK. On a paragraph's later lines cmark counts from
 * behind what it took off (indent, quote marks) but adds the column that the paragraph began in. */
static size_t inline_byte(const struct doc *d, cmark_node *block, int line, int column) {
    size_t start = node_line_start(d, line), at = start;
    if (line <= cmark_node_get_start_line(block)) {
        return start + (size_t)column - 1;
    }
    while (at < d->n && (d->text[at] == ' ' || d->text[at] == '\t' || d->text[at] == '>')) {
        at++;
    }
    int added = cmark_node_get_start_column(block) - 1;
    return at + (size_t)(column - 1 > added ? column - 1 - added : 0);
}

static struct extent inline_extent(const struct doc *d, cmark_node *node) {
    int first = cmark_node_get_start_line(node), last = cmark_node_get_end_line(node);
    int column = cmark_node_get_start_column(node), end = cmark_node_get_end_column(node);
    if (first < 1 || last < first || column < 1 || end < 0) {
        return (struct extent){0};
    }
    struct extent e = {.known = true};
    cmark_node *block = block_of(node);
    e.start = inline_byte(d, block, first, column);
    e.end = inline_byte(d, block, last, end + 1);
    e.known = e.start < e.end && e.end <= d->n;
    return e;
}

/* Links are looked at: a wrong position is worse than none. */
static struct extent link_extent(const struct doc *d, cmark_node *node) {
    struct extent e = inline_extent(d, node);
    bool image = cmark_node_get_type(node) == CMARK_NODE_IMAGE;
    e.known = e.known && (image ? d->text[e.start] == '!' : d->text[e.start] == '[' || d->text[e.start] == '<') &&
              strchr("])>", d->text[e.end - 1]);
    return e;
}

struct extent node_extent(const struct doc *d, cmark_node *node) {
    cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
        return link_extent(d, node);
    }
    if (node_is_inline(node)) {
        return inline_extent(d, node);
    }
    int first = cmark_node_get_start_line(node), column = cmark_node_get_start_column(node);
    struct extent e = {.start = node_line_start(d, first) + (size_t)(column > 0 ? column - 1 : 0)};
    e.end = line_end(d, node_last_line(d, node));
    e.end = e.end < e.start ? e.start : e.end;
    e.known = e.end <= d->n;
    return e;
}

/* ---- text of a node -------------------------------------------------------------------------------------------- */

const char *node_piece(cmark_node *node) {
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
    case CMARK_NODE_CODE_BLOCK:
        return cmark_node_get_literal(node);
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
        return " ";
    default:
        return NULL;
    }
}

cmark_node *node_following(cmark_node *node, cmark_node *root, bool into) {
    if (into && cmark_node_first_child(node)) {
        return cmark_node_first_child(node);
    }
    while (node && node != root) {
        if (cmark_node_next(node)) {
            return cmark_node_next(node);
        }
        node = cmark_node_parent(node);
    }
    return NULL;
}

void node_push_text(lua_State *L, cmark_node *node) {
    cmark_node *only = cmark_node_first_child(node);
    if (only && !cmark_node_next(only) && node_piece(only)) {
        lua_pushstring(L, node_piece(only));
        return;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (cmark_node *at = node; at; at = node_following(at, node, true)) {
        const char *s = node_piece(at);
        if (s) {
            luaL_addstring(&b, s);
        }
    }
    luaL_pushresult(&b);
}

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

struct node {
    const struct doc *doc; /* its userdata is this one's value, so that it stays */
    cmark_node *node;
};

void node_push(lua_State *L, int doc_at, cmark_node *node) {
    struct node *n = lua_newuserdatauv(L, sizeof *n, 1);
    n->doc = lua_touserdata(L, doc_at);
    n->node = node;
    lua_pushvalue(L, doc_at);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, NODE);
}

static struct node *check_node(lua_State *L) {
    return luaL_checkudata(L, 1, NODE);
}

static void field_type(lua_State *L, struct node *n) {
    lua_pushstring(L, cmark_node_get_type_string(n->node));
}

static void field_level(lua_State *L, struct node *n) {
    if (cmark_node_get_type(n->node) == CMARK_NODE_HEADING) {
        lua_pushinteger(L, cmark_node_get_heading_level(n->node));
    } else {
        lua_pushnil(L);
    }
}

static void field_literal(lua_State *L, struct node *n) {
    lua_pushstring(L, cmark_node_get_literal(n->node));
}

static void field_url(lua_State *L, struct node *n) {
    lua_pushstring(L, cmark_node_get_url(n->node));
}

static void field_title(lua_State *L, struct node *n) {
    lua_pushstring(L, cmark_node_get_title(n->node));
}

static void field_info(lua_State *L, struct node *n) {
    lua_pushstring(L, cmark_node_get_fence_info(n->node));
}

static void field_list(lua_State *L, struct node *n) {
    cmark_list_type type = cmark_node_get_list_type(n->node);
    lua_pushstring(L, type == CMARK_BULLET_LIST ? "bullet" : type == CMARK_ORDERED_LIST ? "ordered" : NULL);
}

static void field_start(lua_State *L, struct node *n) {
    if (cmark_node_get_list_type(n->node) == CMARK_ORDERED_LIST) {
        lua_pushinteger(L, cmark_node_get_list_start(n->node));
    } else {
        lua_pushnil(L);
    }
}

static void field_tight(lua_State *L, struct node *n) {
    lua_pushboolean(L, cmark_node_get_list_tight(n->node));
}

static void field_start_line(lua_State *L, struct node *n) {
    lua_pushinteger(L, cmark_node_get_start_line(n->node));
}

static void field_end_line(lua_State *L, struct node *n) {
    lua_pushinteger(L, node_is_inline(n->node) ? cmark_node_get_end_line(n->node) : node_last_line(n->doc, n->node));
}

static void push_byte(lua_State *L, struct extent e, size_t byte) {
    if (e.known) {
        lua_pushinteger(L, (lua_Integer)byte);
    } else {
        lua_pushnil(L);
    }
}

static void field_start_byte(lua_State *L, struct node *n) {
    struct extent e = node_extent(n->doc, n->node);
    push_byte(L, e, e.start);
}

static void field_end_byte(lua_State *L, struct node *n) {
    struct extent e = node_extent(n->doc, n->node);
    push_byte(L, e, e.end);
}

static void field_text(lua_State *L, struct node *n) {
    node_push_text(L, n->node);
}

static void push_relative(lua_State *L, cmark_node *node) {
    if (!node) {
        lua_pushnil(L);
        return;
    }
    lua_getiuservalue(L, 1, 1);
    node_push(L, lua_gettop(L), node);
}

static void field_parent(lua_State *L, struct node *n) {
    push_relative(L, cmark_node_parent(n->node));
}

static void field_next(lua_State *L, struct node *n) {
    push_relative(L, cmark_node_next(n->node));
}

static void field_children(lua_State *L, struct node *n) {
    lua_getiuservalue(L, 1, 1);
    int doc_at = lua_gettop(L);
    lua_newtable(L);
    lua_Integer i = 1;
    for (cmark_node *child = cmark_node_first_child(n->node); child; child = cmark_node_next(child)) {
        node_push(L, doc_at, child);
        lua_rawseti(L, -2, i++);
    }
}

static const struct {
    const char *name;
    void (*push)(lua_State *L, struct node *n);
} node_fields[] = {
    {"type", field_type},         {"level", field_level},
    {"literal", field_literal},   {"url", field_url},
    {"title", field_title},       {"info", field_info},
    {"list", field_list},         {"start", field_start},
    {"tight", field_tight},       {"start_line", field_start_line},
    {"end_line", field_end_line}, {"start_byte", field_start_byte},
    {"end_byte", field_end_byte}, {"text", field_text},
    {"parent", field_parent},     {"next", field_next},
    {"children", field_children},
};

static int node_index(lua_State *L) {
    struct node *n = check_node(L);
    const char *name = lua_tostring(L, 2);
    for (size_t i = 0; name && i < sizeof node_fields / sizeof *node_fields; i++) {
        if (strcmp(name, node_fields[i].name) == 0) {
            node_fields[i].push(L, n);
            return 1;
        }
    }
    return luaL_error(L, "markdown nodes have no '%s'", name ? name : luaL_typename(L, 2));
}

static int node_eq(lua_State *L) {
    struct node *a = luaL_testudata(L, 1, NODE), *b = luaL_testudata(L, 2, NODE);
    lua_pushboolean(L, a && b && a->node == b->node);
    return 1;
}

static int node_tostring(lua_State *L) {
    struct node *n = check_node(L);
    lua_pushfstring(L, "%s, line %d", cmark_node_get_type_string(n->node), cmark_node_get_start_line(n->node));
    return 1;
}

void node_open(lua_State *L) {
    static const luaL_Reg meta[] = {
        {"__index", node_index}, {"__eq", node_eq}, {"__tostring", node_tostring}, {NULL, NULL}};
    luaL_newmetatable(L, NODE);
    luaL_setfuncs(L, meta, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
