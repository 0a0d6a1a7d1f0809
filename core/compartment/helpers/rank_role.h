/* rank_role.h - what a sentence is good for: the difference between saying something and naming it. */
#ifndef LECTERN_COMPARTMENT_RANK_ROLE_H
#define LECTERN_COMPARTMENT_RANK_ROLE_H

#include "compartment/helpers/rank_doc.h"

/* What the cues said of a sentence. */
struct role_hints {
    bool rejected, verb, weak;
};
enum line_role role_of(const struct rank_doc *d, const struct rank_sentence *s, const struct role_hints *hints);
/* It ends with a stop, a question or exclamation mark, or a smiley. */
bool role_stops(const char *s, size_t start, size_t end);
bool role_asks(const char *s, size_t start, size_t end);
/* Where the text S goes on behind a first line that says TITLE and who, when and where: "11:00 Title / Name / Room",
 * "Name (Firm) - Title". 0 where it has no such line. */
size_t role_behind_title(const char *s, size_t n, const char *title, size_t title_len);

#endif
