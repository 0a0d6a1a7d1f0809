#!/usr/bin/env bats
# Bringing files in: what is read, what is passed over, what is written when the files come again, and what the report says.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

@test "a folder becomes talks, people, events and notes" {
    notes
    run lectern import in
    [ "$status" -eq 0 ]
    [[ $output == *trip.md* && $output == *keynote.md* && $output == *shopping.md* ]]
    [[ $output == *"3 sources: "*made* ]]
    json list
    holds '[.[].title] | sort == ["Clocks that lie", "Queues are promises", "Slow software"]'
    json list --type person
    holds '[.[].name] | contains(["Ada Byron", "Omar Said", "Kaija Laine"])'
    json list --type event
    holds '[.[] | [.slug, .name, .year]] == [["smallconf-2021", "SmallConf", 2021]]'
    json search quokka
    holds 'length == 1 and .[0].type == "note" and .[0].title == "Shopping"'
}

@test "the report has the contract's fields, one entry a source, and adds up" {
    notes
    json import in
    [ "$status" -eq 0 ]
    holds 'report("") and (.run | uuid) and (.sources | length == 3) and all(.sources[]; .status == "made" and .made > 0)'
    holds '([.sources[].made] | add) == .totals.made and all(.sources[]; .path | startswith("/"))'
    holds '[.sources[].importer] | unique == ["markdown"]'
}

@test "--explain says what each part became, where it stands and why" {
    notes
    json import in --explain
    holds 'report(" items") and all(.sources[]; .items | length > 0)'
    holds '[.sources[] | select(.path | endswith("/trip.md")) | .items[] | select(.type == "talk") | .title]
        == ["Clocks that lie", "Queues are promises"]'
    holds 'all(.sources[].items[] | select(.type == "talk"); (.why | text) and .line_start <= .line_end)'
    run lectern import --explain in/trip.md
    [ "$status" -eq 0 ]
}

@test "a single file, several paths, standard input" {
    notes
    json import in/keynote.md in/shopping.md
    holds '.sources | length == 2'
    json import - <in/trip.md
    holds '(.sources | length) == 1 and .sources[0].path == "-" and .sources[0].status == "made"'
    json list
    holds 'length == 3'
    json import --with markdown - <<<'# One thought'
    [ "$status" -eq 0 ]
    holds '.sources[0].importer == "markdown"'
}

@test "the same bytes again write nothing" {
    imported
    before=$(stored)
    [ "$(runs)" -eq 1 ]
    json import in
    [ "$status" -eq 0 ]
    holds 'report("") and .run == null and all(.sources[]; .status == "unchanged" and .made == 0 and .updated == 0)'
    touch in/*
    lectern import in in/trip.md
    [ "$(stored)" = "$before" ]
    [ "$(runs)" -eq 1 ]
}

@test "a file that nobody touched is not read again; one of the same size and time that somebody did is" {
    notes
    sleep 0.3 # an entry as young as the clock's tick is no evidence
    lectern import in
    local store="$LECTERN_STORE" old
    sqlite3 "$store" 'update t_source set sha256 = zeroblob(32)' # to see that it is not compared
    json import in
    holds 'all(.sources[]; .status == "unchanged")'
    old=$(stat -c %y in/shopping.md)
    sed -i 's/quokka/numbat/' in/shopping.md
    touch -d "$old" in/shopping.md
    json import in
    holds '[.sources[] | select(.status == "unchanged")] | length == 2'
    json search numbat
    holds 'length == 1'
}

@test "a changed file changes what changed and leaves the rest, with its ids" {
    imported
    clocks=$(id_of measured) queues=$(id_of unikernel)
    json show "$queues"
    rev=$(jq .rev "$HOME/json")
    sed -i 's/Ada measured forty of them for a year/Ada measured sixty of them for two years/' in/trip.md
    json import in
    holds '[.sources[] | select(.status != "unchanged") | .path | sub(".*/"; "")] == ["trip.md"]'
    holds '[.sources[] | select(.status == "updated")] | length == 1 and .[0].updated > 0 and .[0].made == 0'
    [ "$(id_of '"sixty of them"')" = "$clocks" ]
    json show "$queues"
    holds '.rev == $rev' --argjson rev "$rev"
    no_hit '"forty of them"'
    json list
    holds 'length == 3'
}

@test "what I changed stays mine, and a clash is told" {
    imported
    id=$(lectern search --json measured | jq -r '.[0].id')
    export EDITOR="sed -i s/rumour/MINE/"
    lectern edit -q "$id"
    sed -i 's/rumour/THEIRS/' in/trip.md
    json import in/trip.md
    [ "$status" -eq 0 ]
    holds '.sources[0].status == "conflicted" and .sources[0].conflicted > 0'
    json search MINE
    holds 'length == 1'
    no_hit THEIRS
}

@test "what I changed and what they changed elsewhere in the text come together" {
    imported
    lectern tag -q +mine -- "$(id_of measured)"
    sed -i 's/wrong in the same direction/wrong together/' in/trip.md
    json import in/trip.md
    holds '.sources[0].status == "updated" and .sources[0].conflicted == 0'
    json search '"wrong together" tag:mine'
    holds 'length == 1'
}

@test "what I deleted stays deleted, what is gone upstream stays here" {
    imported
    lectern delete -q --yes "$(id_of quokka)"
    printf '\n- honey\n' >>in/shopping.md
    lectern import -q in
    no_hit honey
    sed -i '/^## Queues/,$d' in/trip.md
    lectern import -q in
    json search unikernel
    holds 'length == 1'
}

@test "files that are moved and not changed are the same source" {
    imported
    before=$(lectern list --json | jq -c '[.[].id] | sort')
    mkdir in/old
    mv in/trip.md in/old/report.md
    json import in
    holds '[.sources[].status] | sort == ["moved", "unchanged", "unchanged"]'
    [ "$(lectern list --json | jq -c '[.[].id] | sort')" = "$before" ]
    [ "$(lectern list --type source --json | jq length)" -eq 3 ]
}

@test "--dry-run says what would be and writes nothing" {
    notes
    json import in --dry-run
    [ "$status" -eq 0 ]
    holds 'report(" items") and .run == null and all(.sources[]; .status == "made" and (.items | length > 0))'
    json list
    holds '. == []'
    lectern import -q in/shopping.md
    before=$(stored)
    run lectern --dry-run import in
    [ "$status" -eq 0 ]
    [ "$(stored)" = "$before" ]
    [ "$(runs)" -eq 1 ]
}

@test "types nobody knows are passed over in a folder, and failed when named" {
    notes
    head -c 3000 /dev/urandom >in/photo.jpg
    json import in
    [ "$status" -eq 0 ]
    holds '[.sources[] | select(.path | endswith("photo.jpg")) | .status] | . == ["skipped"] or . == []'
    holds '.totals.failed == 0'
    json import in/photo.jpg
    [ "$status" -eq 65 ]
    holds 'report("") and .sources[0].status == "failed" and (.sources[0].error | failure_value and .code == "E_DATA")'
}

@test ".gitignore is honoured, in folders below too, and hidden files are left alone" {
    notes
    mkdir -p in/drafts in/deep/build in/.obsidian
    for name in drafts/a deep/build/b deep/secret deep/keep .obsidian/c temp.bak; do echo "# Note $name" >"in/$name.md"; done
    printf 'drafts/\nbuild\n*.bak.md\n' >in/.gitignore
    printf '*\n!keep.md\n' >in/deep/.gitignore
    json import in
    holds '[.sources[] | select(.status == "made") | .path | sub(".*/"; "")] | sort
        == ["keep.md", "keynote.md", "shopping.md", "trip.md"]'
    json import in/drafts/a.md
    [ "$status" -eq 0 ]
    holds '.sources[0].status == "made"'
}

@test "a link that leads out of the folder is not followed" {
    notes
    mkdir outside
    echo '# Secret zebra' >outside/secret.md
    ln -s "$PWD/outside" in/linked
    ln -s "$PWD/outside/secret.md" in/linked.md
    lectern import -q in
    no_hit zebra
    json import in/linked.md
    [ "$status" -eq 0 ]
}

@test "a file that fails does not stop the others; 65 after all are done" {
    notes
    head -c 3000 /dev/urandom >in/broken.md
    json import in
    [ "$status" -eq 65 ]
    holds 'report("") and [.sources[] | select(.status == "failed") | .path | sub(".*/"; "")] == ["broken.md"]'
    holds '(.sources | length) == 4 and .totals.failed == 1 and ([.sources[] | select(.status == "made")] | length) == 3'
    json list
    holds 'length == 3'
    fails_import 65 "broken.md' is not text" in/broken.md
}

@test "a path that is not there: 66, and the others are imported" {
    notes
    fails_import 66 "no such file or folder*nothing.md" nothing.md
    json import in/keynote.md nothing.md
    [[ $status == 65 || $status == 66 ]]
    holds 'report("") and ([.sources[] | [.status, .error.code]] | sort) == [["failed", "E_INPUT"], ["made", null]]'
}

@test "--event fills the event where the file states none, and a contradiction is a warning" {
    imported
    printf -- '---\ntitle: Small talk\nspeaker: Bo Ek\n---\n\nAbout giraffes.\n' >free.md
    json import -e smallconf-2021 free.md
    [ "$status" -eq 0 ]
    json search giraffes
    holds '.[0].event.slug == "smallconf-2021"'
    for name in 'SmallConf 2021' "SmallConf'21" SmallConf; do
        sed -i 's/$/ /' free.md
        lectern import -q --event "$name" free.md
    done
    [ "$(lectern list --type event --json | jq length)" -eq 1 ]
    printf -- '---\ntitle: Other talk\nspeaker: Bo Ek\nevent: OtherConf 2020\n---\n\nAbout otters.\n' >stated.md
    json import --event smallconf-2021 stated.md
    [ "$status" -eq 0 ]
    holds '.sources[0].warnings | length == 1 and (.[0].message | contains("OtherConf 2020"))'
    json search otters
    holds '.[0].event.slug == "otherconf-2020"'
}

@test "--with names the importer; an unknown one is refused with the nearest" {
    notes
    cp in/trip.md trip.txt
    json import --with markdown trip.txt
    [ "$status" -eq 0 ]
    holds '.sources[0].importer == "markdown" and .sources[0].status == "made"'
    fails 64 "unknown importer 'markdwon'*did you mean 'markdown'" import --with markdwon in
    json list
    holds 'length == 2'
}

@test "a plugin's importer is found by name and content" {
    mkdir p
    cat >p/cues.lua <<'LUA'
local lectern = require "lectern"
lectern.importer "cues" { doc = "Cues", match = { extensions = { "cue" } },
  detect = function(source) return source:head(4) == "CUE\n" and 90 or 0, "starts with CUE" end,
  import = function(source, _, job)
    if source:text():find "bad" then error("cannot read this cue") end
    job:emit { type = "note", title = source.stem, span = { 1, source.lines_count }, why = "a cue" }
  end }
LUA
    export LECTERN_PLUGIN_PATH=$PWD/p
    mkdir in
    printf 'CUE\nwalrus\n' >in/one.cue
    printf 'CUE\nbad\n' >in/two.cue
    json import in
    [ "$status" -eq 65 ]
    holds '[.sources[] | [.importer, .status]] | sort == [["cues", "failed"], ["cues", "made"]]'
    holds '.sources[] | select(.status == "failed") | .error | .plugin == "cues" and (.message | contains("cannot read this cue")) and (.at | test("cues.lua:5"))'
    json search walrus
    holds '.[0].title == "one"'
}

@test "the same bytes are new to another version of their importer" {
    mkdir p
    cues() {
        cat >p/cues.lua <<LUA
local lectern = require "lectern"
$1
lectern.importer "cues" { doc = "Cues", match = { extensions = { "cue" } },
  import = function(source, _, job) job:emit { type = "note", title = "$2", span = { 1, source.lines_count }, why = "a cue" } end }
LUA
    }
    export LECTERN_PLUGIN_PATH=$PWD/p
    echo walrus >one.cue
    again() { lectern import one.cue --json | jq -r '.sources[0].status' && lectern list --type note --json | jq length; }
    cues 'lectern.plugin { name = "cues", version = "1.0.0", api = 1, doc = "Cues" }' first
    [ "$(again)" = $'made\n1' ]
    cues 'lectern.plugin { name = "cues", version = "1.0.0", api = 1, doc = "Cues" }' second
    [ "$(again)" = $'unchanged\n1' ]
    cues 'lectern.plugin { name = "cues", version = "1.0.1", api = 1, doc = "Cues" }' second
    [ "$(again)" = $'updated\n2' ]
    cues "" third # without a version, each change is one
    [ "$(again)" = $'updated\n3' ]
    [ "$(again)" = $'unchanged\n3' ]
}

@test "undo takes the whole import back" {
    imported
    lectern undo -q
    json list
    holds '. == []'
    json list --type note
    holds '. == []'
    lectern import -q in
    json list
    holds 'length == 3'
}

@test "on a terminal the report says how to take it back" {
    notes
    run lectern import in/trip.md
    [[ $output != *"undo"* ]]
    on_terminal "lectern import in/shopping.md"
    [ "$status" -eq 0 ]
    [[ $output == *"undo: lectern undo "* ]]
}

@test "--jsonl: a line a document" {
    notes
    lectern import --jsonl in >out
    jq -es 'length >= 1 and all(.[]; type == "object")' out
    [ "$(wc -l <out)" -eq "$(jq -s length out)" ]
}

@test "of very many sources those are listed that have something to tell; all are counted" {
    mkdir many
    for i in {1..10001}; do echo "# Note $i" >"many/$i.md"; done
    printf 'a\0b' >many/noise.md
    run --separate-stderr lectern --json import many
    [ "$status" -eq 65 ]
    jq -e '[.sources[].path | sub(".*/"; "")] == ["noise.md"] and .left_out == 10001' <<<"$output"
    jq -e '.totals | [.sources, .made, .failed] == [10002, 10001, 1]' <<<"$output"
    run lectern import many
    [[ $output == *"10002 sources: nothing new, 1 failed"* ]]
}
