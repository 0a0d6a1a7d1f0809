/* export.h - notes out, through an exporter, to a file, a folder or standard output.
 *
 * A file is written beside its place and renamed over it at the end; a folder likewise, and an existing folder is replaced only when it bears our mark
 * (.lectern-export). Notes flow to the exporter a page at a time, with their talks.
 */
#ifndef LECTERN_HOST_EXPORT_H
#define LECTERN_HOST_EXPORT_H

#include "host/api.h"

void export_run(struct request *rq);  /* primitive export.run */
void export_next(struct request *rq); /* of the exporter's call: export.next, out.write, out.file, out.files */
void export_write(struct request *rq);
void export_file(struct request *rq);
void export_files(struct request *rq);
/* primitive summarise.run */
void summarise_run(struct request *rq);

#endif
