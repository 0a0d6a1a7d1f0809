/* shape_names.c - the objects of the contract, as shapes, in one table.
 *
 * The order of fields here is the order of the JSON. A field is added here and documented in the contract; it is never
 * renamed. A name may use names above it only, so no shape contains itself. This file knows nothing but the table.
 */
#include "host/shape.h"

/* What every entity starts with; "type" tells them apart in an "object". */
#define ENTITY(type, rest)                                                                                             \
    "{type:\"" type "\" id:string? short:string? created:string? updated:string? " rest " deleted!:any}"

const struct shape_name shape_names[] = {
    {"event_ref", "{id:string? slug:string? name:string? year:int?}", false},
    {"person_ref", "{id:string? name:string?}", false},
    {"speaker", "{id:string? name:string role:string? affiliations:string[]}", false},
    {"participant", "{id:string? name:string role:string?}", false},
    {"award", "{name:string event:any}", false},
    {"event_award", "{name:string talk:any person:any}", false},
    {"question", "{q:any a:any asker:any ...}", false},
    {"origin",
     "{id:string? path:string? importer:string? byte_start:int? byte_end:int? line_start:int? line_end:int? "
     "encoding:string? orphaned:bool?}",
     false},
    {"talk",
     ENTITY("talk", "kind:string? kind_as_written:string? title:string? event:event_ref? session:string? "
                    "speakers:speaker[] awards:award[] start:string? end:string? room:string? building:string? "
                    "url:string? slides_url:string? video_url:string? abstract!:string? lang:string? tags:string[] "
                    "fields:map links:any[] notes:string[] words:int? rev:int? marks:string[] sources:origin[] "
                    "body!:string?"),
     true},
    {"note",
     ENTITY("note", "kind:string? title:string? author:person_ref? event:event_ref? talks:string[] part_of:string? "
                    "ord:int? body!:string? lang:string? words:int? tags:string[] fields:map links:any[] "
                    "questions:question[] people:participant[] attachments:any[] rev:int? marks:string[] "
                    "sources:origin[]"),
     true},
    {"event",
     ENTITY("event", "slug:string? name:string? full_name:string? series:string? aliases:string[] year:int? "
                     "start:string? end:string? place:string? url:string? parent:string? awards:event_award[] "
                     "talks:int? notes:int? fields:map rev:int?"),
     true},
    {"person", ENTITY("person", "name:string? aliases:string[] affiliations:string[] awards:any[] talks:int? rev:int?"),
     true},
    {"tag", ENTITY("tag", "name:string? count:int?"), true},
    {"source",
     ENTITY("source", "path:string? sha256:string? bytes:int? encoding:string? importer:string? imported:string?"),
     true},
    {"facet", "{type:\"facet\" field:string value:any count:int}", true},
    {"session",
     ENTITY("session", "name:string? event:event_ref? start:string? end:string? room:string? ord:int? "
                       "rev:int?"),
     true},

    {"span", "{note:string? rev:int? byte_start:int byte_end:int}", false},
    {"sentence", "{text:string score:number? span:span? terms!:any why!:any}", false},
    {"summary", "{target:any method:string? sentences:sentence[]}", false},
    {"hit",
     "{id:string short:string? type:string? kind:string? title:string? event:any speakers:any[] score:number? "
     "snippet:string? matches:int[][] note:string?}",
     false},
    {"related",
     "{id:string short:string? type:string? kind:string? title:string? event:any speakers:any[] score:number? "
     "why:{terms:string[] people:string[] tags:string[] event:bool session:bool}}",
     false},
    {"backlink",
     "{id:string short:string? type:string? kind:string? title:string? event:any how:string? snippet:string?}", false},
    {"saved_query", "{name:string query:string}", false},
    {"digest",
     "{title:string? words:int? groups:{event:any session:string? lines:{talk:any title!:string? speakers!:string[] "
     "awards!:string[] text:string span:span?}[]}[]}",
     false},
    {"operation", "{op:string type:string? id:string? title:string?}", false},
    {"run_report", "{run:string? operations:operation[]}", false},
    {"import_item",
     "{type:string? kind:string? id:string? title:string? status:string? line_start:int? line_end:int? why:string? "
     "confidence:number? reason:string?}",
     false},
    {"import_source",
     "{path:string importer:string? status:string made:int? updated:int? unchanged:int? conflicted:int? merged:int? "
     "orphaned:int? "
     "warnings:{message:string line:int?}[] "
     "error:{code:string? message:string hint:string? plugin:string? at:string?}? corrections!:int? "
     "items!:import_item[]}",
     false},
    {"import_report", "{run:string? sources:import_source[] totals:map left_out!:int? plan!:string?}", false},
    {"export_report", "{files:{path:string bytes:int?}[] text!:string?}", false},
    {"run",
     "{id:string command:string? plugin:string? started:string? duration_ms:number? status:any operations:int? "
     "undone:bool?}",
     false},
    {"runs",
     "{id:string command:string? plugin:string? started:string? duration_ms:number? status:any operations:int? "
     "undone:bool?}",
     false},
    {"history",
     "{rev:int? at:string? run:string? command:string? plugin:string? op:string? title:string? bytes:int? "
     "changed:string[]}",
     false},
    {"diff",
     "{id:string? short:string? type:string? title:string? from:int? to:int? fields:{field:string from:any to:any}[] "
     "text:string}",
     false},
    {"conflict",
     "{id:string? short:string? type:string? title:string? rev:int? path:string? at:string? "
     "fields:{field:string mine:any theirs:any}[] "
     "blocks:{line:int base:string mine:string theirs:string}[]}",
     false},
    {"describe",
     "{kind:string name:string doc:string? plugin:string? version:string? file:string? line:int? "
     "args:{name:string type:string? doc:string? default:any required:bool? flag:bool?}[] returns:string? schema:any "
     "advice:any[]}",
     false},
    {"plugin",
     "{name:string version:string? doc:string? path:string? state:string? shadowed:any contributions:string[] "
     "needs:string[] granted:string[] error:any}",
     false},
    {"status",
     "{running:bool pid:int? uptime_s:number? socket:string? store:string? version:string? sandbox:string? "
     "compartments:{plugin:string? pid:int? state:string? calls:int? cpu_ms:number? rss_kb:int? queue:int?}[] "
     "jobs:{id:any command:string? started:string? state:string?}[]}",
     false},
};
const size_t shape_names_count = sizeof shape_names / sizeof shape_names[0];
