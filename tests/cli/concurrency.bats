#!/usr/bin/env bats
# Many at once: clients of one daemon, private hosts on one store, daemons that race, and ends in the middle of an import.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

# Importer of files that end in .slow: it waits until the file "go" is imported, or for long.
slow_plugin() {
    mkdir -p p
    cat >p/slow.lua <<'LUA'
local lectern = require "lectern"
lectern.importer "slow" { doc = "Takes its time", match = { extensions = { "slow" } },
  detect = function() return 100, "slow" end,
  import = function(source, _, job)
    job:emit { type = "note", key = "a", title = source.stem .. " first", body = "half a source", bytes = { 0, 4 }, why = "x" }
    lectern.sleep(30)
    job:emit { type = "note", key = "b", title = source.stem .. " second", body = "other half", bytes = { 4, 8 }, why = "x" }
  end }
LUA
    export LECTERN_PLUGIN_PATH=$PWD/p
    notes
    echo 'twelve bytes' >in/zz.slow
}

sources() { lectern --no-daemon list --type source --json | jq "length $1"; }
three_sources() { [ "$(sources '>= 3')" = true ]; }

# Whole sources: those of the notes, and nothing of the slow one.
whole() {
    [ "$(sources '')" -eq 3 ]
    lectern --no-daemon list --type note --json | jq -e 'any(.[]; .title == "zz first" or .title == "zz second") | not'
    lectern --no-daemon list --json | jq -e 'length == 3'
    sqlite3 notes.db 'PRAGMA integrity_check' | grep -qx ok
    lectern --no-daemon check >/dev/null
}

@test "20 clients of one daemon, reading and writing: all are answered" {
    imported
    start_daemon
    pids=
    for i in $(seq 20); do
        (
            exec 3>&-
            set -e
            for k in 1 2 3; do
                case $((i % 5)) in
                0) lectern note -q "note $i of round $k word${i}x$k" ;;
                1) lectern new -q - <<<"# New $i $k"$'\n\n'"text word${i}x$k" ;;
                2) lectern list --json | jq -e 'length >= 3' ;;
                3) lectern search --json rumour | jq -e 'length == 1' ;;
                4) lectern show --json measured | jq -e '.title' ;;
                esac
            done
        ) >"out.$i" 2>&1 &
        pids="$pids $!"
    done
    failed=0
    for pid in $pids; do wait "$pid" || failed=$((failed + 1)); done
    cat out.*
    [ "$failed" -eq 0 ]
    still_alive
    for i in 1 6 11 16; do
        for k in 1 2 3; do lectern search --json "word${i}x$k" | jq -e 'length == 1'; done
    done
    body=$(lectern list --type note --kind scratch --body --json | jq -r '.[].body')
    for i in 5 10 15 20; do
        for k in 1 2 3; do [[ $body == *"word${i}x$k"* ]]; done
    done
}

@test "8 private hosts on one store: nothing is lost" {
    imported
    pids=
    for i in $(seq 8); do
        (exec 3>&-; lectern --no-daemon new -q - <<<"# Private $i"$'\n\n'"text private$i" && lectern --no-daemon list --json) >"out.$i" 2>&1 &
        pids="$pids $!"
    done
    failed=0
    for pid in $pids; do wait "$pid" || failed=$((failed + 1)); done
    cat out.* | grep -v '^ *[][{}"]' || true
    [ "$failed" -eq 0 ]
    for i in $(seq 8); do lectern search --json "private$i" | jq -e 'length == 1'; done
}

@test "8 hosts make the same new store at once" {
    pids=
    for i in $(seq 8); do
        (exec 3>&-; lectern --no-daemon new -q - <<<"# First $i") >"out.$i" 2>&1 &
        pids="$pids $!"
    done
    failed=0
    for pid in $pids; do wait "$pid" || failed=$((failed + 1)); done
    cat out.*
    [ "$failed" -eq 0 ]
    lectern list --type note --json | jq -e 'length == 8'
    [ "$(find . -maxdepth 1 -name 'notes.db.new*' | wc -l)" -eq 0 ]
}

@test "daemons that race for one lock: exactly one wins, the others say so" {
    imported
    pids=
    for i in $(seq 6); do
        (exec 3>&-; exec lecternd --daemon) >"out.$i" 2>&1 &
        pids="$pids $!"
    done
    one_left() {
        left=
        for pid in $pids; do [ "$(readlink "/proc/$pid/exe")" = "$BUILD/bin/lecternd" ] && left="$left $pid"; done
        [ "$(wc -w <<<"$left")" -eq 1 ]
    }
    until_true one_left
    daemon=${left// /}
    until_true lectern -q daemon start
    for pid in $pids; do
        [ "$pid" = "$daemon" ] && continue
        status=0
        wait "$pid" || status=$?
        [ "$status" -eq 75 ]
    done
    [ "$(cat out.* | grep -c "running already (pid ")" -eq 5 ]
    still_alive
}

@test "daemon starts that race: all succeed, with one daemon" {
    pids=
    for i in $(seq 5); do
        (exec 3>&-; lectern daemon start) >"out.$i" 2>&1 &
        pids="$pids $!"
    done
    failed=0
    for pid in $pids; do wait "$pid" || failed=$((failed + 1)); done
    cat out.*
    daemon=$(lectern --json daemon status | jq -r .pid)
    lectern -q daemon stop
    until_true not test -e "/proc/$daemon"
    [ "$failed" -eq 0 ]
    [ "$(cat out.* | grep -o 'pid [0-9]*' | sort -u)" = "pid $daemon" ]
    daemon=
}

@test "two edits of one note at once: one is kept, the other refused with its text" {
    imported
    start_daemon
    id=$(id_of quokka)
    for i in 1 2; do
        printf '#!/bin/sh\ntouch ready%s\nwhile [ ! -e ready1 ] || [ ! -e ready2 ]; do sleep 0.02; done\necho edited%s >>"$1"\n' $i $i >ed$i
        chmod +x ed$i
        EDITOR=$PWD/ed$i lectern edit -q "$id" >"out.$i" 2>&1 3>&- &
        pids="${pids:-} $!"
    done
    result=
    for pid in $pids; do
        status=0
        wait "$pid" || status=$?
        result="$result $status"
    done
    cat out.*
    [[ $result == " 0 75" || $result == " 75 0" ]]
    [ "$(lectern show --json "$id" | jq -r .body | grep -c edited)" -eq 1 ]
    grep -q kept out.1 out.2
}

@test "Ctrl-C in an import: 130, whole sources, and the next import does the rest" {
    slow_plugin
    for how in private daemon; do
        rm -f notes.db*
        [ "$how" = private ] || start_daemon
        env --default-signal=INT lectern import in >out 2>err 3>&- &
        client=$!
        until_true three_sources
        kill -INT $client
        status=0
        wait $client || status=$?
        echo "$how: $status; $(cat out err)"
        [ "$status" -eq 130 ]
        whole
        [ "$how" = private ] || still_alive
    done
    rm in/zz.slow
    json import in
    [ "$status" -eq 0 ]
    holds 'all(.sources[]; .status == "unchanged")'
}

@test "SIGTERM and a lost client end an import as well, the daemon lives" {
    slow_plugin
    start_daemon
    lectern import in >out 2>err 3>&- &
    client=$!
    until_true three_sources
    kill -9 $client
    wait $client 2>/dev/null || true
    no_jobs() { lectern daemon status --json | jq -e '[.jobs[] | select(.command == "import")] == []'; }
    until_true no_jobs
    whole
    still_alive
    env --default-signal=TERM lectern import in/zz.slow >out 2>err 3>&- &
    client=$!
    importing() { lectern daemon status --json | jq -e 'any(.jobs[]; .command == "import")'; }
    until_true importing
    kill -TERM $client
    status=0
    wait $client || status=$?
    [ "$status" -eq 130 ]
    until_true no_jobs
    whole
}

@test "a daemon killed in an import: 70, what was acknowledged is there, the next import does the rest" {
    slow_plugin
    start_daemon
    lectern import in >out 2>err 3>&- &
    client=$!
    until_true three_sources
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
    status=0
    wait $client || status=$?
    cat out err
    [ "$status" -eq 70 ]
    clear_line "$(cat err)"
    whole
    rm in/zz.slow
    json import in
    holds 'all(.sources[]; .status == "unchanged")'
}

@test "a private host killed in an import" {
    slow_plugin
    lectern --no-daemon import in >out 2>err 3>&- &
    client=$!
    until_true three_sources
    kill -9 "$(pgrep -P $client)"
    status=0
    wait $client || status=$?
    cat out err
    [ "$status" -eq 70 ]
    clear_line "$(cat err)"
    whole
}

@test "a daemon told to end in an import ends it, and leaves whole sources" {
    slow_plugin
    start_daemon
    lectern import in >out 2>err 3>&- &
    client=$!
    until_true three_sources
    lectern -q daemon stop
    status=0
    wait $client || status=$?
    cat out err
    [[ $status == 70 || $status == 130 ]]
    wait "$daemon" || true
    daemon=
    whole
}

@test "a writer that holds the store: another waits, then 75" {
    imported
    before=$(stored)
    sqlite3 notes.db >/dev/null <<'SQL' 3>&- &
BEGIN IMMEDIATE;
.shell touch holding; while [ ! -e release ]; do sleep 0.05; done
ROLLBACK;
SQL
    holder=$!
    until_true test -e holding
    run --separate-stderr lectern note too late
    echo "$status $stderr"
    refused=$status
    lectern search --json rumour >json
    lectern note in time >out 2>&1 3>&- &
    waiting=$!
    touch release
    wait $holder
    wait $waiting
    [ "$refused" -eq 75 ]
    clear_line "$stderr"
    holds 'length == 1'
    no_hit '"too late"'
    lectern search --json '"in time"' | jq -e 'length == 1'
    [ "$(stored)" != "$before" ]
}

@test "a reader that is slow, and one that leaves, hold nobody up" {
    imported
    start_daemon
    mkfifo pipe
    lectern export json >pipe 2>/dev/null 3>&- &
    exec 8<pipe
    for _ in 1 2 3; do
        lectern list --json | jq -e 'length == 3'
        lectern note -q quick
    done
    exec 8<&-
    wait $! || true
    still_alive
}
