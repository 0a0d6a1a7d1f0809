/* prompt.h - one question to the person at the terminal.
 *
 * A prompt is open while its answer is awaited: poll prompt_fd, call prompt_read when it is readable. The terminal is
 * /dev/tty, so that questions work while stdin is a pipe; where that cannot be opened, stdin and stderr if both are
 * terminals. With choices, an answer is a choice, an unambiguous beginning of one, or its number in a long list; what
 * is none of these is asked again, three times in all.
 */
#ifndef LECTERN_CLIENT_PROMPT_H
#define LECTERN_CLIENT_PROMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/value.h"
#include "client/terminal.h"

struct prompt {
    int64_t id;  /* of the request to answer; the caller's */
    int in, out; /* -1: closed */
    unsigned tries;
    struct arena arena; /* holds what follows */
    const char *text;
    const char **choices; /* COUNT of them; 0: any line is an answer */
    size_t count;
    const char *fallback; /* answer to an empty line, or NULL */
    bool numbered;
    struct buf line;
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
/* Ask QUESTION ({text, choices?, default?}). False where there is no terminal: nobody can answer. */
bool prompt_open(struct prompt *p, struct terminal *t, const struct value *question);
int prompt_fd(const struct prompt *p);

enum prompt_result { PROMPT_MORE, PROMPT_ANSWER, PROMPT_NONE };
/* Read what was typed. PROMPT_ANSWER: *ANSWER is it, until prompt_close. PROMPT_NONE: end of file or too many tries. */
enum prompt_result prompt_read(struct prompt *p, const char **answer);
/* Stop asking. UNANSWERED: the cursor is still behind the question. */
void prompt_close(struct prompt *p, bool unanswered);

/* The choice that LINE means, or NULL. For tests. */
const char *prompt_match(const struct prompt *p, const char *line);

#endif
