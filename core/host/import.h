/* import.h - files in, through an importer, into the store: with backpressure, in groups of whole sources.
 *
 * A pipeline belongs to a job. Paths must have been named by the person; folders are walked, each file is read off the loop, decoded and hashed, given to
 * the importer whose match or detect fits, and what that emits is ingested in groups (flush at 4 MiB, 2,000 records or 100 ms idle). A source is
 * whole or absent, and reported after its commit.
 */
#ifndef LECTERN_HOST_IMPORT_H
#define LECTERN_HOST_IMPORT_H

#include "host/api.h"

void import_run(struct request *rq);                             /* primitive import.run */
void import_emit(struct request *rq, const struct value *items); /* job.emit of a call that reads a source */
void import_source_read(struct request *rq);                     /* primitive source.read */

/* A warning of a call that reads a source goes into that source's report. LINE 0: none. */
void import_warn(const struct call *call, const char *text, int64_t line);

#endif
