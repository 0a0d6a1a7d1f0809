/* markdown.c - lectern.markdown: CommonMark for plugins, over cmark.
 *
 * The one idea: whole-document answers (headings, links, blocks) in one call for importers, nodes one by one for
 * those who need more. Positions are bytes of the text that was parsed, 0-based and half-open.
 */
#include <cmark.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/text.h"
#include "compartment/helpers/markdown_arena.h"
#include "compartment/helpers/markdown_node.h"
#include "compartment/helpers/markdown_render.h"
#include "compartment/lines.h"

#define DOC "lectern.markdown.document"

enum { TEXT_MAX = 16 * 1024 * 1024, DOC_BLOCKS = 1, DOC_TEXT, DOC_VALUES = DOC_TEXT };

int luaopen_lectern_markdown(lua_State *L);

/* ---- documents ------------------------------------------------------------------------------------------------- */

static struct doc *new_doc(lua_State *L) {
    struct doc *d = lua_newuserdatauv(L, sizeof *d, DOC_VALUES);
    *d = (struct doc){0};
    luaL_setmetatable(L, DOC);
    return d;
}

/* Where each line of D begins, for what asks for positions. */
static void index_lines(struct doc *d) {
    d->lines = lines_count(d->text, d->n);
    uint32_t *starts = arena_take((d->lines + 1) * sizeof *starts);
    starts[0] = 0;
    lines_index(d->text, d->n, starts);
    d->starts = starts;
}

/* The string at TEXT into D, which is on top of the stack. */
static void parse_into(lua_State *L, struct doc *d, int text) {
    size_t n;
    const char *s = luaL_checklstring(L, text, &n);
    luaL_argcheck(L, n <= TEXT_MAX, text, "larger than 16 MiB");
    luaL_checkstack(L, 8, "markdown");
    *d = (struct doc){.text = s, .n = n};
    lua_pushvalue(L, text);
    lua_setiuservalue(L, -2, DOC_TEXT);
    arena_enter(L, lua_gettop(L), TEXT_MAX * 4);
    int options = text_utf8_valid(s, n) == n ? CMARK_OPT_DEFAULT : CMARK_OPT_VALIDATE_UTF8;
    cmark_parser *parser = cmark_parser_new_with_mem(options, &arena_memory);
    cmark_parser_feed(parser, s, n);
    d->root = cmark_parser_finish(parser);
    cmark_parser_free(parser);
}

/* Parse the string at TEXT; the document is on top of the stack afterwards. */
static void parse(lua_State *L, int text) {
    struct doc *d = new_doc(L);
    parse_into(L, d, text);
    index_lines(d);
}

/* The same for a function that needs the document only while it runs: it is the first upvalue, used again and again, so
 * that a thousand texts do not leave a thousand trees to collect. To be ended by leave_scratch. */
static struct doc *parse_scratch(lua_State *L, int text) {
    lua_pushvalue(L, lua_upvalueindex(1));
    struct doc *d = lua_touserdata(L, -1);
    arena_rewind(L, lua_gettop(L)); /* of a call that failed half way */
    parse_into(L, d, text);
    return d;
}

static void leave_scratch(lua_State *L, struct doc *d) {
    *d = (struct doc){0};
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushnil(L);
    lua_setiuservalue(L, -2, DOC_TEXT);
    arena_rewind(L, lua_gettop(L));
    lua_pop(L, 1);
}

static struct doc *check_doc(lua_State *L) {
    return luaL_checkudata(L, 1, DOC);
}

/* ---- fields ---------------------------------------------------------------------------------------------------- */

static void set_integer(lua_State *L, const char *name, size_t value) {
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static void set_string(lua_State *L, const char *name, const char *value) {
    if (value) {
        lua_pushstring(L, value);
        lua_setfield(L, -2, name);
    }
}

static void set_lines(lua_State *L, const struct doc *d, cmark_node *node) {
    set_integer(L, "start_line", (size_t)cmark_node_get_start_line(node));
    set_integer(L, "end_line",
                node_is_inline(node) ? (size_t)cmark_node_get_end_line(node) : (size_t)node_last_line(d, node));
}

static void set_extent(lua_State *L, struct extent e) {
    if (e.known) {
        set_integer(L, "start_byte", e.start);
        set_integer(L, "end_byte", e.end);
    }
}

/* ---- what a document is asked ---------------------------------------------------------------------------------- */

/* doc:headings() -> [{level, text, start_line, end_line, start_byte, end_byte, content_byte}] */
static int doc_headings(lua_State *L) {
    struct doc *d = check_doc(L);
    lua_newtable(L);
    lua_Integer i = 1;
    for (cmark_node *n = cmark_node_first_child(d->root); n; n = cmark_node_next(n)) {
        if (cmark_node_get_type(n) != CMARK_NODE_HEADING) {
            continue;
        }
        lua_createtable(L, 0, 7);
        set_integer(L, "level", (size_t)cmark_node_get_heading_level(n));
        node_push_text(L, n);
        lua_setfield(L, -2, "text");
        set_lines(L, d, n);
        set_extent(L, node_extent(d, n));
        set_integer(L, "content_byte", node_line_start(d, node_last_line(d, n) + 1));
        lua_rawseti(L, -2, i++);
    }
    return 1;
}

/* doc:links() -> [{url, title, text, image, start_line, end_line, start_byte?, end_byte?}] */
static int doc_links(lua_State *L) {
    struct doc *d = check_doc(L);
    lua_newtable(L);
    lua_Integer i = 1;
    for (cmark_node *n = d->root; n; n = node_following(n, d->root, true)) {
        cmark_node_type type = cmark_node_get_type(n);
        if (type != CMARK_NODE_LINK && type != CMARK_NODE_IMAGE) {
            continue;
        }
        lua_createtable(L, 0, 8);
        set_string(L, "url", cmark_node_get_url(n));
        set_string(L, "title", cmark_node_get_title(n));
        node_push_text(L, n);
        lua_setfield(L, -2, "text");
        lua_pushboolean(L, type == CMARK_NODE_IMAGE);
        lua_setfield(L, -2, "image");
        set_lines(L, d, n);
        set_extent(L, node_extent(d, n));
        lua_rawseti(L, -2, i++);
    }
    return 1;
}

static bool has_line_of_text(cmark_node *node) {
    cmark_node_type type = cmark_node_get_type(node);
    return type == CMARK_NODE_HEADING || type == CMARK_NODE_PARAGRAPH;
}

static void push_block(lua_State *L, const struct doc *d, cmark_node *n) {
    lua_createtable(L, 0, 8);
    set_string(L, "type", cmark_node_get_type_string(n));
    if (cmark_node_get_type(n) == CMARK_NODE_HEADING) {
        set_integer(L, "level", (size_t)cmark_node_get_heading_level(n));
    }
    if (has_line_of_text(n)) {
        node_push_text(L, n);
        lua_setfield(L, -2, "text");
    }
    set_lines(L, d, n);
    set_extent(L, node_extent(d, n));
}

/* doc:blocks() -> [{type, level?, text?, start_line, end_line, start_byte, end_byte}], the top level */
static int doc_blocks(lua_State *L) {
    struct doc *d = check_doc(L);
    lua_newtable(L);
    lua_Integer i = 1;
    for (cmark_node *n = cmark_node_first_child(d->root); n; n = cmark_node_next(n)) {
        push_block(L, d, n);
        lua_rawseti(L, -2, i++);
    }
    return 1;
}

/* markdown.blocks(text) -> [{type, level?, text?, first, last, start, stop}]: the top-level blocks as whole lines,
 * FIRST to LAST; bytes [start, stop) with the last line's end. text: of headings. */
static int markdown_blocks(lua_State *L) {
    lua_settop(L, 1);
    struct doc *d = parse_scratch(L, 1);
    index_lines(d);
    lua_newtable(L);
    lua_Integer i = 1;
    for (cmark_node *n = cmark_node_first_child(d->root); n; n = cmark_node_next(n)) {
        int first = cmark_node_get_start_line(n), last = node_last_line(d, n);
        bool heading = cmark_node_get_type(n) == CMARK_NODE_HEADING;
        lua_createtable(L, 0, heading ? 7 : 5);
        set_string(L, "type", cmark_node_get_type_string(n));
        if (heading) {
            set_integer(L, "level", (size_t)cmark_node_get_heading_level(n));
            node_push_text(L, n);
            lua_setfield(L, -2, "text");
        }
        set_integer(L, "first", (size_t)first);
        set_integer(L, "last", (size_t)last);
        set_integer(L, "start", node_line_start(d, first));
        set_integer(L, "stop", node_line_start(d, last + 1));
        lua_rawseti(L, -2, i++);
    }
    leave_scratch(L, d);
    return 1;
}

/* ---- walking --------------------------------------------------------------------------------------------------- */

/* Upvalues: document, the node last given (light), whether it began. */
static int next_node(lua_State *L) {
    struct doc *d = lua_touserdata(L, lua_upvalueindex(1));
    cmark_node *last = lua_touserdata(L, lua_upvalueindex(2));
    cmark_node *node = last ? node_following(last, d->root, true) : d->root;
    if (!node) {
        return 0;
    }
    lua_pushlightuserdata(L, node);
    lua_replace(L, lua_upvalueindex(2));
    lua_pushvalue(L, lua_upvalueindex(1));
    node_push(L, lua_gettop(L), node);
    return 1;
}

/* doc:nodes() -> iterator over every node, in the order of the text */
static int doc_nodes(lua_State *L) {
    check_doc(L);
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_pushcclosure(L, next_node, 2);
    return 1;
}

static bool is_type_name(const char *name) {
    static const char names[] =
        " document block_quote list item code_block html_block custom_block paragraph heading"
        " thematic_break text softbreak linebreak code html_inline custom_inline emph strong link"
        " image ";
    size_t n = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at++) {
        if (at > names && at[-1] == ' ' && at[n] == ' ') {
            return true;
        }
    }
    return false;
}

static void check_handlers(lua_State *L) {
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        if (lua_type(L, -2) != LUA_TSTRING || !is_type_name(lua_tostring(L, -2)) || !lua_isfunction(L, -1)) {
            luaL_error(L, "walk: '%s' is no type of node with a function", luaL_tolstring(L, -2, NULL));
        }
        lua_pop(L, 1);
    }
}

static int walk_on(lua_State *L, int status, lua_KContext context);

/* Call handlers from NODE on; a handler may suspend, then walk_on goes on from there. */
static int walk_from(lua_State *L, cmark_node *node) {
    struct doc *d = check_doc(L);
    while (node) {
        lua_pushstring(L, cmark_node_get_type_string(node));
        if (lua_rawget(L, 2) == LUA_TFUNCTION) {
            node_push(L, 1, node);
            lua_callk(L, 1, 1, (lua_KContext)node, walk_on);
            return walk_on(L, LUA_OK, (lua_KContext)node);
        }
        lua_pop(L, 1);
        node = node_following(node, d->root, true);
    }
    return 0;
}

/* The handler of the node in CONTEXT has returned; false means: not into its children. */
static int walk_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    struct doc *d = check_doc(L);
    bool into = !lua_isboolean(L, -1) || lua_toboolean(L, -1);
    lua_settop(L, 2);
    return walk_from(L, node_following((cmark_node *)context, d->root, into));
}

/* doc:walk { heading = function(node) ... end, ... } */
static int doc_walk(lua_State *L) {
    struct doc *d = check_doc(L);
    lua_settop(L, 2);
    check_handlers(L);
    return walk_from(L, d->root);
}

/* ---- the module ------------------------------------------------------------------------------------------------ */

/* markdown.parse(text) -> doc */
static int markdown_parse(lua_State *L) {
    lua_settop(L, 1);
    parse(L, 1);
    return 1;
}

/* markdown.html(text [, options]) -> text: parse and render in one go; two more options: below = 1..5, headings become
 * those of a part below a heading of that level; base = 1..6, they begin at that level and follow each other */
static int markdown_html(lua_State *L) {
    lua_settop(L, 3); /* the options are looked for at 3 */
    struct doc *d = parse_scratch(L, 1);
    lua_pushvalue(L, 2);
    lua_replace(L, 3);
    render_html(L, d);
    leave_scratch(L, d);
    return 1;
}

/* doc:render(format [, options]) -> text */
static int doc_render(lua_State *L) {
    return render_document(L, check_doc(L));
}

static int doc_root(lua_State *L) {
    struct doc *d = check_doc(L);
    node_push(L, 1, d->root);
    return 1;
}

int luaopen_lectern_markdown(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"headings", doc_headings}, {"links", doc_links},   {"blocks", doc_blocks}, {"nodes", doc_nodes},
        {"walk", doc_walk},         {"render", doc_render}, {"root", doc_root},     {NULL, NULL},
    };
    static const luaL_Reg functions[] = {{"parse", markdown_parse}, {NULL, NULL}};
    static const luaL_Reg passing[] = {{"blocks", markdown_blocks}, {"html", markdown_html}, {NULL, NULL}};
    node_open(L);
    luaL_newmetatable(L, DOC);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    luaL_newlib(L, functions);
    new_doc(L);
    luaL_setfuncs(L, passing, 1);
    return 1;
}
