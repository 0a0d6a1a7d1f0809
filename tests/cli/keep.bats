#!/usr/bin/env bats
# Keeping the store through the shell: check, backup, dump, doctor; with a daemon, without one, and with both.

# shellcheck disable=SC2034 # set for the library
load lib

# Turns a page of the store to nothing; nobody may have it open.
break_page() { dd if=/dev/zero of="$LECTERN_STORE" bs=8192 seek=$(($1 - 1)) count=1 conv=notrunc status=none; }

page_of() { sqlite3 "$LECTERN_STORE" "SELECT rootpage FROM sqlite_schema WHERE name = '$1'"; }

@test "a daemon's store is backed up, changed and brought back while it runs" {
    imported
    start_daemon
    lectern dump >one.jsonl
    lectern backup create kept.db
    lectern new -q - <<<"# Later"
    lectern backup restore --yes kept.db
    lectern dump | cmp - one.jsonl
    lectern new -q - <<<"# After"
    [ "$(lectern list --type note --json | jq '[.[] | select(.title == "After" or .title == "Later")] | length')" -eq 1 ]
    lectern check
    stop_daemon
    lectern check
}

@test "a backup by another host while a daemon imports" {
    start_daemon
    lectern new -q - <<<"# Note 0"
    (exec 3>&-; for i in $(seq 40); do lectern new -q - <<<"# Note $i" || exit 1; done) &
    writer=$!
    for i in 1 2 3; do lectern --no-daemon backup create "b$i.db"; done
    wait "$writer"
    for i in 1 2 3; do lectern --no-daemon --store "$PWD/b$i.db" check; done
    [ "$(lectern list --type note --json | jq length)" -eq 41 ]
}

@test "check says what it looked at; a store with a fault is told from a sound one" {
    imported
    lectern check --json | jq -e 'length > 15 and all(.ok)'
    sqlite3 "$LECTERN_STORE" "UPDATE t_note SET words = words + 1 WHERE n = (SELECT min(n) FROM t_note)"
    run lectern check
    [ "$status" -eq 1 ]
    [[ $output == *"BAD bodies"*"1 of "*"another number of words"* ]]
    run lectern doctor
    [ "$status" -eq 1 ]
    [[ $output == *"doctor --repair"* ]]
    lectern doctor --repair --yes
    lectern check
}

@test "a damaged store: every command says so, the doctor saves what can be read and keeps the rest" {
    imported
    notes=$(lectern list --type note --json | jq length)
    break_page "$(page_of t_talk)"
    run lectern list
    [ "$status" -eq 74 ]
    [[ $output == *damaged* ]]
    run lectern doctor --repair
    [ "$status" -ne 0 ] # nobody was there to say yes
    lectern doctor --repair --yes --json >report.json
    jq -e 'any(.[]; .what == "repair") and all(.[]; .ok or .what == "sandbox")' report.json
    [ "$(lectern list --type note --json | jq length)" -eq "$notes" ]
    [ "$(find . -name 'notes.db.damaged-*Z' | wc -l)" -eq 1 ]
}

@test "a store without its head: moved aside, but not from under a host that has it open" {
    imported
    start_daemon
    lectern list >/dev/null
    head -c 100 /dev/urandom | dd of="$LECTERN_STORE" conv=notrunc status=none
    run lectern --no-daemon doctor --repair --yes
    [ "$status" -eq 75 ]
    [[ $output == *"daemon stop"* ]]
    stop_daemon
    lectern doctor --repair --yes
    lectern check
    [ "$(lectern list --type note --json | jq length)" -gt 0 ]
}

@test "a dump of megabytes goes through standard output; load reads it from standard input" {
    for i in $(seq 30); do { echo "# Long $i"; yes "words of note $i and more" | head -3000; } >"n$i.md"; done
    lectern import -q . >/dev/null
    lectern dump >one.jsonl
    [ "$(stat -c %s one.jsonl)" -gt 2000000 ]
    lectern --store "$HOME/two.db" load - <one.jsonl
    lectern --store "$HOME/two.db" dump two.jsonl
    cmp one.jsonl two.jsonl
    lectern dump | head -1 | grep -q '"lectern":"dump"'
}

@test "a store in a folder that may not be written is read; writing says so" {
    imported
    mkdir sealed && cp notes.db sealed/ && chmod 500 sealed && chmod 400 sealed/notes.db
    export LECTERN_STORE=$HOME/sealed/notes.db
    without_root lectern list --json | jq -e 'length > 0'
    without_root lectern search --json quokka | jq -e 'length > 0'
    run without_root lectern new -q - <<<"# No"
    [ "$status" -eq 74 ]
    [[ $output == *"read only"* ]]
    chmod 700 sealed
}

@test "hosts that write at once while the store is restored: it is the one or the other, and sound" {
    imported
    lectern backup create kept.db
    (exec 3>&-; for i in $(seq 12); do lectern --no-daemon new -q - <<<"# Note $i" >/dev/null 2>&1; done) &
    writer=$!
    run lectern --no-daemon backup restore --yes kept.db
    wait "$writer" || true
    echo "$output"
    [ "$status" -eq 0 ] || [ "$status" -eq 75 ]
    lectern check
}

@test "Ctrl-C ends a backup and a load, and nothing is left of them" {
    imported
    lectern dump -q d.jsonl
    mkfifo -m 600 silent alone
    sleep 60 >silent &
    writer=$!
    for pipe in silent alone; do # somebody has it open and says nothing; nobody has
        run -130 timeout --preserve-status -k 9 -s INT 0.6 lectern --store new.db load "$pipe"
        [[ $output == *cancelled* ]]
        [ -z "$(compgen -G 'new.db*')" ]
    done
    kill "$writer"
    for wait in 0.03 0.05 0.07 0.09 0.12 0.16; do
        run timeout --preserve-status -k 9 -s INT "$wait" lectern backup create -q b.db
        [ "$status" -eq 130 ] || [ "$status" -eq 0 ]
        [ -z "$(compgen -G 'b.db?*')" ]                          # no half of one; the last moment may be too late
        [ ! -e b.db ] || lectern --store c.db backup restore -q b.db
        rm -f b.db c.db*
    done
    lectern check -q
    (cat d.jsonl >alone) & # a pipe that somebody writes to is read to its end
    lectern --store new.db load -q alone
    lectern --store new.db check -q
}

@test "a source that is purged is gone from where it would be found, and its file can be imported again" {
    printf '# One\n\nText.\n' >one.md
    lectern import -q one.md
    one=$(lectern list --type source --json | jq -r '.[0].id')
    lectern delete -q "$one"
    lectern purge -q --yes "$one"
    lectern check -q
    [ "$(sqlite3 "$LECTERN_STORE" "SELECT count(*) FROM (SELECT k FROM key_recent UNION ALL SELECT k FROM key_settled) WHERE k >> 32 & 1")" -eq 0 ]
    mv one.md moved.md # known by its bytes no more
    lectern import moved.md --json | jq -e '.sources[0].status == "made"'
    lectern check -q
}
