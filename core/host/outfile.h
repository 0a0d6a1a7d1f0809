/* outfile.h - one file or one folder that appears all at once or not at all.
 *
 * Blocking; used from pool threads, one at a time. A file is synced before it is put in place; the files of a folder are not.
 */
#ifndef LECTERN_HOST_OUTFILE_H
#define LECTERN_HOST_OUTFILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct outfile;
/* PATH absolute. FOLDER: many files below it. MASK: the umask of the person it is for. Nothing changes at PATH before outfile_commit. What is
 * there already must be a regular file, or a folder that is empty or was made by an export (it bears our mark). */
struct outfile *outfile_new(const char *path, bool folder, unsigned mask, struct err *err);
/* Start the file NAME of a folder (relative, no "..", at most 4 deep, made safe by the caller's slug); later writes go there. */
int outfile_next(struct outfile *o, const char *name, struct err *err);
bool outfile_good_name(const char *name);
int outfile_write(struct outfile *o, const void *p, size_t n, struct err *err);
/* Sync, rename into place. */
int outfile_commit(struct outfile *o, struct err *err);
void outfile_free(struct outfile *o); /* removes what was not committed */

#endif
