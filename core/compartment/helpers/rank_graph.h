/* rank_graph.h - sentences ranked by the sentences that are like them.
 *
 * TextRank (Mihalcea and Tarau 2004): edges weigh as much as two sentences share words, by the logs of their lengths.
 * LexRank (Erkan and Radev 2004), the continuous one: edges weigh as much as the cosine of two rows of tf-idf. Words are
 * stems, stop words left out; idf is that of the text itself. The title takes no part.
 */
#ifndef LECTERN_COMPARTMENT_RANK_GRAPH_H
#define LECTERN_COMPARTMENT_RANK_GRAPH_H

#include "compartment/helpers/rank_doc.h"

enum { TEXTRANK_SENTENCES = 2000 }; /* it looks at all pairs; what stands behind these has rank 0 */

/* doc:textrank(), doc:lexrank() -> a number for each sentence; those of a text's sentences together are 1 */
int graph_textrank(lua_State *L);
int graph_lexrank(lua_State *L);

#endif
