/* rank_lines.h - lines that were chosen, and how near a new one comes to any of them.
 *
 * Near is the larger of two cosines: of all words as they are written, and of the stems without stop words. So neither
 * the same words in another form nor the same frame around other words pass as something new.
 */
#ifndef LECTERN_COMPARTMENT_RANK_LINES_H
#define LECTERN_COMPARTMENT_RANK_LINES_H

#include "compartment/helpers/rank_language.h"

#define RANK_LINES "lectern.rank.lines"

int lines_new(lua_State *L);     /* rank.lines(language) -> lines */
int lines_closest(lua_State *L); /* lines:closest(text) -> the largest cosine, 0 to 1, and the number of that line */
int lines_add(lua_State *L);     /* lines:add(text) */

#endif
