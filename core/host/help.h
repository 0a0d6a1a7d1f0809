/* help.h - the pages that say how to use a command, made from its spec alone.
 *
 * Text comes from plugins and is made harmless; WIDTH is the terminal's columns (0: 80; lines are never made longer
 * than 100); with COLOR headings are bold. All functions append to OUT.
 */
#ifndef LECTERN_HOST_HELP_H
#define LECTERN_HOST_HELP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "host/spec.h"

/* "lectern list [QUERY] [--sort FIELD] [-n N]", one line without its end. */
void help_usage(struct buf *out, const struct command_spec *spec);
/* Usage, doc, arguments with types, defaults and choices, what it returns, examples, where it comes from. */
void help_command(struct buf *out, const struct command_spec *spec, size_t width, bool color);
/* All commands that are not hidden, grouped by plugin (in the order given), each with the first sentence of its doc;
 * then the global options and where to read on. */
void help_overview(struct buf *out, const struct command_spec *const *specs, size_t n, size_t width, bool color);
/* The global options, one a line. */
void help_globals(struct buf *out, size_t width, bool color);

#endif
