#!/usr/bin/env bats
# Handing notes on: Markdown that comes back as it was, web pages, JSON; where it may be written and where not.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

# Everything people wrote, without what differs from store to store.
content() {
    lectern list --type note --body --json >"$HOME/content.notes"
    lectern list --body --json --kind mention >"$HOME/content.mentions"
    lectern list --body --json | jq -S --slurpfile notes "$HOME/content.notes" --slurpfile mentions "$HOME/content.mentions" '
        (. + $mentions[0]) as $talks | ($talks | map({key: .id, value: .title}) | from_entries) as $titles
        | ($notes[0] | map({key: .id, value: .title}) | from_entries) as $posts
        | {talks: [$talks[] | {title, kind, start, "end": .end, room, building, url, slides_url, video_url, abstract, session, fields,
                lang, awards, tags: (.tags | sort), event: [.event.name, .event.year],
                speakers: [.speakers[] | {name, role, affiliations}]}] | sort_by(.title, .kind),
            notes: [$notes[0][] | {title, kind, body, fields, lang, questions, tags: (.tags | sort), author: .author.name,
                event: [.event.name, .event.year], talks: [.talks[] | $titles[.]] | sort,
                part_of: (if .part_of then $posts[.part_of] else null end)}] | sort_by(.title, .body)}'
}

# There and back: a store made of the Markdown this one exports is like this one, and exports the same files.
round_trip() {
    lectern export markdown -o out >/dev/null
    content >one.json
    export LECTERN_STORE=$HOME/other.db
    lectern import -q out
    content >two.json
    diff one.json two.json
    lectern export markdown -o again >/dev/null
    diff -r out again
}

# No name beside NAME that begins with it: nothing half written was left.
nothing_beside() { [ "$(find "$(dirname "$1")" -maxdepth 1 -name "$(basename "$1")?*" | wc -l)" -eq 0 ]; }

# ---- markdown ----------------------------------------------------------------------------------------------------

@test "Markdown there and back is the same" {
    imported
    round_trip
}

@test "Markdown there and back: what was written here" {
    imported
    lectern note -q -e smallconf-2021 'with: colons, [brackets] and # hash'
    lectern new -q - <<<$'---\ntitle: "A \\"quoted\\" title: with colon"\nspeakers: [Bo Ek, {name: Ida, affiliation: "Fjord, Inc."}]\nevent: OtherConf 2019\nyes: no\ntime: 12:30\nnumber: 010\n---\n\nBody with trailing spaces  \n\tand a tab\n'
    lectern tag -q +mine -- "$(id_of quokka)"
    round_trip
}

@test "Markdown there and back: the samples" {
    samples=$BATS_TEST_DIRNAME/../../share/lectern/samples
    lectern import -q "$samples"/*.md "$samples/smallsys-2024"
    round_trip
}

@test "Markdown there and back: works that are only mentioned" {
    lectern import -q "$BATS_TEST_DIRNAME"/../cases/report/own-{11,13}-*.txt "$BATS_TEST_DIRNAME"/../../share/lectern/samples/reports/gantry-*.txt
    lectern list --kind mention --json | jq -e 'length > 2 and all(.[]; .notes == [])'
    lectern list --kind mention --json >kept
    lectern export markdown -o out >/dev/null
    [ -f out/mentions.md ]
    export LECTERN_STORE=$HOME/other.db
    lectern import -q out
    for each in kept <(lectern list --kind mention --json); do
        jq -S '[.[] | {title, notes, kind, fields, event: [.event.name, .event.year], speakers: [.speakers[].name], awards: [.awards[].name]}]
            | sort_by(.title, .event)' "$each"
    done >both
    jq -se '.[0] == .[1]' both
    lectern list --type note --json | jq -e 'all(.[]; .title != "mentions")'
    lectern export markdown -o again >/dev/null
    cmp out/mentions.md again/mentions.md
}

@test "the text of a note is in the file byte for byte" {
    printf -- '---\ntitle: Odd\n---\n\nr\xc3\xa9sum\xc3\xa9 \xe2\x80\x94 e\xcc\x81  \n\ttab\r\nlast line without end' >odd.md
    lectern import -q odd.md
    lectern show --json Odd | jq -j .body >body
    lectern export markdown -o out >/dev/null
    file=$(find out -name '*.md')
    tail -c "$(wc -c <body)" "$file" | cmp - body
    tail -c 30 odd.md | cmp - <(tail -c 30 "$file")
}

# ---- json --------------------------------------------------------------------------------------------------------

@test "JSON is one array of the contract's objects, bodies included" {
    imported
    lectern export json >json 2>err
    [ ! -s err ]
    holds 'list(if .type == "note" then note(" body") else (talk(" abstract") or talk(" abstract body")) end)'
    holds '[.[].type] | unique == ["note", "talk"]'
    [ "$(jq '[.[] | select(.type == "talk")] | length' json)" -eq 3 ]
    lectern export json tag:winter >json
    holds '[.[] | select(.type == "talk") | .title] == ["Slow software"]'
    lectern export json -o - | jq -e 'length > 3'
    lectern export json -o there.json
    jq -e 'length > 3' there.json
}

@test "JSON of what is hard to write" {
    printf '# Control \\ " </script>\n\nquote " backslash \\ del \x7f bell \x07 line \xe2\x80\xa8 astral \xf0\x9f\xa6\x95\n' >hard.md
    lectern import -q hard.md
    lectern export json | jq -e --rawfile file hard.md '.[0].body as $b | $file | endswith($b)'
}

# ---- html --------------------------------------------------------------------------------------------------------

@test "a web page in one file needs nothing else and carries no script" {
    printf '# <script>alert(1)</script> & co\n\n<script>alert(2)</script> [x](javascript:alert(3)) <img src=x onerror=alert(4)>\n' >evil.md
    imported
    lectern import -q evil.md
    lectern export html -o page.html >/dev/null
    [ -f page.html ]
    grep -q 'A clock is a rumour about time' page.html
    grep -q 'Kaija Laine' page.html
    not grep -qi '<script' page.html
    not grep -qi 'javascript:' page.html
    not grep -qi '<[a-z]*[^>]*onerror=' page.html
    not grep -qiE '<(link|img|iframe|object|embed)[^>]*(src|href)="?(https?:)?//' page.html
    [ "$(head -c 15 page.html | tr '[:upper:]' '[:lower:]')" = '<!doctype html>' ]
    lectern export html tag:winter -o - >winter.html
    grep -q 'Slow software' winter.html
    not grep -q 'rumour' winter.html
}

@test "a folder of web pages has an index whose links lead somewhere" {
    imported
    lectern export html -o site/ >/dev/null
    [ -f site/index.html ]
    [ "$(find site -name '*.html' | wc -l)" -ge 2 ]
    while read -r href; do [ -e "site/${href%%#*}" ]; done < <(grep -oP 'href="\K[^":]+\.html[^"]*' site/index.html)
}

# ---- where it is written -----------------------------------------------------------------------------------------

@test "the report names the files and their sizes" {
    imported
    json export markdown -o out
    [ "$status" -eq 0 ]
    holds 'record("files") and (.files | length == 3 and list(record("path bytes")))'
    while read -r bytes path; do [ "$(stat -c %s "$path")" -eq "$bytes" ]; done < <(jq -r '.files[] | "\(.bytes) \(.path)"' json)
    json export json -o one.json
    holds '.files | length == 1 and (.[0].path | endswith("/one.json"))'
    [ "$(stat -c %s one.json)" -eq "$(jq '.files[0].bytes' json)" ]
}

@test "a folder that is not ours is left alone; one of ours is replaced whole" {
    imported
    mkdir theirs
    echo precious >theirs/file.md
    fails 73 "was not made by lectern" export markdown -o theirs
    [ "$(ls theirs)" = file.md ]
    nothing_beside theirs
    lectern export markdown -o ours >/dev/null
    echo stale >ours/stale.md
    lectern export markdown tag:winter -o ours >/dev/null
    [ "$(find ours -name '*.md' | wc -l)" -eq 1 ]
    mkdir empty
    lectern export markdown -o empty >/dev/null
    [ "$(find empty -name '*.md' | wc -l)" -eq 3 ]
    echo file >plain
    fails 73 "plain" export markdown -o plain
    [ "$(cat plain)" = file ]
    fails 73 "is a folder" export json -o ours
    nothing_beside ours
}

@test "a place that cannot be written: 73, with nothing left behind" {
    imported
    fails 73 "nowhere" export json -o nowhere/x.json
    fails 73 "nowhere" export markdown -o nowhere/x
    fails 73 "/proc/lectern.json" export json -o /proc/lectern.json
    error 73 E_OUTPUT nowhere export json -o nowhere/x.json
    [ ! -e nowhere ]
}

@test "output that does not fit leaves the old file as it was" {
    imported
    for _ in $(seq 200); do cat in/trip.md; done >long.md
    lectern import -q long.md
    echo old >page.json
    start_daemon_with_little_room
    run --separate-stderr lectern export json -o page.json
    echo "$status $stderr"
    [ "$status" -eq 73 ]
    clear_line "$stderr"
    [ "$(cat page.json)" = old ]
    nothing_beside page.json
    still_alive
}

# A daemon that may write no file of more than 64 KiB, started after the store is settled.
start_daemon_with_little_room() {
    sqlite3 notes.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    cat >little <<'SH'
#!/bin/bash
ulimit -f 64
exec lecternd --daemon
SH
    chmod +x little
    start_by ./little
}

@test "standard output that is full: 73" {
    imported
    status=0
    lectern export json 2>err >/dev/full || status=$?
    cat err
    [ "$status" -eq 73 ]
    clear_line "$(cat err)"
}

@test "files have the modes the person's umask says" {
    imported
    (umask 022; lectern export json -o open.json; lectern export markdown -o open) >/dev/null
    (umask 077; lectern export json -o closed.json) >/dev/null
    [ "$(stat -c %a open.json closed.json open | tr '\n' ' ')" = "644 600 755 " ]
    start_daemon
    (umask 027; lectern export json -o group.json) >/dev/null
    [ "$(stat -c %a group.json)" = 640 ]
}

@test "an unknown format, nothing that matches, a dry run" {
    imported
    fails 64 "did you mean 'markdown'" export markdwon -o out
    fails 64 "FORMAT" export
    json export markdown -o out --dry-run
    [ "$status" -eq 0 ]
    holds '.files | length == 3'
    [[ $(lectern export markdown -o out --dry-run) == "would write "* ]]
    [ ! -e out ]
    nothing_beside out
    lectern export json speaker:nobody | jq -e '. == []'
}
