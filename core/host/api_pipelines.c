/* api_pipelines.c - the rows of the primitives that move whole files: import, export, summaries. */
#include "host/api.h"
#include "host/export.h"
#include "host/import.h"

const struct primitive api_pipelines[] = {
    {"import.run", "notes.write", OUTSIDE_EFFECT, import_run,
     "{paths, stdin?, with?, event?, explain?, copy?, attach?, hold?, sources?, moved?}", "import_report",
     "import files and folders that the person named; hold: give their records back instead"},
    {"export.run", "notes.read", OUTSIDE_EFFECT, export_run, "{format, query?, output?, args?}", "{files}",
     "export notes to a file, folder or standard output"},
    {"summarise.run", "notes.read", NO_EFFECT, summarise_run, "{targets, with?, sentences?, explain?, args?}",
     "summary[]", "sentences of notes, each with where it stands"},
    {"source.read", NULL, NO_EFFECT, import_source_read, "{offset, bytes}", "text",
     "more of the source being imported"},
    {"export.next", NULL, JOB_EFFECT, export_next, "{}", "{items, talks} or nil",
     "the next page of notes to export, and their talks by id"},
    {"out.write", NULL, JOB_EFFECT, export_write, "{bytes}", "nil", "bytes of the export"},
    {"out.file", NULL, JOB_EFFECT, export_file, "{name}", "nil", "the next file of an export that writes a folder"},
    {"out.files", NULL, JOB_EFFECT, export_files, "{names: [str], sizes: [int], bytes}", "nil",
     "several whole files of such an export"},
};
const size_t api_pipelines_count = sizeof api_pipelines / sizeof *api_pipelines;
