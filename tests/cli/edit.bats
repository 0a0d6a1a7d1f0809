#!/usr/bin/env bats
# Writing: note, new, edit, tag, delete, restore, history, undo, runs. Every change is a revision that can be taken back.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

# editor SCRIPT: what edit and new start; $1 is the file.
editor() {
    printf '#!/bin/sh\n%s\n' "$1" >editor
    chmod +x editor
    export EDITOR=$PWD/editor
}

# The text the last refusal says it kept.
kept() {
    local path
    path=$(grep -o '/[^ ]*' <<<"$stderr" | tail -n 1)
    cat "$path"
}

body() { lectern show --json "$1" | jq -j .body; }

# ---- note and new ------------------------------------------------------------------------------------------------

@test "note appends lines to today's note and prints its short id" {
    run lectern note ask about tail latency
    [ "$status" -eq 0 ]
    [[ $output =~ ^[0-9a-f]{8,}$ ]]
    id=$output
    run lectern note 'and -- about' --quiet
    [ "$status" -eq 0 ]
    [ "$(lectern list --type note --json | jq length)" -eq 1 ]
    [[ $(body "$id") == *"ask about tail latency"*"and -- about"* ]]
    json show "$id"
    holds 'note(" body") and .kind == "scratch"'
    json note a third line
    holds 'written and (.run | uuid) and (.operations | length == 1 and .[0].type == "note")'
}

@test "a note of a talk, of an event, and text from standard input" {
    imported
    talk=$(lectern list --json clocks | jq -r '.[0].id')
    run lectern note --talk "${talk:0:8}" it was the broken one
    [ "$status" -eq 0 ]
    json show "$output"
    holds '.talks == [$talk]' --arg talk "$talk"
    run lectern note -e smallconf-2021 good coffee
    json show "$output"
    holds '.event.slug == "smallconf-2021" and .talks == []'
    printf 'one\n\ntwo \xc3\xa9\n' | lectern note - >out
    json show "$(cat out)"
    holds '.body | contains("one\n\ntwo \u00e9\n")'
    fails 64 "nothing to note" note ''
    fails 64 "nothing to note" note - </dev/null
    fails 64 "TEXT" note
}

@test "an event or talk that is not there, or that several are" {
    imported
    before=$(stored)
    fails 1 "unknown event 'smallconf-2012'*did you mean 'smallconf-2021'" note -e smallconf-2012 x
    printf '# SmallConf 2022\n\n## Another talk\n\n**Bo Ek**\n\nAbout boats.\n' >b.md
    lectern import -q b.md
    fails 64 "SmallConf" note -e SmallConf x
    [[ $stderr == *smallconf-2021* && $stderr == *smallconf-2022* ]]
    fails 1 "ffffffff" note --talk ffffffff x
    note=$(lectern list --type note --json | jq -r '.[0].id')
    fails 64 "note*talk" note --talk "$note" x
}

@test "new from standard input, with front matter and without" {
    json new - <<<$'# A title of its own\n\nSome text.\n'
    [ "$status" -eq 0 ]
    holds 'written and (.operations | length == 1 and .[0].title == "A title of its own")'
    imported
    json new - <<'MD'
---
title: New talk about newts
speakers: [Bo Ek]
event: SmallConf 2021
tags: [newts]
---

They are amphibians.
MD
    holds 'written and ([.operations[].type] | sort == ["note", "talk"] or contains(["note", "talk"]))'
    json list tag:newts
    holds 'length == 1 and .[0].event.slug == "smallconf-2021" and .[0].speakers[0].name == "Bo Ek" and (.[0].notes | length) == 1'
    talk=$(lectern list --json clocks | jq -r '.[0].id')
    lectern new --talk "$talk" - <<<'# Second thoughts' >/dev/null
    json show "$talk"
    holds '.notes | length == 2'
    lectern new -e smallconf-2021 - <<<'# In the corridor' >/dev/null
    json search corridor
    holds '.[0].event.slug == "smallconf-2021"'
    fails 65 "line" new - <<<$'---\ntitle: [unclosed\n---\ntext'
}

@test "new in the editor; nothing written is nothing kept" {
    editor 'printf "%s\n" "---" "title: Written by hand" "---" "" "Body of it." >"$1"'
    lectern new -q
    json search '"body of it"'
    holds 'length == 1 and .[0].title == "Written by hand"'
    before=$(stored)
    editor ':'
    run lectern new
    [ "$status" -eq 0 ]
    [ "$(stored)" = "$before" ]
    [ -z "$(find "$HOME/s" -name '*.md')" ]
}

# ---- edit --------------------------------------------------------------------------------------------------------

@test "edit changes the text and the fields, as a revision" {
    imported
    id=$(id_of quokka)
    editor 'sed -i -e "s/bread/rye bread/" -e "s/^title:.*/title: To buy/" "$1"'
    json edit "$id"
    [ "$status" -eq 0 ]
    holds 'written and (.operations | length > 0 and all(.[]; .id == $id))' --arg id "$id"
    json show "$id"
    holds '.title == "To buy" and .rev > 1 and (.body | contains("rye bread"))'
    lectern search --json '"rye bread"' | jq -e 'length == 1'
    json history "$id"
    holds 'length >= 2 and ([.[].rev] == ([.[].rev] | sort | reverse)) and all(.[]; (.at | instant) and (.run | maybe(uuid)))'
}

@test "edit a talk: its fields and its note in one document" {
    imported
    id=$(lectern list --json kind:keynote | jq -r '.[0].id')
    editor 'cp "$1" seen; sed -i -e "s/Hall B/Hall C/" -e "s/Kaija Laine/Kaija Laine (Tide Office)/" -e "s/slow to change/slow to rust/" "$1"'
    lectern edit -q "${id:0:8}"
    grep -q '^title: .*Slow software' seen
    json show "$id"
    holds '.room == "Hall C" and .speakers[0].affiliations == ["Tide Office"]'
    lectern search --json '"slow to rust"' | jq -e 'length == 1'
    editor 'sed -i "s/^room:.*/room:/" "$1"'
    lectern edit -q "$id"
    json show "$id"
    holds '.room == null'
}

@test "saved as it was: nothing is written" {
    imported
    before=$(stored)
    editor ':'
    run lectern edit "$(id_of quokka)"
    [ "$status" -eq 0 ]
    [ "$(stored)" = "$before" ]
}

@test "an editor that fails, or is not there, changes nothing" {
    imported
    id=$(id_of quokka)
    before=$(stored)
    editor 'echo lost >>"$1"; exit 3'
    run --separate-stderr lectern edit "$id"
    echo "$status $stderr"
    [ "$status" -ne 0 ]
    [[ $stderr == *"status 3"* ]]
    EDITOR=/nonexistent/editor run --separate-stderr lectern edit "$id"
    [ "$status" -eq 69 ]
    [[ $stderr == *"/nonexistent/editor"* ]]
    [ "$(stored)" = "$before" ]
}

@test "VISUAL is taken before EDITOR, and either may have arguments" {
    imported
    id=$(id_of quokka)
    EDITOR=false VISUAL="sed -i s/bread/cake/" lectern edit -q "$id"
    [[ $(body "$id") == *cake* ]]
}

@test "a stale revision is refused and the text kept" {
    imported
    id=$(id_of quokka)
    editor 'EDITOR="sed -i s/bread/FIRST/" lectern edit '"$id"' >/dev/null; sed -i s/bread/SECOND/ "$1"'
    run --separate-stderr lectern edit "$id"
    echo "$status: $stderr"
    [ "$status" -eq 75 ]
    [ -z "$output" ]
    [[ $stderr == "lectern: "* ]]
    [[ $(kept) == *SECOND* ]]
    [[ $(body "$id") == *FIRST* ]]
    no_hit SECOND
}

@test "what is saved badly is refused with its line and kept" {
    imported
    id=$(id_of quokka)
    before=$(stored)
    editor 'printf -- "---\ntitle: ok\ntags: [a\n---\nMY TEXT\n" >"$1"'
    run --separate-stderr lectern edit "$id"
    echo "$status: $stderr"
    [ "$status" -eq 65 ]
    [[ $stderr == *line* ]]
    [[ $(kept) == *"MY TEXT"* ]]
    editor 'printf "MY TEXT \377\n" >"$1"'
    run --separate-stderr lectern edit "$id"
    [ "$status" -eq 65 ]
    [[ $stderr == *UTF-8* ]]
    kept | LC_ALL=C grep -qa 'MY TEXT'
    [ "$(stored)" = "$before" ]
}

@test "the file the editor gets is private and is gone afterwards" {
    imported
    editor 'stat -c %a "$1" >mode; echo "$1" >path; echo more >>"$1"'
    lectern edit -q "$(id_of quokka)"
    [ "$(cat mode)" = 600 ]
    [ ! -e "$(cat path)" ]
}

@test "--dry-run writes nothing, whatever the command" {
    imported
    id=$(id_of quokka)
    editor 'sed -i s/bread/cake/ "$1"'
    before=$(stored)
    for words in "edit $id" "tag +x $id" "delete --yes $id" "undo" "note hello" "import in" "note -e smallconf-2021 hello"; do
        # shellcheck disable=SC2086
        json --dry-run $words
        echo "$words"
        [ "$status" -eq 0 ]
        holds '.run == null'
        # shellcheck disable=SC2086
        lectern $words --dry-run >/dev/null
        [ "$(stored)" = "$before" ]
    done
    json tag --dry-run +x -- "$id"
    holds 'written and (.operations | length == 1)'
    json new --dry-run - <<<'# Not there'
    holds 'written and .run == null'
    [ "$(stored)" = "$before" ]
}

# ---- tags --------------------------------------------------------------------------------------------------------

@test "tag adds and removes, on one or on many" {
    imported
    id=$(lectern list --json clocks | jq -r '.[0].id')
    json tag +seen -time -- "$id"
    [ "$status" -eq 0 ]
    holds 'written and (.run | uuid) and (.operations | length == 1 and .[0].id == $id)' --arg id "$id"
    json show "$id"
    holds '.tags == ["seen"]'
    lectern tag -q +all event:smallconf-2021
    json list tag:all
    holds 'length == 3'
    lectern list --json tag:all | jq -r '.[].id' | lectern tag -q -all -- -
    json list tag:all
    holds '. == []'
    before=$(stored)
    lectern tag -q +seen -- "$id"
    [ "$(stored)" = "$before" ]
    fails 64 "+tag or -tag" tag seen "$id"
    fails 64 "TARGET" tag +seen
    fails 1 "nonsuchword" tag +x -- nonsuchword
}

# ---- delete and restore ------------------------------------------------------------------------------------------

@test "delete puts into the trash, restore takes it out" {
    imported
    id=$(lectern list --json kind:keynote | jq -r '.[0].id')
    json delete "$id"
    [ "$status" -eq 0 ]
    holds 'written and (.operations | length >= 1)'
    json list
    holds 'length == 2'
    fails 1 "$id" show "$id"
    no_hit '"slow to change"'
    for object in $(jq -r '.operations[].id' <(lectern --json runs >/dev/null; lectern --dry-run --json undo)); do
        lectern restore -q "$object"
    done
    json show "$id"
    holds '.title == "Slow software"'
    json list
    holds 'length == 3'
    lectern search --json '"slow to change"' | jq -e 'length == 1'
    fails 1 "ffffffff" restore ffffffff
}

@test "deleting many asks, and without a terminal wants --yes" {
    imported
    fails 64 "--yes" delete event:smallconf-2021
    json list
    holds 'length == 3'
    on_terminal "echo no | lectern delete event:smallconf-2021"
    [ "$(lectern list --json | jq length)" -eq 3 ]
    json delete --yes event:smallconf-2021
    holds 'written and (.operations | length >= 3)'
    json list
    holds '. == []'
}

# ---- undo --------------------------------------------------------------------------------------------------------

@test "undo takes a whole run back, and undo of the undo brings it again" {
    imported
    first=$(lectern list --json | jq -c '[.[].id] | sort')
    lectern tag -q +all event:smallconf-2021
    json undo
    [ "$status" -eq 0 ]
    holds 'written and (.run | uuid) and (.operations | length == 3)'
    undo=$(jq -r .run json)
    json list tag:all
    holds '. == []'
    lectern undo -q "${undo:0:8}"
    json list tag:all
    holds 'length == 3'
    import=$(lectern runs --json | jq -r '[.[] | select(.command == "import")][0].id')
    run --separate-stderr lectern undo "$import"
    echo "$status $stderr"
    [ "$status" -eq 75 ]
    clear_line "$stderr"
    [ "$(lectern list --json | jq -c '[.[].id] | sort')" = "$first" ]
    fails 1 "ffffffff" undo ffffffff
}

@test "undo of an edit brings the old text back, and the index with it" {
    imported
    id=$(id_of quokka)
    EDITOR='sed -i s/bread/zebras/' lectern edit -q "$id"
    lectern undo -q
    [[ $(body "$id") == *bread* ]]
    no_hit zebras
    lectern search --json bread | jq -e 'length == 1'
    lectern check >/dev/null
}

@test "undo again and again goes back step by step, then there is nothing left" {
    lectern note -q one
    id=$(lectern list --type note --json | jq -r '.[0].id')
    lectern tag -q +a -- "$id"
    lectern tag -q +b -- "$id"
    runs=$(lectern runs --json | jq -r '[.[] | select(.operations > 0)] | .[].id')
    for run in $runs; do lectern undo -q "$run"; done
    json list --type note
    holds '. == []'
}

@test "undo on a store without runs is 1" {
    run --separate-stderr lectern undo
    echo "$status $stderr"
    [ "$status" -eq 1 ]
    clear_line "$stderr"
}

# ---- runs --------------------------------------------------------------------------------------------------------

@test "runs tells what wrote, newest first" {
    imported
    lectern tag -q +x -- "$(id_of quokka)"
    lectern undo -q
    json runs
    holds 'list(run_entry) and ([.[] | select(.operations > 0) | .command] == ["undo", "tag", "import"])'
    holds '[.[] | select(.operations > 0) | .undone] == [false, true, false] and ([.[].started] == ([.[].started] | sort | reverse))'
    json runs -n 1
    holds 'length == 1'
    run lectern runs
    [[ $output == *undo*tag*import* ]]
}

@test "on a terminal a writer says what was done and how to take it back" {
    imported
    on_terminal "lectern --color never tag +seen -- $(id_of quokka)"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"changed tags of note"*"Shopping"*$'\n'"undo: lectern undo "* ]]
}

@test "ids from one command are taken by the next" {
    imported
    lectern list --format '{id}' | lectern tag -q +piped -- -
    json list tag:piped
    holds 'length == 3'
    lectern list --format '{short}' | head -n 1 | lectern show --json - | jq -e '.type == "talk"'
    echo 'ffffffff-ffff-4fff-8fff-ffffffffffff' >ids
    fails 1 "ffffffff" tag +x -- - <ids
}

@test "words mean the talks that match, or else the notes" {
    imported
    lectern note "buy oil, a rumour says #todo" >/dev/null
    json tag +seen -- rumour
    holds '[.operations[].type] == ["talk"]'
    json tag +seen -- oil
    holds '[.operations[].type] == ["note"]'
    fails 1 "nothing matches 'nonsuchword'" tag +seen -- nonsuchword
}

# ---- both sides of a conflict --------------------------------------------------------------------------------------

clash() { # a talk and its note, changed here and in their file
    mkdir -p in
    printf -- '---\ntitle: Tide\nspeakers: [Ana Lima]\nevent: Sea 2020\nroom: A\n---\nText here.\n\nMore.\n' >in/t.md
    lectern import -q in
    id=$(lectern list --json | jq -r '.[0].id')
    nid=$(lectern list --type note --json | jq -r '.[0].id')
    lectern eval --in notes "lectern.notes.update('$id', { room = 'B', speakers = { 'Ana Lima', 'Bo Yi' }, event = 'Sea 2021' })
        lectern.notes.update('$nid', { body = 'Text there.\n\nMore.\n', title = 'Mine' })" >/dev/null
    printf -- '---\ntitle: Tide\nspeakers: [Ana Lima, Cy Ott]\nevent: Sea 2022\nroom: C\nnote_title: Theirs\n---\nText nowhere.\n\nMore.\n' >in/t.md
    lectern import -q in
}

@test "resolve --edit: fields with theirs above yours, the text between marks; what is written holds" {
    clash
    editor 'cp "$1" seen; sed -i "s/^room: B/room: D/; s/^event: .*/event: Sea 2023/" "$1"'
    lectern resolve -q "$id" --edit
    grep -qx '# theirs: room: C' seen
    grep -qx '# theirs: speakers: \[Ana Lima, Cy Ott\]' seen
    lectern show "$id" --json | jq -e '.room == "D" and .event.year == 2023 and [.speakers[].name] == ["Ana Lima", "Bo Yi"]'
    editor 'cp "$1" seen; sed -i "/^<<<</d; /^====/,/^>>>>/d; s/^title: .*/title: Both/" "$1"'
    lectern resolve -q "$nid" --edit
    lectern show "$nid" --json | jq -e '.title == "Both" and .body == "Text there.\n\nMore.\n"'
    [ "$(lectern conflicts --json)" = '[]' ]
    lectern undo -q
    lectern conflicts --json | jq -e 'length == 1'
    # Nothing new upstream: what was decided stays decided.
    run -0 lectern import in
    [[ $output != *conflicted* ]]
}

refused() { # TEXT COMMAND...: bad data, the reason, and where what was written is kept
    run -65 --separate-stderr lectern "${@:2}"
    [[ $stderr == *"$1"*"your text is kept in "* ]]
}

@test "resolve --edit: what cannot be is refused, and nothing is decided" {
    clash
    editor true
    run -0 lectern resolve "$id" --edit
    [[ $output == *"nothing decided"* ]]
    editor 'sed -i "s/^room: B/roof: D/" "$1"'
    refused "'roof' is not in conflict" resolve "$id" --edit
    editor 'printf "room: D\n" >"$1"'
    refused "the part between the --- lines is gone" resolve "$id" --edit
    editor 'sed -i "s/^room: B/room: [/" "$1"'
    refused "the part between the --- lines is not right" resolve "$id" --edit
    editor 'sed -i "s/^title.*/title: Other/" "$1"'
    refused "there are still marks of a conflict" resolve "$nid" --edit
    lectern conflicts --json | jq -e 'length == 2'
    editor 'sed -i "/^room: B/d" "$1"' # a field that is taken out is empty
    lectern resolve -q "$id" --edit
    lectern show "$id" --json | jq -e '.room == null'
}
