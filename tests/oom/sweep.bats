#!/usr/bin/env bats
# The Nth allocation of client and host fails, for ever larger N until none is reached. The command ends with one line and
# a status, never a crash, and the store holds everything or nothing. Needs a build with FAULTS=1 (make oom).

bats_require_minimum_version 1.5.0

setup_file() { grep -q LECTERN_FAULTS "$BUILD/flags" || { echo "this build has no faults in it; use make oom" && return 1; }; }

setup() {
    export HOME="$BATS_TEST_TMPDIR" XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run" LECTERN_NO_DAEMON=1
    unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    samples=$(cd "$BATS_TEST_DIRNAME/../../share/lectern/samples" && pwd)
    store=$HOME/.local/share/lectern/notes.db
}

# sweep AFTER COMMAND...: runs the command with failing allocations, and AFTER (a function) when it has ended.
sweep() {
    local after=$1 at=1 failures=0
    shift
    while :; do
        LECTERN_OOM_AT=$at run "$@"
        echo "allocation $at: status $status: $output"
        [ "$status" -lt 124 ]
        "$after"
        [ "$status" -ne 0 ] || break
        [[ "$output" == *"out of memory"* || "$output" == *"ended unexpectedly"* || "$output" == *E_PEER* ]]
        failures=$((failures + 1))
        at=$((at + 1 + at / 10))
    done
    [ "$failures" -gt 20 ]
}

nothing() { :; }

# All of the samples, or none of them; and a sound file.
whole_or_absent() {
    [ ! -e "$store" ] || [ "$(sqlite3 "$store" 'PRAGMA integrity_check')" = ok ]
    local talks
    talks=$(lectern --json list --type source | jq length)
    rm -rf "$HOME/.local"
    [ "$talks" -eq 0 ] || [ "$talks" -eq "$sources" ]
}

@test "listing: every allocation may fail" {
    lectern import "$samples/reading-list.md" --quiet
    sweep nothing lectern list
}

@test "importing one file: it is whole or absent" {
    sources=1
    sweep whole_or_absent lectern import "$samples/harbourconf-2025-day-1.md" --quiet
}

@test "importing a report: it is whole or absent" {
    sources=1
    sweep whole_or_absent lectern import "$samples/reports/lowtide-summit-notes.txt" --quiet
}

# The whole page, or none; and nothing half done beside it.
page_or_none() {
    [ ! -e page.html ] || tail -n 1 page.html | grep -q '</html>'
    rm -f page.html
    [ -z "$(ls -A)" ]
}

@test "exporting: the page is whole or absent" {
    lectern import "$samples/harbourconf-2025-day-1.md" --quiet
    mkdir "$HOME/out"
    cd "$HOME/out"
    sweep page_or_none lectern export html --output page.html
}

@test "a new note: it is whole or absent" {
    note() { lectern new -q - <<<"# One"; }
    whole() { rm -rf "$HOME/.local"; }
    sweep whole note
}

@test "tags, search and check of a store that is there" {
    lectern import "$samples/reading-list.md" --quiet
    sweep nothing lectern tag +red -- reading
    sweep nothing lectern search reading
    sweep nothing lectern check
    [ "$(sqlite3 "$store" 'PRAGMA integrity_check')" = ok ]
}

@test "dump, load, backup and restore: the store is the old one or the new one" {
    lectern import "$samples/reading-list.md" --quiet
    lectern dump "$HOME/one.jsonl"
    same() { lectern dump | cmp - "$HOME/one.jsonl"; }
    fresh() { rm -f "$HOME"/two.db*; }
    sweep nothing lectern dump "$HOME/again.jsonl"
    sweep nothing lectern backup create "$HOME/kept.db"
    sweep same lectern backup restore --yes "$HOME/kept.db"
    sweep fresh lectern --store "$HOME/two.db" load "$HOME/one.jsonl"
}

@test "help, without a store" { sweep nothing lectern help import; }
