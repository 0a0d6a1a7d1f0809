# shellcheck shell=bash disable=SC2154 # what scripts/bench sets
# Figures of exports and summaries, read by scripts/bench: P15 P16.

compile_export() {
    compile limit_export -lcmark
    compile limit_rank -O3 -lm
}

P15() {
    settle P15
    local mine limit ratio
    library
    timed "$((few * 4))" -- "$bin/limit_export" "$tmp/notes" \
        -- lectern --no-daemon --store "$tmp/library.db" --dry-run export html --output "$home/page.html" >"$home/own"
    mine=$(at 2 2 "$home/own") limit=$(at 1 2 "$home/own") ratio=$(at 2 5 "$home/own")
    row P15 "export of $notes notes to HTML, no writes" "$(ms "$mine")" "$(ms "$limit")" "$(calc "$ratio")" "<= 2" \
        "$(holds "$ratio <= 2")"
}

# summaries SIZE GOAL: rows of a note of so many bytes, by each method; the limit is TextRank in plain C.
summaries() {
    local method rounds=$((900000 / $1)) mine limit
    lectern bulk.text "$1" >"$home/text"
    for _ in $(seq "$few"); do
        for method in gist textrank lexrank; do
            lectern bulk.summary $method "$1" $rounds >>"$home/$method.$1"
            "$bin/limit_rank" "$home/text" $rounds >>"$home/limit.$1"
        done
    done
    limit=$(middle 1 "$home/limit.$1")
    for method in gist textrank lexrank; do
        mine=$(middle 1 "$home/$method.$1")
        row P16 "summary of $(($1 / 1000)) kB in the compartment, $method" "$(us "$mine")" "$(us "$limit")" \
            "$(calc "$mine / $limit")" "<= $2 us" "$(holds "$mine <= $2")"
    done
}

P16() {
    settle P16
    local mine
    library
    cp "$root/tests/bench/bulk.lua" "$XDG_CONFIG_HOME/lectern/plugins/bulk.lua"
    lectern --no-daemon plugin grant bulk --yes >/dev/null
    LECTERN_STORE=$tmp/library.db
    start_daemon
    summaries 3000 200
    summaries 37000 8000
    clean
    "$bin/talknotes" 1000 "$home/talks"
    LECTERN_STORE=$home/talks.db
    lectern --no-daemon --quiet import "$home/talks" >/dev/null
    "$bin/spawn" $((few * 2)) -- lectern --no-daemon digest >"$home/own"
    mine=$(at 1 2 "$home/own")
    row P16 "digest of 1000 talks, whole process" "$(ms "$mine")" - - "<= 1 s" "$(holds "$mine <= 1000")"
}
