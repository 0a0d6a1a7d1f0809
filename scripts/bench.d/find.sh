# shellcheck shell=bash disable=SC2154 # what scripts/bench sets
# Figures of finding, read by scripts/bench: P10 P12 P13 P14 P19.
#
# --notes N asks for a larger store; 100,000 take a minute or two, a million a quarter of an hour and 8 GB in /tmp. All
# figures of one call share the notes and the store.

compile_find() {
    # shellcheck disable=SC2086
    compile searches "$BUILD/libstore.a" $1 -l:libsqlite3.a -l:libz.a -lm -lpthread -ldl
    # shellcheck disable=SC2086
    compile limit_hash $1
}

# stock STORE FOLDER: what lies in FOLDER imported, ten thousand notes a command.
stock() {
    local parts=("$2"/*) at
    for ((at = 0; at < ${#parts[@]}; at += 20)); do
        lectern --no-daemon --store "$1" --quiet import "${parts[@]:at:20}" >/dev/null
    done
}

# The notes as files and in lectern's store, however many; $tmp/stocked: how many ms that took.
stocked() {
    local start
    [ -d "$tmp/notes" ] || "$bin/talknotes" "$notes" "$tmp/notes"
    [ ! -e "$tmp/library.db" ] || return 0
    start=${EPOCHREALTIME/./}
    stock "$tmp/library.db" "$tmp/notes"
    echo $(((${EPOCHREALTIME/./} - start) / 1000)) >"$tmp/stocked"
}

P10() {
    settle P10
    local mine limit ratio before after store=$tmp/library.db times=$((few * 4))
    stocked
    [ "$notes" -le 100000 ] || times=1
    # shellcheck disable=SC2016 # rows of all tables, as one number
    count='select (select count(*) from entity) + (select count(*) from journal) + (select count(*) from note_rev)
        + (select count(*) from origin) + (select count(*) from t_source) + (select total(rev) from entity)'
    before=$(sqlite3 "$store" "$count")
    timed "$times" -- "$bin/limit_hash" "$tmp/notes" \
        -- lectern --no-daemon --store "$store" --quiet import "$tmp/notes" >"$home/own"
    after=$(sqlite3 "$store" "$count")
    mine=$(at 2 2 "$home/own") limit=$(at 1 2 "$home/own") ratio=$(at 2 5 "$home/own")
    row P10 "import of $notes notes that did not change" "$(ms "$mine")" "$(ms "$limit")" "$(calc "$ratio")" "<= 1.5" \
        "$(holds "$ratio <= 1.5")"
    row P10 "  rows written by it" "$(calc "$after - $before")" 0 - "0" "$(holds "$after == $before")"
}

# searched STORE: what tests/bench/searches says of it, in $home/searches.
searched() {
    local times=$((few * 70))
    [ "$notes" -le 100000 ] || times=$((few * 5)) # FTS5 takes a second each
    "$bin/searches" "$1" "$times" >"$home/searches"
}

P12() {
    settle P12
    local what matches mine _ first fts same goal verdict
    stocked
    searched "$tmp/library.db"
    while IFS=$'\t' read -r what matches mine _ first fts same; do
        [ "$fts" != - ] || continue
        goal='' verdict=informative
        case $what in common) goal="<= 0.1" verdict=$(holds "$mine <= 0.1 * $fts") ;; esac
        [ "$same" = yes ] || goal="the same ten" verdict=misses
        row P12 "$what, $matches of $notes notes; beside FTS5" "$(us "$mine")" "$(us "$fts")" \
            "$(calc "$mine / $fts")" "$goal" "$verdict"
        [ "$what" != common ] || row P12 "  its first search" "$(us "$first")" "$(us "$fts")" \
            "$(calc "$first / $fts")" "" informative
    done <"$home/searches"
}

P13() {
    settle P13
    local p99 first
    stocked
    searched "$tmp/library.db"
    p99=$(awk -F '\t' '$1 == "newest ten" { print $4 }' "$home/searches")
    first=$(awk -F '\t' '$1 == "newest ten" { print $5 }' "$home/searches")
    row P13 "list of the newest ten of $notes, p99" "$(us "$p99")" - - "<= 1 ms" "$(holds "$p99 <= 1000")"
    row P13 "  the first of a connection" "$(us "$first")" - - "" informative
}

P14() {
    settle P14
    local bytes size
    stocked
    sqlite3 "$tmp/library.db" 'pragma wal_checkpoint(truncate)' >/dev/null
    bytes=$(find "$tmp/notes" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
    size=$(stat -c %s "$tmp/library.db")
    row P14 "store of $notes notes, beside their bytes" "$(calc "$size / 1e6") MB" "$(calc "$bytes / 1e6") MB" \
        "$(calc "$size / $bytes")" "<= 3.5" "$(holds "$size <= 3.5 * $bytes")"
}

# grown STORE MS: searches of a store that was imported in MS; "ms of import, us of a common word, its matches, us of a rare
# one, KiB of the host after searches" in $home/grown.
grown() {
    local start=$2 word memory_of
    searched "$1"
    export LECTERN_STORE=$1
    start_daemon
    for word in storage collector garbage network "storage OR network" "garbage collector" "$(printf 'talk%07d' 7)"; do
        for _ in 1 2 3; do lectern search "$word" >/dev/null; done
    done
    memory_of=$(memory Rss "$daemon")
    clean
    rm -rf "$XDG_RUNTIME_DIR/lectern"
    awk -F '\t' -v import="$start" -v kib="$memory_of" '
        $1 == "common" { common = $3; matches = $2 } $1 == "rare" { rare = $3 }
        END { print import "\t" common "\t" matches "\t" rare "\t" kib }' "$home/searches" >"$home/grown"
}

P19() {
    settle P19
    local small=$((notes / 10)) start one common matches rare kib one2 common2 matches2 rare2 kib2
    [ "$small" -ge 10000 ] || [ -n "$quick" ] || small=$((notes > 10000 ? 10000 : notes / 10))
    [ "$notes" -lt 1000000 ] || small=10000
    "$bin/talknotes" "$small" "$home/few"
    start=${EPOCHREALTIME/./}
    stock "$home/small.db" "$home/few"
    grown "$home/small.db" $(((${EPOCHREALTIME/./} - start) / 1000))
    IFS=$'\t' read -r one common matches rare kib <"$home/grown"
    stocked
    grown "$tmp/library.db" "$(cat "$tmp/stocked")"
    IFS=$'\t' read -r one2 common2 matches2 rare2 kib2 <"$home/grown"
    row P19 "import, a note, $notes beside $small" "$(us "$one2 * 1000 / $notes")" "$(us "$one * 1000 / $small")" \
        "$(calc "$one2 * $small / ($one * $notes)")" "<= 1.5" "$(holds "$one2 * $small <= 1.5 * $one * $notes")"
    row P19 "search of a rare word" "$(us "$rare2")" "$(us "$rare")" "$(calc "$rare2 / $rare")" "<= 1.5" \
        "$(holds "$rare2 <= 1.5 * $rare")"
    row P19 "search of a common word, a match" "$(us "$common2 / $matches2")" "$(us "$common / $matches")" \
        "$(calc "($common2 / $matches2) / ($common / $matches)")" "<= 1.5" \
        "$(holds "$common2 / $matches2 <= 1.5 * $common / $matches")"
    row P19 "memory of the host after searches: RSS" "$(mb "$kib2")" "$(mb "$kib")" "$(calc "$kib2 / $kib")" "" informative
}
