#!/usr/bin/env bats
# The daemon: start, status, stop, the socket and the lock, and that commands with and without it are the same.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

@test "start, status, stop" {
    json daemon status
    [ "$status" -eq 1 ]
    holds 'host_status and .running == false and .pid == null and .uptime_s == null'
    run lectern daemon status
    [ "$status" -eq 1 ]
    [[ $output == *"lectern daemon start"* ]]
    run lectern daemon start
    [ "$status" -eq 0 ]
    [[ $output =~ pid\ ([0-9]+) ]]
    pid=${BASH_REMATCH[1]}
    json daemon status
    [ "$status" -eq 0 ]
    holds 'host_status and .running and .pid == $pid and .uptime_s >= 0 and .sandbox == "full"' --argjson pid "$pid"
    holds '.store == $store and .socket == $socket' --arg store "$LECTERN_STORE" --arg socket "$(compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock")"
    [ -S "$(jq -r .socket json)" ]
    run lectern daemon start
    [ "$status" -eq 0 ]
    [[ $output == *"$pid"* ]]
    run lectern daemon stop
    [ "$status" -eq 0 ]
    [[ $output == *"$pid"* ]]
    until_true gone "$pid"
    not compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock"
    json daemon status
    [ "$status" -eq 1 ]
}

@test "stop is over when it says so" {
    imported
    for _ in 1 2 3 4 5; do
        lectern -q daemon start
        lectern daemon stop >/dev/null
        lectern list --json | jq -e 'length == 3'
    done
    for _ in 1 2 3 4 5; do
        lectern -q daemon start
        lectern daemon status --json | jq -e .running
        lectern daemon stop >/dev/null
    done
}

@test "start and stop write one document with --json" {
    json daemon start
    [ "$status" -eq 0 ]
    holds 'host_status and .running'
    pid=$(jq .pid json)
    json daemon stop
    [ "$status" -eq 0 ]
    until_true gone "$pid"
    json daemon stop
    [ "$status" -eq 1 ]
    holds 'failure("E_NOTFOUND")'
    fails 1 "no daemon" daemon stop
}

@test "the socket, its folder, the lock and the store are for their owner alone" {
    imported
    start_daemon
    [ "$(stat -c %a "$XDG_RUNTIME_DIR/lectern")" = 700 ]
    [[ $(stat -c %a "$XDG_RUNTIME_DIR"/lectern/*.sock) == [67]00 ]]
    [ "$(stat -c %a "$XDG_RUNTIME_DIR"/lectern/*.lock)" = 600 ]
    [ "$(stat -c %a notes.db)" = 600 ]
    [ -z "$(find "$XDG_STATE_HOME" "$XDG_CACHE_HOME" -type f -perm /077)" ]
}

@test "with and without a daemon: the same answers" {
    imported
    answers() {
        local words
        while read -r words; do
            echo "== $words"
            # shellcheck disable=SC2086
            lectern "$@" $words 2>&1 </dev/null || echo "status $?"
        done <<'END'
list --sort title
list --json
search rumour
search --json software
show measured
help list
describe import --json
show nonsuch
list --nonsense
export json
summarise measured
runs
END
    }
    answers --no-daemon >private
    start_daemon
    answers >shared
    diff private shared
}

@test "what one client writes the next one reads, daemon or not" {
    imported
    start_daemon
    lectern note -q from the daemon
    lectern --no-daemon search --json '"from the daemon"' | jq -e 'length == 1'
    lectern --no-daemon note -q from a private host
    lectern search --json '"from a private host"' | jq -e 'length == 1'
    still_alive
}

@test "paths are taken from where the client is" {
    mkdir here
    start_daemon
    cd here
    echo '# Local llama' >note.md
    json import note.md
    holds '.sources[0].path == $path' --arg path "$PWD/note.md"
    lectern export json -o out.json >/dev/null
    [ -f "$HOME/here/out.json" ]
    TZ=Asia/Tokyo EDITOR='sed -i s/llama/alpaca/' lectern edit -q "$(id_of llama)"
    lectern search --json alpaca | jq -e 'length == 1'
}

@test "status shows jobs and compartments" {
    mkdir p
    echo 'local lectern = require "lectern"
lectern.command "nap" { doc = "x", returns = "nil", run = function() lectern.sleep(20) end }' >p/nap.lua
    export LECTERN_PLUGIN_PATH=$PWD/p
    start_daemon
    lectern nap >/dev/null 2>&1 3>&- &
    napping() { lectern daemon status --json >json && jq -e 'any(.jobs[]; .command == "nap")' json; }
    until_true napping
    holds 'host_status and any(.compartments[]; .plugin == "nap" and .pid > 0)'
    run lectern daemon status
    [[ $output == *nap* ]]
    lectern -q daemon stop
    status=0
    wait $! || status=$?
    [ "$status" -eq 130 ] || [ "$status" -eq 70 ]
    until_true gone "$daemon"
    [ -z "$(pgrep -f "lectern-compartment.*--plugin nap" || true)" ]
}

@test "a daemon ends its compartments with it, also when it is killed" {
    imported
    start_daemon
    lectern list >/dev/null
    children=$(pgrep -P "$daemon")
    [ -n "$children" ]
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
    for child in $children; do until_true gone "$child"; done
}

@test "a stale socket is taken over" {
    imported
    start_daemon
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    [ -S "$socket" ]
    lectern list --json | jq -e 'length == 3'
    start_daemon
    still_alive
    # something else at the socket's place
    stop_daemon
    echo junk >"$socket"
    lectern list --json | jq -e 'length == 3'
    start_daemon
    still_alive
}

@test "one daemon for a store and a configuration, others beside it" {
    imported
    start_daemon
    run --separate-stderr lecternd --daemon
    [ "$status" -eq 75 ]
    [[ $stderr == *"running already (pid $daemon)"* ]]
    run lectern --store other.db daemon start
    [ "$status" -eq 0 ]
    [ "$(lectern --store other.db --json daemon status | jq .pid)" != "$daemon" ]
    [ "$(lectern --store ./../"${PWD##*/}"/notes.db --json daemon status | jq .pid)" = "$daemon" ]
    ln -s notes.db linked.db
    [ "$(lectern --store linked.db --json daemon status | jq .pid)" = "$daemon" ]
    lectern --store other.db list --json | jq -e '. == []'
    lectern -q --store other.db daemon stop
    still_alive
}

@test "the default places" {
    unset LECTERN_STORE
    lectern note -q hello
    [ -f "$XDG_DATA_HOME/lectern/notes.db" ]
    env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR lectern note -q hello
    [ -f "$HOME/.local/share/lectern/notes.db" ]
    LECTERN_STORE=$PWD/named.db lectern note -q hello
    [ -f named.db ]
    lectern --store over.db note -q hello
    [ -f over.db ]
}

@test "another configuration has other plugins and another daemon" {
    mkdir -p conf/plugins
    printf 'local lectern = require "lectern"\nlectern.command "hello" { doc = "x", returns = "string", run = function() return "hi" end }\n' >conf/plugins/hello.lua
    [ "$(lectern --config conf hello)" = hi ]
    [ "$(LECTERN_CONFIG=$PWD/conf lectern hello)" = hi ]
    fails 64 "unknown command 'hello'" hello
    start_daemon
    lectern --config conf daemon status --json >json || true
    holds '.running == false'
    LECTERN_NO_DAEMON=1 lectern daemon status --json >json || true
    holds '.running == false'
    still_alive
}

@test "daemon run stays in the foreground" {
    lectern daemon run >out 2>&1 3>&- &
    daemon=$!
    until_true compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock"
    still_alive
    lectern daemon stop >/dev/null
    wait "$daemon"
    daemon=
}

@test "runs that only read are in the ledger of a daemon" {
    imported
    start_daemon
    lectern search rumour >/dev/null
    lectern tag -q +x -- "$(id_of quokka)"
    lectern daemon stop >/dev/null
    wait "$daemon"
    daemon=
    json runs
    holds 'list(run_entry) and any(.[]; .command == "search" and .operations == 0) and any(.[]; .command == "tag")'
}

@test "a daemon that nobody asks for anything fills the index of pieces" {
    start_daemon
    lectern note "the defenestration of Prague" >/dev/null
    [ "$(sqlite3 "$LECTERN_STORE" 'select n from grams_upto')" = 0 ] # not while it is asked
    json search '*enestrati*'
    holds 'length == 1'
    for _ in $(seq 100); do
        [ "$(sqlite3 "$LECTERN_STORE" 'select n from grams_upto')" = 0 ] || break
        sleep 0.2
    done
    [ "$(sqlite3 "$LECTERN_STORE" 'select n from grams_upto')" -gt 0 ]
    json search '*enestrati*'
    holds 'length == 1'
    lectern check >/dev/null
}
