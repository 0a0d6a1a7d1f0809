/* markdown_node.h - a parsed document: where its nodes are in the text, what they say, and how plugins hold one. */
#ifndef LECTERN_COMPARTMENT_MARKDOWN_NODE_H
#define LECTERN_COMPARTMENT_MARKDOWN_NODE_H

#include <cmark.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct doc {
    cmark_node *root;
    const char *text; /* held by the document's userdata */
    size_t n;
    size_t lines;
    const uint32_t *starts; /* of lines */
};

/* Bytes of the text, 0-based and half-open; not known for some inline nodes, where cmark is not exact. */
struct extent {
    size_t start, end;
    bool known;
};
struct extent node_extent(const struct doc *d, cmark_node *node);
size_t node_line_start(const struct doc *d, int line); /* 1-based; the end of the text behind the last */
/* The last line of a block that says something: lists end with the blank lines behind them. */
int node_last_line(const struct doc *d, cmark_node *node);
bool node_is_inline(cmark_node *node);

/* The node after NODE in the order of the text, within ROOT; INTO: its children come first. */
cmark_node *node_following(cmark_node *node, cmark_node *root, bool into);
/* What a reader sees of a text, code or break; NULL of others. */
const char *node_piece(cmark_node *node);
/* Push all pieces within NODE, in one line. */
void node_push_text(lua_State *L, cmark_node *node);

void node_open(lua_State *L); /* makes the class */
/* Push NODE of the document at index DOC_AT as a userdata of its own. */
void node_push(lua_State *L, int doc_at, cmark_node *node);

#endif
