/* terminal.h - what the three standard descriptors are, and the terminal behind them. */
#ifndef LECTERN_CLIENT_TERMINAL_H
#define LECTERN_CLIENT_TERMINAL_H

#include <stdbool.h>

struct terminal {
    bool tty[3]; /* stdin, stdout, stderr is a terminal */
    int fd;      /* /dev/tty once opened, else -1 */
};

/* Looks at descriptors 0 to 2. One that is closed is filled with /dev/null opened the wrong way round: using it stays
 * the same error, and no file opened later can be mistaken for it. */
void terminal_init(struct terminal *t);
void terminal_release(struct terminal *t);
/* Columns: COLUMNS, else what the terminal says, else 80. */
int terminal_width(const struct terminal *t);
/* The controlling terminal, opened at first use; -1 where there is none. Borrowed. */
int terminal_fd(struct terminal *t);
/* Whether our process group owns the terminal at FD: only then may it be written to unasked. */
bool terminal_foreground(int fd);

#endif
