/* markdown_render.h - documents as HTML, CommonMark, XML and plain text. */
#ifndef LECTERN_COMPARTMENT_MARKDOWN_RENDER_H
#define LECTERN_COMPARTMENT_MARKDOWN_RENDER_H

#include <lua.h>

#include "compartment/helpers/markdown_node.h"

/* The method render: D is at index 1, the format at 2, a table of options or nothing at 3. Pushes the text. */
int render_document(lua_State *L, const struct doc *d);
/* As HTML, the options at 3 (and below: the level of the heading that all of D's stand below); what it needs meanwhile is in D's own arena, which has been entered. */
void render_html(lua_State *L, const struct doc *d);

#endif
