#!/usr/bin/env bats
# Plugins that misbehave, in a daemon, beside one that does not: each gets one clear line and the right status, the daemon
# lives, the others are answered.

bats_require_minimum_version 1.5.0

setup() {
    export HOME=$BATS_TEST_TMPDIR/h XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/r LECTERN_PLUGIN_PATH=$BATS_TEST_TMPDIR/p
    export XDG_CACHE_HOME=$HOME/c XDG_CONFIG_HOME=$HOME/k XDG_DATA_HOME=$HOME/d XDG_STATE_HOME=$HOME/s
    mkdir -p "$HOME" "$LECTERN_PLUGIN_PATH" && mkdir -m 700 "$XDG_RUNTIME_DIR"
    plugin good <<'LUA'
lectern.command "good" { doc = "Answers", returns = "string", run = function() return "fine" end }
lectern.command "good.nap" { doc = "Sleeps", returns = "string", run = function() lectern.sleep(0.4) return "rested" end }
LUA
}

teardown() {
    if [ -n "${daemon:-}" ]; then kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null; fi || true
}

# plugin NAME < body: a one-file plugin that starts as every plugin does.
plugin() {
    { printf 'local lectern = require "lectern"\nlocal t = lectern.types\n'
      printf 'lectern.plugin { name = "%s", version = "1.0.0", api = 1, doc = "A test" }\n' "$1"
      cat; } >"$LECTERN_PLUGIN_PATH/$1.lua"
}

start_daemon() {
    lecternd --daemon >"$HOME/daemon.out" 2>&1 3>&- &
    daemon=$!
    for _ in $(seq 300); do
        compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock" >/dev/null && lectern good >/dev/null 2>&1 && return
        sleep 0.02
    done
    cat "$HOME/daemon.out"
    return 1
}

still_alive() {
    kill -0 "$daemon"
    [ "$(lectern good)" = fine ]
}

# fails STATUS TEXT COMMAND...: one line on stderr that holds TEXT, nothing on stdout.
fails() {
    local want=$1 text=$2
    shift 2
    run --separate-stderr lectern "$@"
    echo "status $status, want $want; stderr: $stderr; stdout: $output"
    [ "$status" -eq "$want" ]
    [[ $stderr == *"$text"* ]]
    [ -z "$output" ]
}

@test "a syntax error names file and line and does not disturb the others" {
    printf 'local x = = 1\n' >"$LECTERN_PLUGIN_PATH/broken.lua"
    start_daemon
    still_alive
    fails 64 "plugin 'broken' did not load" broken
    [[ $stderr == *broken.lua:1* ]]
}

@test "registering nonsense is refused with the nearest right thing" {
    plugin odd <<'LUA'
lectern.command "odd" { doc = "x", returns = "string", arsg = {}, run = function() end }
LUA
    start_daemon
    fails 64 "plugin 'odd' did not load" odd
    [[ $stderr == *arsg* ]]
    [[ $stderr == *args* ]]
    still_alive
}

@test "kinds that come later are refused" {
    for kind in on filter advise option every watch health; do
        plugin later <<LUA
lectern.$kind("x", { doc = "x" }, function() end)
LUA
        rm -rf "$XDG_CACHE_HOME"
        fails 64 "not in api 1.0" later
    done
}

@test "doing work at the top level is refused: register only" {
    plugin eager <<'LUA'
lectern.notes.find { }
LUA
    fails 64 "did not load" eager
}

@test "an endless loop ends at its deadline; plain, in pcall, in a coroutine" {
    plugin spin <<'LUA'
lectern.command "spin.plain" { doc = "x", returns = "nil", run = function() while true do end end }
lectern.command "spin.pcall" { doc = "x", returns = "nil", run = function() while true do pcall(function() while true do end end) end end }
lectern.command "spin.coroutine" { doc = "x", returns = "nil", run = function() coroutine.wrap(function() while true do pcall(error) end end)() end }
LUA
    start_daemon
    for kind in plain pcall coroutine; do
        fails 124 "took longer than" --timeout 300ms "spin.$kind"
        still_alive
    done
}

@test "an endless pattern match, where no hook fires, is killed, and another client is answered meanwhile" {
    plugin match <<'LUA'
lectern.command "match" { doc = "x", returns = "nil", run = function() (("a"):rep(30)):find(("a?"):rep(30) .. ("a"):rep(30)) end }
LUA
    start_daemon
    lectern --timeout 400ms match 2>"$HOME/err" &
    local victim=$! code=0
    for _ in 1 2 3 4 5; do [ "$(lectern good)" = fine ]; done
    wait $victim || code=$?
    [ "$code" -eq 124 ]
    grep -q "took longer than" "$HOME/err"
    still_alive
}

@test "an innocent call of the same plugin survives the kill of its neighbour" {
    plugin pair <<'LUA'
lectern.command "pair.nap" { doc = "x", returns = "string", run = function() lectern.sleep(0.5) return "rested" end }
lectern.command "pair.match" { doc = "x", returns = "nil", run = function() (("a"):rep(30)):find(("a?"):rep(30) .. ("a"):rep(30)) end }
LUA
    start_daemon
    lectern pair.nap >"$HOME/out" 2>&1 &
    local innocent=$!
    lectern --timeout 200ms pair.match >/dev/null 2>&1 || true
    wait $innocent
    [ "$(cat "$HOME/out")" = rested ]
    still_alive
}

@test "allocating without end is an error of the plugin" {
    plugin hog <<'LUA'
lectern.command "hog" { doc = "x", returns = "nil", run = function() local s = "x" while true do s = s .. s end end }
lectern.command "hog.caught" { doc = "x", returns = "nil", run = function() while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end end }
LUA
    start_daemon
    fails 70 "hog" hog
    fails 70 "hog" hog.caught
    still_alive
}

@test "a plugin that answers what it did not declare is told so" {
    plugin liar <<'LUA'
lectern.command "liar" { doc = "x", returns = "int", run = function() return { 1, 2 } end }
lectern.command "liar.deep" { doc = "x", returns = "any", run = function() local t = {} for _ = 1, 100 do t = { t } end return t end }
lectern.command "liar.self" { doc = "x", returns = "any", run = function() local t = {} t.t = t return t end }
LUA
    start_daemon
    fails 70 "expected" liar
    fails 70 "liar" liar.deep
    fails 70 "liar" liar.self
    still_alive
}

@test "error objects of any kind become one readable line" {
    plugin raise <<'LUA'
lectern.command "raise" { doc = "x", args = { { "kind", t.enum { "string", "table", "nil", "long", "fail" } } }, returns = "nil", run = function(args)
  if args.kind == "string" then error("plain words") end
  if args.kind == "table" then error({ code = 5 }) end
  if args.kind == "nil" then error(nil) end
  if args.kind == "long" then error(("x"):rep(100000)) end
  lectern.fail("the moon is missing", { code = "E_UNAVAILABLE", hint = "wait for the night" })
end }
LUA
    start_daemon
    fails 70 "plain words" raise string
    fails 70 "raise" raise table
    fails 70 "raise" raise nil
    fails 70 "xxxx" raise long
    [ ${#stderr} -lt 20000 ]
    fails 69 "the moon is missing" raise fail
    [[ $stderr == *"wait for the night"* ]]
    still_alive
}

@test "what a plugin may not do is refused by the host, whatever it says" {
    plugin greedy <<'LUA'
lectern.command "greedy.find" { doc = "x", returns = "any", run = function() return lectern.notes.find { } end }
lectern.command "greedy.import" { doc = "x", returns = "any", run = function() return lectern.import { paths = { "/etc/passwd" } } end }
LUA
    start_daemon
    fails 77 "notes.read" greedy.find
    fails 77 "notes.write" greedy.import
    still_alive
}

@test "a plugin that wants more than it was granted is held until the person says so" {
    plugin wants </dev/null
    cat >"$LECTERN_PLUGIN_PATH/wants.lua" <<'LUA'
local lectern = require "lectern"
lectern.plugin { name = "wants", version = "1.0.0", api = 1, doc = "A test", needs = { "notes.read" } }
lectern.command "wants" { doc = "x", returns = "int", run = function() return #lectern.notes.find { } end }
LUA
    fails 77 "wants notes.read" wants
    [[ $stderr == *"lectern plugin grant wants"* ]]
    lectern plugin grant wants --yes
    [ "$(lectern wants)" = 0 ]
    echo '-- changed' >>"$LECTERN_PLUGIN_PATH/wants.lua"
    fails 77 "wants notes.read" wants
}

@test "a crash of the process is one line, and the next call works" {
    plugin killed <<'LUA'
lectern.command "killed" { doc = "x", returns = "string",
    run = function(_, job) job:warn("running") lectern.sleep(5) return "no" end }
LUA
    start_daemon
    lectern killed >"$HOME/out" 2>"$HOME/err" &
    local client=$! code=0 victim
    # A process still loading is not yet the plugin's.
    for _ in $(seq 250); do
        grep -q running "$HOME/err" && break
        sleep 0.02
    done
    victim=$(pgrep -P "$daemon" -f -- '--plugin killed')
    kill -SEGV "$victim"
    wait $client || code=$?
    [ "$code" -eq 70 ] || [ "$code" -eq 0 ]
    still_alive
}

@test "two plugins that claim one command: the second is refused with both places" {
    plugin first <<'LUA'
lectern.command "claim" { doc = "x", returns = "string", run = function() return "first" end }
LUA
    plugin second <<'LUA'
lectern.command "claim" { doc = "x", returns = "string", run = function() return "second" end }
LUA
    [ "$(lectern claim)" = first ]
    run lectern plugins --json
    [[ $output == *first.lua:4* ]]
    [[ $output == *second.lua:4* ]]
}
