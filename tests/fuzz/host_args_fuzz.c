/* Command lines: any words are parsed or refused with one line; what a spec says is refused or can be described. */
#include <string.h>

#include "../unit/host_values.h"
#include "fuzz.h"
#include "host/args.h"

static const char *const declared =
    "{kind:command, name:try, doc:d, args:[{name:event, type:event}, {name:count, type:int, min:1, max:9, "
    "required:false},"
    "{name:rest, type:list, item:string, required:false}, {name:on, type:bool, flag:true, short:o},"
    "{name:kind, type:enum, choices:[talk,note], flag:true}, {name:since, type:date, flag:true},"
    "{name:within, type:duration, default:'5m', flag:true}, {name:out, type:path, mode:write, flag:true},"
    "{name:edits, type:tagedit, flag:true}, {name:ratio, type:number, flag:true, short:r}]}";

enum { WORDS = 64 };

static size_t split(char *text, const char **words) {
    size_t count = 0;
    for (char *word = strtok(text, "\n"); word && count < WORDS; word = strtok(NULL, "\n")) {
        words[count++] = word;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n) {
    static struct arena kept;
    static const struct command_spec *spec;
    if (!spec) {
        struct value v = values_of(&kept, declared);
        must(spec_parse(&kept, "fuzz", &v, &spec, NULL) == 0);
    }
    struct arena a = ARENA_INIT;
    struct args_globals globals;
    struct args args, again;
    struct err err;
    const char *words[WORDS];
    size_t used, count = split(arena_dup(&a, (const char *)p, n), words);
    err_init(&err);
    if (args_globals(words, count, &globals, &used, &err) == 0) {
        must(used <= count);
        if (args_parse(&a, spec, words + used, count - used, "/home/ada", &globals, &args, &err) < 0) {
            must(err.message[0] != '\0' && !strchr(err.message, '\n'));
        } else if (!globals.help && args_from_value(&a, spec, &args.map, "/home/ada", &again, &err) < 0) {
            fuzz_broken(err.message, "what was parsed is refused", 0);
        }
    }
    err_release(&err);
    arena_release(&a);
    return 0;
}
