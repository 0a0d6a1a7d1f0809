/* ignore.h - .gitignore rules, as git documents them (gitignore(5)): per folder, last match wins, "!" takes back. */
#ifndef LECTERN_HOST_IGNORE_H
#define LECTERN_HOST_IGNORE_H

#include <stdbool.h>

#include "base/arena.h"

/* Rules of one folder and of those above it. */
struct ignore;
/* Read DIR/.gitignore (by descriptor) on top of PARENT; returns PARENT when there is none. REL is DIR relative to the root, "" for the root. */
const struct ignore *ignore_read(struct arena *a, const struct ignore *parent, int dirfd, const char *rel);
/* Is REL (relative to the root) ignored? */
bool ignore_match(const struct ignore *rules, const char *rel, bool folder);

#endif
