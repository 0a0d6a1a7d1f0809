#!/usr/bin/env bats
# Rules of the tree's text (tests/repo/check.lua). Each rule is tried twice: on the tree, and on a copy with one fault put
# in, so that a rule that has stopped seeing anything fails.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export COPY="$BATS_FILE_TMPDIR/tree"
    mkdir -p "$COPY"
    lua5.4 tests/repo/check.lua files | grep -v '^tests/cases/' | xargs -d '\n' cp --parents -t "$COPY"
}

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

holds() { lua5.4 tests/repo/check.lua "$1"; }

# caught RULE FILE TEXT: with TEXT at the end of FILE of the copy, RULE complains about FILE. The copy is mended after.
caught() {
    local rule=$1 file=$COPY/$2 kept=$BATS_TEST_TMPDIR/kept
    mkdir -p "$(dirname "$file")"
    rm -f "$kept"
    [ ! -e "$file" ] || cp "$file" "$kept"
    printf '%b' "$3" >>"$file"
    run lua5.4 tests/repo/check.lua "$rule" "$COPY"
    if [ -e "$kept" ]; then mv "$kept" "$file"; else rm "$file"; fi
    printf '%s\n' "$output"
    [ "$status" -eq 1 ] && [[ "$output" == *"${4:-$2}"* ]]
}

@test "arrows between the folders of core/ point down" { holds arrows; }

@test "arrows: a fault is seen" {
    caught arrows core/base/seed.c '#include "store/store.h"\n'
    caught arrows core/store/seed.c '#include "host/loop.h"\n'
    caught arrows core/client/seed.h '#  include "store/store.h"\n'
    caught arrows core/compartment/helpers/seed.c '#include "host/loop.h"\n'
    caught arrows core/host/seed.c '#include "loop.h"\n'
    caught arrows core/new/seed.c '#include "base/buf.h"\n'
}

@test "no include cycles" { holds cycles; }

@test "cycles: a fault is seen" {
    printf '#include "base/seed.h"\n' >"$COPY/core/base/other.h"
    caught cycles core/base/seed.h '#include "base/other.h"\n'
    rm "$COPY/core/base/other.h"
}

@test "third-party headers stay in their rooms" { holds rooms; }

@test "rooms: a fault is seen" {
    caught rooms core/base/seed.c '#include <uv.h>\n'
    caught rooms core/compartment/helpers/seed.c '#include <uv.h>\n'
    caught rooms core/host/seed.c '#include <sqlite3.h>\n'
    caught rooms core/host/seed.c '#include <lua5.4/lauxlib.h>\n'
    caught rooms core/base/seed.c '#include <mpack.h>\n'
    caught rooms core/compartment/seed.c '#include <cmark.h>\n'
    caught rooms core/compartment/helpers/yaml_seed.c '#include <cmark.h>\n'
    caught rooms core/store/seed.c '#include <yaml.h>\n'
    caught rooms core/host/seed.c '#include <seccomp.h>\n'
    for n in 1 2 3 4 5; do echo '#include <uv.h>' >"$COPY/core/host/a$n.c"; done
    caught rooms core/host/seed.c '#include <uv.h>\n' 'more than 5 files'
    rm "$COPY"/core/host/a?.c
}

@test "files are of readable size" { holds sizes; }

@test "sizes: a fault is seen" {
    caught sizes core/base/seed.c "$(printf 'x;\\n%.0s' {1..501})"
    caught sizes plugins/seed/init.lua "$(printf 'x()\\n%.0s' {1..501})"
    caught sizes Makefile "$(printf '#\\n%.0s' {1..200})"
}

@test "C files open with a comment, headers have guards named after their path" { holds openings; }

@test "openings: a fault is seen" {
    caught openings core/base/seed.c 'int x;\n'
    caught openings core/base/seed.h '/* seed */\n#ifndef SEED_H\n#define SEED_H\n#endif\n'
}

@test "no blanks at line ends, no tabs" { holds blanks; }

@test "blanks: a fault is seen" {
    caught blanks core/base/seed.c 'int x; \n'
    caught blanks plugins/seed/init.lua '\treturn 1\n'
}

@test "no unfinished marks" { holds marks; }

@test "marks: a fault is seen" {
    caught marks core/base/seed.c '/* TO''DO: more */\n'
    caught marks plugins/seed/init.lua '-- X''XX\n'
    caught marks scripts/seed '# not imple''mented\n'
}

@test "no paths of one machine" { holds paths; }

@test "paths: a fault is seen" {
    caught paths core/base/seed.c '"/ro''ot/x"\n'
    caught paths README.md '/wo''rk/main\n'
}

@test "documents are there and show the two commands" { holds documents; }

@test "documents: a fault is seen" {
    mv "$COPY/LICENSE" "$COPY/seed.LICENSE"
    run lua5.4 tests/repo/check.lua documents "$COPY"
    mv "$COPY/seed.LICENSE" "$COPY/LICENSE"
    [ "$status" -eq 1 ] && [[ "$output" == *LICENSE* ]]
}

@test "HACKING.md names every file of core/, share/lectern/lua and scripts/" { holds map; }

@test "map: a fault is seen" {
    caught map core/base/seed.c '/* seed */\n'
    caught map share/lectern/lua/lectern/seed.lua 'return 1\n'
    caught map scripts/seed '#!/bin/sh\n'
}

@test "ARCHITECTURE.md lists the host's primitives and what they need" { holds primitives; }

@test "primitives: a fault is seen" {
    caught primitives core/host/api_seed.c '    {"seed.get", "notes.read", f},\n' 'not list the primitive seed.get'
    caught primitives core/host/api_seed.c '    {"notes.find", "notes.write", f},\n' 'says that notes.find needs'
    sed -i 's/{"notes[.]get",/{"notes.gets",/' "$COPY"/core/host/api_*.c
    caught primitives core/host/api_seed.c '\n' 'not there: notes.get'
}

@test "each bundled plugin has code and a README" { holds plugins; }

@test "plugins: a fault is seen" { caught plugins plugins/seed/init.lua 'return 1\n' plugins/seed/README.md; }

@test "programs know nothing of the reports they are measured with" { holds unseen; }

@test "unseen: a fault is seen" {
    mkdir -p "$COPY/tests/cases/report"
    cat >"$COPY/tests/cases/report/seed-x.json" <<'END'
{"posts": [{"title": "Seedmoot 2001", "event": {"name": "Seedmoot", "year": 2001}}],
 "talks": [{"title": "Seedling: How It Grew", "event": null, "speakers": [{"name": "Anna Seedling-Moor"}]}],
 "papers": [], "mentions": [], "people": ["Otto Seedwright"]}
END
    caught unseen plugins/seed/init.lua '-- as in Seedling\n'
    caught unseen core/base/seed.c '/* Anna Seedling-Moor */\n'
    caught unseen share/lectern/lua/lectern/seed.lua '-- Otto Seedwright\n'
    caught unseen plugins/report/words.lua '-- Seedmoot\n'
    rm -r "$COPY/tests/cases"
}
