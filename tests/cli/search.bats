#!/usr/bin/env bats
# Finding and reading: list, search, show, summarise, sql, and the objects of the contract.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

setup() {
    home "$BATS_TEST_TMPDIR"
    cp "$BATS_FILE_TMPDIR/first/notes.db" notes.db
}

# All tests read the same notes; each has a copy of the store.
setup_file() {
    home "$BATS_FILE_TMPDIR/first"
    imported
    sqlite3 notes.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    export SHARED_CACHE=$XDG_CACHE_HOME
}

# ---- list --------------------------------------------------------------------------------------------------------

@test "each type of object has exactly the contract's fields" {
    json list
    holds 'list(talk("")) and length == 3'
    json list --body
    holds 'list(talk(" abstract") or talk(" abstract body"))'
    json list --type note
    holds 'list(note("")) and length >= 4'
    json list --type note --body
    holds 'list(note(" body")) and all(.[]; .body | text)'
    json list --type event
    holds 'list(event) and length == 1 and .[0].talks == 3'
    json list --type person
    holds 'list(person) and length >= 3'
    json list --type source
    holds 'list(source) and length == 3 and all(.[]; .encoding == "utf-8")'
    json list --type tag
    holds 'list(tag) and ([.[].name] | sort == ["craft", "time", "winter"]) and all(.[]; .count >= 1)'
    json list --type session
    holds 'list(session)'
}

@test "what front matter says is in the talk, and what we do not know is in its fields" {
    json list kind:keynote
    holds '.[0] | .title == "Slow software" and .kind == "keynote" and .start == "2021-06-03" and .room == "Hall B"
        and (.tags | sort) == ["craft", "winter"] and .fields.mood == "bright" and .speakers[0].name == "Kaija Laine"
        and .event.slug == "smallconf-2021" and (.notes | length) == 1 and .words > 10'
    json list speaker:byron
    holds 'length == 1 and .[0].speakers[0].affiliations == ["Analytical"]'
}

@test "sources are checked bytes of the file" {
    json show --json measured
    holds '.sources | length == 1 and .[0].byte_start < .[0].byte_end'
    read -r path first last < <(jq -r '.sources[0] | "\(.path) \(.byte_start) \(.byte_end)"' json)
    [[ $(head -c "$last" "$path" | tail -c +$((first + 1))) == *"A clock is a rumour"* ]]
    json list --type source
    while read -r sum bytes path; do
        [ "$sum" = "$(sha256sum <"$path" | cut -d ' ' -f 1)" ]
        [ "$bytes" -eq "$(stat -c %s "$path")" ]
    done < <(jq -r '.[] | "\(.sha256) \(.bytes) \(.path)"' json)
}

@test "bytes are counted after the byte order mark, lines from 1" {
    printf '\xef\xbb\xbf# Conf 2020\n\n## One\n\n**Bo Ek**\n\nAbout caf\xc3\xa9s.\n\n## Two\n\n**Ida Ro**\n\nAbout narwhals.\n' >bom.md
    lectern import bom.md >/dev/null
    json show narwhals
    read -r first last line < <(jq -r '.sources[0] | "\(.byte_start) \(.byte_end) \(.line_start)"' json)
    tail -c +4 bom.md | head -c "$last" | tail -c +$((first + 1)) | head -n 1 | grep -qx '## Two'
    [ "$(sed -n "${line}p" bom.md)" = '## Two' ]
    [ "$last" -eq $(($(stat -c %s bom.md) - 3)) ]
}

@test "all in a pipe, a screenful on a terminal" {
    mkdir many
    for i in $(seq 210); do echo "# Note $i" >many/"$i".md; done
    lectern import many >/dev/null
    [ "$(lectern list --type note | wc -l)" -eq 215 ]
    [ "$(lectern list --type note --json | jq length)" -eq 215 ]
    [ "$(lectern list --type note -n 212 | wc -l)" -eq 212 ]
    on_terminal "lectern --color never --no-pager list --type note"
    [ "$(grep -c ' note ' <<<"$output")" -le 200 ]
    [[ $output == *"-n "* ]]
}

@test "queries, kinds, sorting, limits and pages" {
    json list --kind keynote
    holds '[.[].title] == ["Slow software"]'
    json list event:smallconf-2021 --sort title
    holds '[.[].title] == ["Clocks that lie", "Queues are promises", "Slow software"]'
    json list --sort title:desc -n 2
    holds '[.[].title] == ["Slow software", "Queues are promises"]'
    json list --sort title -n 1
    after=$(jq -r '.[0].id' json)
    json list --sort title --after "$after"
    holds '[.[].title] == ["Queues are promises", "Slow software"]'
    json list -n 0
    holds '. == []'
    json list tag:time OR tag:winter
    holds 'length == 2'
    json list -tag:time
    holds 'length == 2'
}

@test "a list with nothing is no failure, and says nothing in a pipe" {
    run lectern list speaker:nobody
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    json list speaker:nobody
    [ "$status" -eq 0 ]
    holds '. == []'
    on_terminal "lectern list speaker:nobody"
    [ "$status" -eq 0 ]
    [[ $output == *"no talk"* ]]
}

@test "--format makes lines, --null ends them with NUL" {
    run lectern list --sort title --format '{short}\t{event.slug}\t{title}\t{speakers.name}'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]/[0-9a-f]*$'\t'smallconf/id$'\t'smallconf} == $'id\tsmallconf-2021\tClocks that lie\tAda Byron' ]]
    [ "$(lectern list --format '{title}' -0 | tr '\0' '#' | grep -o '#' | wc -l)" -eq 3 ]
    [ "$(lectern list --format '{title}' -0 | wc -l)" -eq 0 ]
    fails 64 "unknown field 'titel'*did you mean 'title'" list --format '{titel}'
}

@test "an unknown type, sort or option is refused with the nearest" {
    fails 64 "did you mean 'person'" list --type persom
    fails 64 "titel*title" list --sort titel
    fails 64 "unknown option '--limt' of 'list'; did you mean '--limit'" list --limt 3
    fails 64 "'list --limit' wants a whole number, not 'many'" list --limit many
    fails 64 "'list --limit' wants a value" list --limit
}

@test "--jsonl: an object a line; head ends it quietly" {
    lectern list --type note --jsonl >out
    [ "$(wc -l <out)" -eq "$(lectern list --type note --json | jq length)" ]
    while read -r line; do jq -e '.type == "note"' <<<"$line" >/dev/null; done <out
    for how in list 'list --jsonl' 'list --json' 'list --type note' 'search software' 'help' 'show measured' 'describe list'; do
        # shellcheck disable=SC2086
        { lectern $how 2>err; echo $? >code; } | head -n 1 >/dev/null
        echo "$how: $(cat code err)"
        [ ! -s err ]
        [ "$(cat code)" -eq 0 ]
    done
}

# ---- search ------------------------------------------------------------------------------------------------------

@test "hits have the contract's fields and show where they match" {
    json search rumour
    holds 'list(hit) and length == 1 and (.[0].snippet | contains("rumour"))'
    holds '.[0].matches | length == 1'
    read -r first last < <(jq -r '.[0].matches[0] | "\(.[0]) \(.[1])"' json)
    [ "$(jq -j '.[0].snippet' json | head -c "$last" | tail -c +$((first + 1)))" = rumour ]
}

@test "titles before text, phrases, prefixes, fields, NOT and OR" {
    json search clocks
    holds '.[0].title == "Clocks that lie"'
    json search '"rumour about time"'
    holds 'length == 1'
    no_hit '"time about rumour"'
    json search 'uniker*'
    holds 'length == 1'
    json search 'speaker:said'
    holds 'length == 1 and .[0].title == "Queues are promises"'
    json search winter NOT rumour
    holds 'length == 1 and .[0].title == "Slow software"'
    json search rumour OR unikernel
    holds 'length == 2 and ([.[].score] | . == (sort | reverse))'
    json search 'RUMOUR'
    holds 'length == 1'
    json search -n 1 rumour OR unikernel
    holds 'length == 1'
}

@test "no hit is 1 and an empty array" {
    json search nonsuchword
    [ "$status" -eq 1 ]
    holds '. == []'
    run lectern search nonsuchword
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    fails 64 "QUERY" search
}

@test "a query is never syntax of another language" {
    for query in '"' "'" '*' '(' 'a AND' 'NEAR(a b)' 'title:' 'rumour"' '- -' '^' 'col:x' '{}' ';drop table t_talk' '%' '"" ""' 'a:b:c' ':' 'OR' 'NOT'; do
        run --separate-stderr lectern search -- "$query"
        echo "$query: $status $stderr"
        [[ $status == [01] || $status == 64 ]]
        [[ $status != 64 ]] || clear_line "$stderr"
        [[ $stderr != *sql* && $stderr != *fts* && $stderr != *syntax\ error\ near* ]]
    done
    json list
    holds 'length == 3'
}

# ---- show --------------------------------------------------------------------------------------------------------

@test "show finds by id, prefix, words, file and standard input" {
    id=$(id_of measured)
    for target in "$id" "${id:0:8}" "${id:0:13}" 'clocks lie'; do
        json show "$target"
        [ "$status" -eq 0 ]
        holds '.title == "Clocks that lie" and (talk(" abstract") or talk(" abstract body") or note(" body"))'
    done
    lectern show --json - <<<"$id" | jq -e '.title == "Clocks that lie"'
    run lectern show "${id:0:8}"
    [ "$status" -eq 0 ]
    [[ $output == *"Clocks that lie"* && $output == *"Ada Byron"* && $output == *"rumour about time"* ]]
    # a file as people type it: in full, from where they are, by its name
    cd "$BATS_FILE_TMPDIR/first"
    mkdir -p deep
    cd deep
    for target in "$BATS_FILE_TMPDIR/first/in/shopping.md" ../in/shopping.md ./../in/../in/shopping.md shopping.md; do
        json show "$target"
        [ "$status" -eq 0 ]
        holds '.title == "Shopping"'
    done
    cd ../in
    lectern show --json ./shopping.md | jq -e '.title == "Shopping"'
}

@test "a year is a word too" {
    lectern show --json 2021 | jq -e '.title | length > 0'
    lectern summarise --json 2021 | jq -e '.[0].sentences | length > 0'
    fails 1 "nothing matches" show 1875
}

@test "show a post: the whole file put together again" {
    post=$(lectern list --type note --kind post --json | jq -r '.[0].id')
    json show "$post"
    holds 'note(" body") and .kind == "post" and .part_of == null'
    run lectern show "$post" --format markdown
    [ "$status" -eq 0 ]
    [[ $output == *"Two days by the sea"*"A clock is a rumour"*"The unikernel booted first."* ]]
}

@test "show in each format" {
    id=$(id_of measured)
    run lectern show "$id" --format markdown
    [ "$status" -eq 0 ]
    [[ $output == *"A clock is a rumour"* ]]
    run lectern show "$id" --format html
    [ "$status" -eq 0 ]
    [[ $output == *"<html"*"A clock is a rumour"* ]]
    lectern show "$id" --format json | jq -es 'length == 1 and .[0].type != null'
    run lectern show "$id" --format text
    [[ $output == *"A clock is a rumour"* ]]
    fails 64 "did you mean 'markdown'" show "$id" --format markdwon
}

@test "show without a hit is 1" {
    fails 1 "nothing matches" show nonsuchword
    fails 1 "00000000" show 00000000-0000-4000-8000-000000000000
    error 1 E_NOTFOUND nonsuchword show nonsuchword
    fails 64 "TARGET" show
}

# ---- summarise ---------------------------------------------------------------------------------------------------

@test "sentences are bytes of the note they come from" {
    for command in summarise summarize; do
        json $command measured --sentences 2
        [ "$status" -eq 0 ]
        holds 'list(record("target method sentences") and (.method | text)
            and (.sentences | list(record("text score span") and (.score | type == "number") and (.span | span))))'
        holds 'length == 1 and (.[0].sentences | length) == 2 and .[0].sentences[0].text == "A clock is a rumour about time."'
    done
    note=$(jq -r '.[0].sentences[0].span.note' json)
    lectern show --json "$note" >note.json
    jq -j .body note.json >body
    for i in 0 1; do
        read -r first last < <(jq -r --argjson i $i '.[0].sentences[$i].span | "\(.byte_start) \(.byte_end)"' json)
        [ "$(head -c "$last" body | tail -c +$((first + 1)))" = "$(jq -r --argjson i $i '.[0].sentences[$i].text' json)" ]
    done
}

@test "summaries of many, by name, explained, of nothing" {
    json summarise event:smallconf-2021 --with lead --sentences 1
    holds 'length == 3 and all(.[]; .method == "lead" and (.sentences | length) == 1)'
    json summarise "$(id_of measured)" "$(id_of unikernel)"
    holds 'length == 2'
    json summarise measured --explain
    [ "$status" -eq 0 ]
    run lectern summarise measured --sentences 1
    [[ $output == *"A clock is a rumour about time."* ]]
    lectern list --json | jq -r '.[].id' | lectern summarise --json - --sentences 1 | jq -e 'length == 3'
    fails 64 "did you mean 'lead'" summarise measured --with laed
    fails 1 "nonsuchword" summarise nonsuchword
    fails 64 "--sentences" summarise measured --sentences 0
}

# ---- sql ---------------------------------------------------------------------------------------------------------

@test "sql reads the documented views, as objects" {
    json sql 'SELECT title, event FROM talk ORDER BY title'
    holds 'length == 3 and .[0] == {"title": "Clocks that lie", "event": "smallconf-2021"}'
    for view in note talk event person session appearance tag source run; do
        json sql "SELECT count(*) AS n FROM $view"
        holds 'length == 1 and (.[0].n | whole)'
    done
    json sql 'SELECT 1 WHERE 0'
    holds '. == []'
}

@test "sql that writes, lists secrets or runs on is refused, the store untouched" {
    before=$(stored)
    for statement in 'DELETE FROM t_talk' "UPDATE t_talk SET title = 'x'" 'DROP VIEW talk' 'PRAGMA journal_mode = OFF' \
        "ATTACH 'x.db' AS x" 'CREATE TABLE x(y)' 'VACUUM' 'BEGIN IMMEDIATE' "SELECT load_extension('x')" 'SELECT * FROM t_talk' \
        "SELECT writefile('x', 'y')" "SELECT readfile('/etc/passwd')" 'SELECT 1; DELETE FROM t_talk'; do
        run --separate-stderr lectern sql "$statement"
        echo "$statement: $status $stderr"
        [[ $status == 64 || $status == 77 ]]
        clear_line "$stderr"
        [ -z "$output" ]
    done
    fails 64 "nonsuch" sql 'SELECT nonsuch FROM talk'
    fails 64 "SELEKT" sql 'SELEKT 1'
    run --separate-stderr lectern --timeout 500ms sql \
        'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
    echo "$status $stderr"
    [ "$status" -eq 124 ]
    clear_line "$stderr"
    [ "$(stored)" = "$before" ]
}

# ---- ids ---------------------------------------------------------------------------------------------------------

@test "prefixes of six digits and more are ids; ambiguous ones list the candidates" {
    id=$(id_of measured)
    run lectern history "${id:0:6}"
    [ "$status" -eq 0 ]
    fails 64 "6" history "${id:0:5}"
    fails 1 "ffffffff" history ffffffff
    # two notes whose ids begin alike
    for twin in 1 2; do
        sqlite3 notes.db "UPDATE entity SET id = x'abcdef1234564abc8def00000000000$twin' WHERE n =
            (SELECT n FROM entity WHERE type = 0 AND hex(id) NOT LIKE 'ABCDEF%' LIMIT 1)"
    done
    sqlite3 notes.db "INSERT INTO key_recent SELECT (0xabcdef12 >> 2 << 33) | n FROM entity WHERE hex(id) LIKE 'ABCDEF%'"
    fails 64 "abcdef12" show abcdef12
    [[ $stderr == *abcdef12*abcdef12*abcdef12* ]]
    fails 64 "abcdef12" history abcdef12
    error 64 E_USAGE abcdef12 show abcdef12
    json list --type note
    id=$(jq -r '[.[].id | select(startswith("abcdef12"))][0]' json)
    holds 'all(.[]; .id as $id | .short | short_of($id)) and ([.[].short] | length == (unique | length))'
    json show "$id"
    holds '.id == $id' --arg id "$id"
}

@test "sql: columns in the order asked for, below their names" {
    run lectern sql 'SELECT kind, title, length(title) AS n FROM talk ORDER BY title'
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "kind     title                 n" ]
    [ "${lines[1]}" = "talk     Clocks that lie      15" ]
    [ "${lines[3]}" = "keynote  Slow software        13" ]
    [ "${#lines[@]}" -eq 4 ]
    run lectern sql 'SELECT title FROM talk WHERE n < 0'
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

# ---- what helps to find ------------------------------------------------------------------------------------------

@test "facets count what is found" {
    json list --facets event,year
    holds '.[0] == {"type": "facet", "field": "event", "value": "smallconf-2021", "count": 3} and .[1].field == "year"'
    json list rumour --facets speaker
    holds 'length >= 1 and all(.[]; .field == "speaker" and .count == 1)'
    fails 64 "cannot be counted by 'evnt'*did you mean 'event'" list --facets evnt
}

@test "hits go on behind the last one, once each" {
    json search rumour OR unikernel OR winter
    all=$(jq -c '[.[].id]' json)
    [ "$(jq length json)" -ge 2 ]
    json search -n 1 rumour OR unikernel OR winter
    first=$(jq -r '.[0].id' json)
    json search --after "$first" rumour OR unikernel OR winter
    [ "$(jq -c --arg first "$first" '[$first] + [.[].id]' json)" = "$all" ]
    fails 64 "not among the hits" search --after "$first" nonsuchword
}

@test "weights are options of a search" {
    json search --weights 0,0,0,1 rumour
    holds 'length >= 1'
    fails 64 "'1,2' are no weights" search --weights 1,2 rumour
    fails 64 "are no weights" search --weights=-1,1,1,1 rumour
}

@test "values of fields that are nowhere have near ones" {
    on_terminal "lectern --color never search tag:wintr"
    [[ $output == *"did you mean "*tag:winter* ]]
}

@test "what stands inside of words is found, and in scripts without spaces" {
    lectern note "analogue 東京の会議 recollected" >/dev/null
    for query in '*ecollect*' '*COLLECTED' '京の' '会議' '*東京*' 'body:*alogu*'; do
        json search "$query"
        holds 'length == 1 and (.[0].snippet | contains("recollected")) and (.[0].matches | length >= 1)'
    done
    run -1 lectern search '*ecollecting*'
}

@test "English alone is stemmed" {
    printf -- '---\nlang: de\ntitle: Sammlungen\n---\nZwei meetings.\n' >de.md
    printf 'Three meetings.\n' >en.md
    lectern --quiet import de.md en.md
    json search meeting
    holds 'length == 1'
    json search meetings
    holds 'length == 2'
}

@test "a value that a field cannot have is told with its column" {
    fails 64 "'soon' is no year, at column 13 of the query" search rumour year:soon
    on_terminal "lectern --color never search '東京 year:soon'"
    [[ $output == *"at column 9 of the query"*$'\n  東京 year:soon\n            ^\n'* ]] # two of them are two columns wide
    json search 'rumour year:soon'
    holds '.error.code == "E_USAGE" and .error.column == 13'
    fails 64 "'nothing' is nothing that can be had" list has:nothing
    fails 64 "'many' is no number*>100" list words:many
    run lectern help query
    [ "$status" -eq 0 ]
    [[ $output == *"words:>500"* && $output == *"field.mood"* ]]
}
