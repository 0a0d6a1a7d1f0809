#!/usr/bin/env bats
# Plans: what an import would make, written to be corrected; obeyed; remembered for the file. And what must not pass for one.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

report() {
    cat >trip.txt <<'TXT'
Notes from Moot 2019

Posted by Ana Lima

Two days in a net loft.

Bob Ek (Globex) - Clocks that lie

A clock is a rumour about time. He measured forty of them.

Things to remember
They were wrong in the same direction.

Cy Orr (Initech) - Queues are promises

Every queue had a limit called very large.

Dee Fox (Acme) - Slow software

Not slow to run: slow to change.
TXT
}

planned() {
    report
    lectern import --dry-run --plan p.plan trip.txt >/dev/null
}

# change SED-SCRIPT...: the plan, by hand.
change() { sed -i "$@" p.plan; }

titles() { lectern list --sort title --format '{title}'; }

# refused WORDS: the plan is refused in one line that names the place and has the words; nothing is written.
refused() {
    run lectern import --plan p.plan
    [ "$status" -eq 65 ]
    [[ ${lines[0]} =~ ^lectern:\ p.plan:[0-9]+: ]]
    [[ $output == *"$1"* ]] || { echo "$output" && return 1; }
    [ "$(runs)" -eq 0 ]
}

# Everything that was made of files, without times.
contents() {
    local type
    for type in talk note event person session tag; do
        lectern list --type "$type" --json --body | jq -cS 'sort_by(.id)[] | del(.created, .updated)'
    done
    lectern list --kind mention --json | jq -cS 'sort_by(.id)[] | del(.created, .updated)'
}

@test "a dry run writes a plan and nothing else" {
    report
    run lectern import --dry-run --plan p.plan trip.txt
    [ "$status" -eq 0 ]
    [[ $output == *"lectern import --plan p.plan"* ]]
    grep -qx '\[x\] 1 talk: Clocks that lie' p.plan
    grep -qx '    speaker: Bob Ek (Globex)' p.plan
    grep -qx '    lines: 7-12' p.plan
    grep -qx '    event: Moot 2019' p.plan
    [ "$(runs)" -eq 0 ]
    [ -z "$(titles)" ]
    [ -z "$(find . -name '*.part')" ]
}

@test "the plan goes to stdout and comes from stdin by -" {
    report
    lectern import --dry-run --plan - trip.txt >p.plan
    [ "$(head -c 16 p.plan)" = "# lectern plan 1" ]
    sed 's/Slow software/Slow hardware/' p.plan | lectern import --plan - --json >json
    jq -e '.sources[0].corrections == 1' json
    titles | grep -qx 'Slow hardware'
    lectern import --dry-run --no-recipe --plan - trip.txt --json | jq -e '.plan | startswith("# lectern plan 1")'
}

@test "a file that is there is not written over, unless told so; the same plan again is no harm" {
    planned
    lectern import --dry-run --plan p.plan trip.txt
    change 's/Slow software/Slow hardware/'
    cp p.plan before
    fails 73 "is there already" import --dry-run --plan p.plan trip.txt
    cmp p.plan before
    echo precious >mine
    fails 73 "is there already" import --dry-run --plan mine trip.txt
    [ "$(cat mine)" = precious ]
    lectern import --dry-run --plan p.plan --force trip.txt
    grep -q 'Slow software' p.plan
    mkdir folder
    fails 73 "is a folder" import --dry-run --plan folder trip.txt
    ln -s mine link
    fails 73 "is there already" import --dry-run --plan link trip.txt
    [ "$(cat mine)" = precious ]
}

@test "a plan that nobody touched gives what an import without one gives" {
    local text
    cp "$BATS_TEST_DIRNAME"/../cases/report/own-*.txt "$BATS_TEST_DIRNAME"/../cases/markdown/t*.md .
    cp "$BATS_TEST_DIRNAME"/../../../shared/corpus/seeds/*.txt . || true
    lectern import . >/dev/null
    contents >without
    [ "$(wc -l <without)" -gt 300 ]
    rm "$LECTERN_STORE"*
    for text in *.txt *.md; do
        lectern import --dry-run --plan "$text.plan" "$text" >/dev/null
        lectern import --plan "$text.plan" --json | jq -e '.sources[0].corrections == 0 and .sources[0].status == "made"' >/dev/null
    done
    contents >with
    cmp without with
    [ "$(lectern recipes --json)" = "[]" ]
}

@test "a title, a speaker, a kind, a session are corrected; the report says so" {
    planned
    change 's/talk: Clocks that lie/keynote: Clocks that always lie/; s/Bob Ek (Globex)/Barbara Ek (Globex; TU Moor)/'
    change '/talk: Queues are promises/a\    session: Promises'
    json import --plan p.plan --explain
    [ "$status" -eq 0 ]
    holds '.sources[0] | .corrections == 2 and .made > 0'
    holds '.sources[0].items[] | select(.type == "talk" and .title == "Clocks that always lie")
        | .confidence == 1 and (.why | startswith("corrected by hand (kind, people, title)"))'
    json list --sort title
    holds '.[0] | .kind == "keynote" and .speakers == [{id: .speakers[0].id, name: "Barbara Ek", role: "speaker",
        affiliations: ["Globex", "TU Moor"]}]'
    holds '.[1].session == "Promises" and .[2].session == null'
}

@test "what is unticked or deleted stays as text; what was there from it goes to the trash" {
    planned
    lectern import trip.txt >/dev/null
    change 's/^\[x\] 2/[ ] 2/'
    change '/^\[x\] 3/,$d'
    json import --plan p.plan
    holds '.sources[0].corrections == 2'
    [ "$(titles)" = "Clocks that lie" ]
    json search '"limit called very large"'
    holds 'length == 1 and .[0].type == "note"'
    # once more: nothing to do
    json import --plan p.plan
    holds '.run == null and .sources[0].status == "unchanged"'
}

@test "what I changed in the store is not thrown away by a plan" {
    planned
    lectern import trip.txt >/dev/null
    lectern tag -q +mine -- "$(lectern list 'title:Queues' --json | jq -r '.[0].id')"
    change 's/^\[x\] 2/[ ] 2/'
    json import --plan p.plan
    holds '.sources[0].warnings[].message | test("kept")'
    titles | grep -qx 'Queues are promises'
}

@test "an item is added, with text of its own" {
    planned
    printf '[x] paper: Things to remember\n    lines: 11-12\n    author: Eve Moss\n' >>p.plan
    json import --plan p.plan
    [ "$status" -eq 0 ]
    json list --kind paper
    holds 'length == 1 and .[0].title == "Things to remember" and .[0].speakers[0].role == "author" and .[0].event.slug == "moot-2019"
        and .[0].sources[0].line_start == 11'
    lectern show "$(jq -r '.[0].id' json)" --format markdown >shown
    grep -q 'wrong in the same direction' shown
    run -1 grep -q rumour shown
}

@test "items are merged and split" {
    planned
    change 's/^\[x\] 2/[ ] 2/; s/^    lines: 7-12/    lines: 7-17/'
    change 's/^\[x\] 3 talk: Slow software/&\n    lines: 18-18/; 0,/lines: 18-20/!b; s/^    lines: 18-20//'
    printf '[x] talk: Change\n    lines: 19-20\n' >>p.plan
    run lectern import --plan p.plan
    [ "$status" -eq 0 ] || { echo "$output" && cat p.plan && return 1; }
    [ "$(titles | paste -sd,)" = "Change,Clocks that lie,Slow software" ]
    lectern show "$(lectern list 'title:Clocks' --json | jq -r '.[0].id')" --format markdown | grep -q 'limit called very large'
    lectern show "$(lectern list 'title:Slow' --json | jq -r '.[0].id')" --format markdown >shown
    run -1 grep -q 'slow to change' shown
    # no byte is owned twice, none by nobody
    lectern list --type note --json | jq -r --argjson bytes "$(wc -c <trip.txt)" -f "$BATS_TEST_DIRNAME/../cases/partition.jq" >gaps
    [ ! -s gaps ]
}

@test "what is taken out is gone, from what was imported before too" {
    planned
    lectern import trip.txt >/dev/null
    change '/speaker: Bob Ek/d; /    event: Moot 2019/d; /    author: Ana Lima/d'
    lectern import --plan p.plan >/dev/null
    json list --sort title
    holds '.[0].speakers == [] and .[1].speakers[0].name == "Cy Orr" and all(.[]; .event == null)'
    json list --type note
    holds 'length == 4 and all(.[]; .event == null and .author == null)'
}

@test "the event of a post is that of all in it" {
    planned
    change 's/event: Moot 2019/event: Folk Moot 2020/'
    lectern import --plan p.plan >/dev/null
    json list
    holds 'length == 3 and all(.[]; .event.slug == "folk-moot-2020")'
    json list --type note
    holds '[.[].event.slug] | unique - [null] == ["folk-moot-2020"]'
}

@test "a proposal becomes a talk when it is ticked" {
    cp "$BATS_TEST_DIRNAME/../cases/report/blind-03-live-notes.txt" trip.txt
    lectern import --dry-run --plan p.plan trip.txt >/dev/null
    grep -q '^\[ \] 2 talk: Question' p.plan
    change 's/^\[ \] 2 talk: Question/[x] 2 other: The question/'
    lectern import --plan p.plan >/dev/null
    json list --kind other
    holds 'length == 1 and .[0].title == "The question" and .[0].sources[0].line_start == 19'
    lectern list --type note --json | jq -r --argjson bytes "$(wc -c <trip.txt)" -f "$BATS_TEST_DIRNAME/../cases/partition.jq" >gaps
    [ ! -s gaps ]
}

@test "corrections are made again when the file has grown and moved about" {
    planned
    change 's/talk: Clocks that lie/talk: Clocks that always lie/; s/^\[x\] 2/[ ] 2/; s/Dee Fox (Acme)/Dee Foxx (Acme)/'
    printf '[x] paper: Things to remember\n    lines: 11-12\n' >>p.plan
    lectern import --plan p.plan >/dev/null
    sed -i '5a\\nThe tide was out.\n\nThe soup was cold.' trip.txt
    printf '\nGus Hale (Globex) - Boats that float\n\nThey float.\n' >>trip.txt
    json import trip.txt
    [ "$status" -eq 0 ]
    holds '.sources[0] | .status == "updated" and .corrections == 4 and .warnings == []'
    [ "$(titles | paste -sd,)" = "Boats that float,Clocks that always lie,Slow software,Things to remember" ]
    json list 'title:Slow'
    holds '.[0].speakers[0].name == "Dee Foxx"'
    json list 'title:Things'
    holds '.[0].sources[0].line_start == 15'
    json import trip.txt
    holds '.run == null and .sources[0].status == "unchanged"'
    # a new plan shows what was corrected
    lectern import --dry-run --plan new.plan trip.txt >/dev/null
    grep -q '^\[x\] 1 talk: Clocks that always lie' new.plan
    grep -q '^\[ \] 2 talk: Queues are promises' new.plan
    grep -q '^\[x\] paper: Things to remember' new.plan
    json import --plan new.plan
    holds '.sources[0].status == "unchanged" and .run == null'
}

@test "corrections are made in folders too, and only where they belong" {
    report
    mkdir in && mv trip.txt in && cp in/trip.txt in/other.txt
    lectern import --dry-run --plan p.plan in/trip.txt >/dev/null
    change 's/talk: Slow software/talk: Slow hardware/'
    lectern import --plan p.plan >/dev/null
    json import in
    holds '[.sources[] | [.status, .corrections]] == [["made", null], ["unchanged", null]]'
    echo 'And so home.' >>in/trip.txt
    json import in
    holds '[.sources[] | [.status, .corrections]] == [["unchanged", null], ["updated", 1]] and .totals.sources == 2'
}

@test "a correction that finds no place is told and harms nothing" {
    planned
    change 's/talk: Clocks that lie/talk: Clocks that always lie/'
    lectern import --plan p.plan >/dev/null
    sed -i '7,12d' trip.txt
    json import trip.txt
    [ "$status" -eq 0 ]
    holds '.sources[0].warnings | map(.message) | any(test("Clocks that lie.*no place"))'
}

@test "recipes are listed, passed over and forgotten" {
    planned
    change 's/talk: Clocks that lie/talk: Clocks that always lie/'
    lectern import --plan p.plan >/dev/null
    json recipes
    holds 'length == 1 and .[0].corrections == 1 and (.[0].path | endswith("/trip.txt")) and (.[0].changes[0] | test("always"))'
    json recipes trip.txt
    holds 'length == 1'
    lectern import --no-recipe trip.txt >/dev/null
    titles | grep -qx 'Clocks that lie'
    lectern import trip.txt >/dev/null
    titles | grep -qx 'Clocks that always lie'
    lectern recipes forget trip.txt --dry-run
    [ "$(lectern recipes --json | jq length)" -eq 1 ]
    lectern recipes forget trip.txt
    [ "$(lectern recipes --json)" = "[]" ]
    lectern import trip.txt >/dev/null
    titles | grep -qx 'Clocks that lie'
    fails 1 "no corrections are remembered" recipes forget trip.txt
}

@test "undo takes back the plan and what it taught; undoing that gives both back" {
    planned
    lectern import trip.txt >/dev/null
    change 's/talk: Clocks that lie/talk: Clocks that always lie/; s/^\[x\] 2/[ ] 2/'
    lectern import --plan p.plan >/dev/null
    [ "$(titles | paste -sd,)" = "Clocks that always lie,Slow software" ]
    lectern undo -q >/dev/null
    [ "$(titles | paste -sd,)" = "Clocks that lie,Queues are promises,Slow software" ]
    [ "$(lectern recipes --json)" = "[]" ]
    json import trip.txt
    holds '.run == null'
    lectern undo -q "$(lectern runs --json | jq -r '[.[] | select(.command | startswith("undo"))][0].id')" >/dev/null
    [ "$(titles | paste -sd,)" = "Clocks that always lie,Slow software" ]
    [ "$(lectern recipes --json | jq length)" -eq 1 ]
}

@test "undoing the second plan leaves the first" {
    planned
    change 's/talk: Clocks that lie/talk: First/'
    lectern import --plan p.plan >/dev/null
    change 's/talk: First/talk: Second/'
    lectern import --plan p.plan >/dev/null
    titles | grep -qx Second
    lectern undo -q >/dev/null
    titles | grep -qx First
    [[ $(lectern recipes --json | jq -r '.[0].changes[0]') == *First* ]]
    json import trip.txt
    holds '.sources[0].status == "unchanged"'
}

@test "a source that has changed is not imported by the plan" {
    planned
    echo 'One more line.' >>trip.txt
    refused "has changed since this plan was written"
    [[ $output == *"--dry-run --plan"* ]]
    rm trip.txt
    run lectern import --plan p.plan
    [ "$status" -eq 66 ]
}

@test "standard input can be planned, and is given again" {
    report
    lectern import --dry-run --plan p.plan - <trip.txt >/dev/null
    grep -qx 'source -' p.plan
    change 's/Slow software/Slow hardware/'
    refused "give it again"
    lectern import --plan p.plan - <trip.txt >/dev/null
    titles | grep -qx 'Slow hardware'
}

@test "paths choose among the sources of a plan" {
    report
    sed 's/Moot 2019/Moot 2020/' trip.txt >later.txt
    lectern import --dry-run --plan p.plan trip.txt later.txt >/dev/null
    [ "$(grep -c '^source ' p.plan)" -eq 2 ]
    lectern import --plan p.plan later.txt >/dev/null
    json list --type source
    holds 'length == 1'
    fails 64 "is not in the plan" import --plan p.plan p.plan
    fails 66 "write it first" import --plan nothing.plan
    fails 64 PATH import
}

@test "what is no plan is refused with its line" {
    planned
    cp p.plan good
    again() { cp good p.plan; }
    head -c 4096 /dev/urandom >p.plan && refused "this is no"
    printf '' >p.plan && refused "no plan"
    echo hello >p.plan && refused "no plan"
    printf '# lectern plan 1\n' >p.plan && refused "names no source"
    again && change 's/^\[x\] 2 talk/[x] 2 tlak/' && refused "did you mean 'talk'"
    again && change 's/^    speaker: Bob/    speeker: Bob/' && refused "did you mean 'speaker'"
    again && change 's/^\[x\] 2/[y] 2/' && refused "a box is"
    again && change 's/^\[x\] 2/[x] 99/' && refused "no item 99"
    again && change 's/^\[x\] 2/[x] 1/' && refused "stands in line"
    again && change 's/^    lines: 7-12/    lines: 7-900/' && refused "the source has 20 lines"
    again && change 's/^    lines: 7-12/    lines: 12-7/' && refused "end before they begin"
    again && change 's/^    lines: 7-12/    lines: seven/' && refused "12-20"
    again && change 's/^    lines: 7-12/    lines: 7-16/' && refused "cut through those of 'Queues are promises'"
    again && change 's/^    lines: 7-12/    lines: 9-12/' && refused "'Clocks that lie' does not stand in lines 9-12"
    again && change 's/^    lines: 7-12/&\n&/' && refused "'lines' stands in line"
    again && change 's/^\(    sha256: \).*/\1abc/' && refused "64 hexadecimal"
    again && change '/sha256/d' && refused "no 'sha256'"
    again && change 's/^    importer: report .*/    importer: report 99.9/' && refused "written for importer"
    again && change 's/^    importer: report/    importer: reprot/' && refused "did you mean 'report'"
    again && change 's,^source /.*,source ../trip.txt,' && refused "whole path"
    again && change 's,^source /,source /tmp/../,' && refused "without '.', '..'"
    again && printf '[x] talk: New\n' >>p.plan && refused "wants its lines"
    again && printf '[x] talk: New\n lines: 5\n start: 2019-02-30\n' >>p.plan && refused "no day"
    again && printf '[x] talk: New\n lines: 5\n speaker: 12\n' >>p.plan && refused "wants a name"
    again && sed -n '/^source/,$p' good >>p.plan && refused "stands in line"
    lectern import --plan good >/dev/null
}

@test "a plan of 50 MB, long lines and many lines end soon" {
    planned
    { cat p.plan && head -c 50000000 /dev/zero | tr '\0' x; } >big.plan
    SECONDS=0
    fails 65 "" import --plan big.plan
    { cat p.plan && head -c 7000000 /dev/zero | tr '\0' ' ' && echo x; } >big.plan
    fails 65 "a line has at most" import --plan big.plan
    { cat p.plan && yes '# x' | head -n 500000; } >big.plan
    fails 65 "at most" import --plan big.plan
    { cat p.plan && yes '[ ] talk: (((((((((((((((((((((((((((((((((((((((' | head -n 100000; } >big.plan
    lectern import --dry-run --plan big.plan >/dev/null
    [ "$SECONDS" -lt 60 ]
    [ "$(runs)" -eq 0 ]
}

@test "a plan reads no file that it does not know" {
    planned
    echo secret >secret.txt
    mkdir folder && echo inner >folder/inner.txt
    change "s,^source .*,source $HOME/secret.txt,"
    refused "has changed since"
    [[ $output != *secret\ * ]]
    change "s,^source .*,source $HOME/folder,"
    run lectern import --plan p.plan
    [ "$status" -ne 0 ]
    [ "$(runs)" -eq 0 ]
}

@test "plugins write only the file that was named" {
    mkdir -p "$XDG_CONFIG_HOME/lectern/plugins"
    cat >"$XDG_CONFIG_HOME/lectern/plugins/saver.lua" <<'LUA'
local lectern = require "lectern"
local t = lectern.types
lectern.plugin { name = "saver", version = "1.0.0", api = 1, doc = "A test", needs = {} }
lectern.command "saver" { doc = "x", args = {
  { "path", t.string() }, { "edit", t.path { mode = "edit" }, flag = true }, { "read", t.path { mode = "read" }, flag = true },
  { "folder", t.path { mode = "folder" }, flag = true } },
  returns = "text", run = function(args, job) job:save(args.path, "written\n"); return "saved" end }
LUA
    mkdir out
    fails 77 "nobody named it" saver "$HOME/a"
    fails 77 "nobody named it" saver "$HOME/a" --read a
    fails 77 "nobody named it" saver "$HOME/out/a" --folder out
    fails 77 "nobody named it" saver "$HOME/a/../b" --edit a
    fails 77 "nobody named it" saver "$HOME/out/b" --edit out
    lectern saver "$HOME/a" --edit a
    [ "$(cat a)" = written ]
    echo other >b && ln -s b c
    fails 73 "there already" saver "$HOME/c" --edit c
    [ "$(cat b)" = other ]
    [ "$(find "$HOME" -name b -path '*out*')" = "" ]
}

@test "an event given later is for what has none" {
    report
    sed -i 's/ Moot 2019//; s/Notes from/My notes/' trip.txt
    lectern import trip.txt >/dev/null
    json list
    holds 'all(.[]; .event == null)'
    json import -e 'Moot 2019' trip.txt
    holds '.sources[0].status == "updated" and .totals.updated > 0'
    json list
    holds 'length == 3 and all(.[]; .event.slug == "moot-2019")'
    before=$(stored)
    json import -e 'Moot 2019' trip.txt
    holds '.run == null and .sources[0].status == "unchanged"'
    json import -e 'Other 2001' trip.txt
    holds '.run == null and .sources[0].status == "unchanged"'
    json list --type event
    holds '[.[].slug] == ["moot-2019"]'
    json import trip.txt
    holds '.run == null'
    [ "$(stored)" = "$before" ]
}

@test "the corrections of a file that was moved move with it; a copy has none" {
    planned
    change 's/talk: Clocks that lie/talk: Clocks that always lie/; s/^\[x\] 2/[ ] 2/'
    lectern import --plan p.plan >/dev/null
    echo 'And home.' >>trip.txt
    lectern import trip.txt >/dev/null
    cp trip.txt copy.txt
    json import copy.txt
    holds '.sources[0].corrections == null'
    lectern undo -q >/dev/null
    rm copy.txt
    mkdir moved && mv trip.txt moved/
    json import moved
    holds '.sources[0] | .corrections == 2 and .status == "moved"'
    [ "$(titles | paste -sd,)" = "Clocks that always lie,Slow software" ]
    [[ $(lectern recipes --json | jq -r '.[].path') == */moved/trip.txt ]]
    json import moved
    holds '.run == null'
}
