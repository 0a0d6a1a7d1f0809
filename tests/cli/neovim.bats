#!/usr/bin/env bats
# A real Neovim on the socket: calls a command, gets its value; on an error it can read why.

bats_require_minimum_version 1.5.0

setup() {
    export HOME=$BATS_TEST_TMPDIR/h XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/r LECTERN_PLUGIN_PATH=$BATS_TEST_TMPDIR/p
    export XDG_CACHE_HOME=$HOME/c XDG_CONFIG_HOME=$HOME/k XDG_DATA_HOME=$HOME/d XDG_STATE_HOME=$HOME/s
    mkdir -p "$HOME" "$LECTERN_PLUGIN_PATH" && mkdir -m 700 "$XDG_RUNTIME_DIR"
    cat >"$LECTERN_PLUGIN_PATH/greet.lua" <<'LUA'
local lectern = require "lectern"
local t = lectern.types
lectern.plugin { name = "greet", version = "1.0.0", api = 1, doc = "A test" }
lectern.command "greet" { doc = "Greets", args = { { "who", t.string "world" }, { "times", t.int { 1, min = 1 }, flag = true } }, returns = "any",
  run = function(args) return { text = ("hello "):rep(args.times) .. args.who, list = { 1, 2, 3 }, nothing = lectern.null } end }
lectern.command "greet.fail" { doc = "Fails", returns = "nil", run = function() error("no greeting today") end }
LUA
    lecternd --daemon >"$HOME/daemon.out" 2>&1 3>&- &
    daemon=$!
    for _ in $(seq 300); do
        socket=$(compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock" || true)
        [ -n "$socket" ] && break
        sleep 0.02
    done
}

teardown() { kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true; }

# vim EXPRESSION: its value as JSON, printed by a Neovim that is connected as g:host.
vim() {
    cat >"$HOME/script.vim" <<VIM
let g:host = sockconnect('pipe', '$socket', {'rpc': v:true})
try
  call writefile([json_encode($1)], '$HOME/answer')
catch
  call writefile([v:exception], '$HOME/answer')
endtry
qall!
VIM
    timeout 20 nvim --headless -u NONE -i NONE -n -S "$HOME/script.vim" </dev/null >"$HOME/nvim.out" 2>&1 3>&-
    cat "$HOME/answer"
}

@test "rpcrequest calls a command and gets its value" {
    run vim "rpcrequest(g:host, 'lectern.call', 'greet', {'who': 'nvim', 'times': 2})"
    echo "$output"
    [[ $output == *'"text": "hello hello nvim"'* ]]
    [[ $output == *'"list": [1, 2, 3]'* ]]
}

@test "no arguments at all, and an empty list, count as no arguments" {
    run vim "rpcrequest(g:host, 'lectern.call', 'greet')"
    [[ $output == *'hello world'* ]]
    run vim "rpcrequest(g:host, 'lectern.call', 'greet', [])"
    [[ $output == *'hello world'* ]]
}

@test "an error is a message a person can read" {
    run vim "rpcrequest(g:host, 'lectern.call', 'greet.fail')"
    echo "$output"
    [[ $output == *'E_PLUGIN: '*'no greeting today'* ]]
    run vim "rpcrequest(g:host, 'lectern.call', 'greeet', {})"
    [[ $output == *"did you mean 'greet'"* ]]
    run vim "rpcrequest(g:host, 'lectern.call', 'greet', {'whom': 1})"
    echo "$output"
    [[ $output == *"E_USAGE"*"'whom'"* ]]
    run vim "rpcrequest(g:host, 'lectern.nonsense')"
    [[ $output == *"unknown method"* ]]
}

@test "describe gives the arguments and a JSON Schema" {
    run vim "rpcrequest(g:host, 'lectern.describe', 'greet')"
    [[ $output == *'"name": "times"'* ]]
    [[ $output == *'"schema"'* ]]
}
