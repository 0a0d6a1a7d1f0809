#!/usr/bin/env bats
# Many clients at once, most of them rude, on plugins that sleep, spin, emit, crash and lie: whoever waits is answered, and afterwards
# the daemon is as it was: no job, no descriptor, no process too many.

load ../cli/lib

plugins_for_churn() {
    mkdir -p "$XDG_CONFIG_HOME/lectern/plugins"
    cat >"$XDG_CONFIG_HOME/lectern/plugins/churn.lua" <<'LUA'
local lectern = require "lectern"
local t = lectern.types
lectern.plugin { name = "churn", version = "1.0.0", api = 1, doc = "Trouble" }
local function command(name, returns, run, args)
  lectern.command("churn." .. name) { doc = "x", returns = returns, args = args or {}, run = run }
end
command("fast", "string", function() return "done" end)
command("nap", "string", function() lectern.sleep(0.1) return "rested" end)
command("spin", "string", function() while true do end end)
command("hog", "string", function() local x = {} while true do x[#x + 1] = ("x"):rep(100000) .. #x end end)
command("error", "string", function() error({}) end)
command("deep", "string", function() local function f() return 1 + f() end return f() end)
command("lies", "int", function() return "no number" end)
command("big", "string", function() return ("long line\n"):rep(200000) end)
command("emit", "string[]", function(_, job)
  for i = 1, 300 do job:emit("item " .. i .. (" "):rep(3000)) end
end)
command("nest", "string", function(args)
  if args.depth > 0 then return lectern.call("churn.nest", { depth = args.depth - 1 }) end
  lectern.sleep(0.05)
  return "bottom"
end, { { "depth", t.int {} } })
command("ask", "string", function(_, job) return tostring(job:ask { text = "Well?", choices = { "yes", "no" } }) end)
command("edit", "string", function(_, job) return tostring(job:edit("text", "note.md")) end)
command("stdin", "string", function(_, job)
  local n = 0
  for _ = 1, 5 do n = n + #(job:stdin() or "") end
  return tostring(n)
end)
command("log", "string", function(_, job)
  for i = 1, 5000 do job:log("warn", "line " .. i) job:progress(i, 5000, "line " .. i) end
  return "said"
end)
command("state", "string", function()
  lectern.state.set("n", (lectern.state.get("n") or 0) + 1)
  return tostring(lectern.state.get("n"))
end)
LUA
    cat >"$XDG_CONFIG_HOME/lectern/plugins/churn-notes.lua" <<'LUA'
local lectern = require "lectern"
lectern.plugin { name = "churn-notes", version = "1.0.0", api = 1, doc = "Trouble", needs = { "notes.read", "notes.write" } }
local function put(n)
  for i = 1, n do lectern.notes.put { title = "churn " .. i, body = "text" } end
end
lectern.command "churn-notes.put" { doc = "x", returns = "string", run = function() put(5) return "put" end }
lectern.command "churn-notes.commit" { doc = "x", returns = "string", run = function(_, job)
  for _ = 1, 3 do put(3) job:commit() lectern.sleep(0.02) end
  return "put"
end }
lectern.command "churn-notes.both" { doc = "x", returns = "string", run = function()
  put(1)
  return lectern.call("churn-notes.put", {})
end }
LUA
    lectern plugin grant churn-notes --yes >/dev/null 2>&1 || lectern plugin grant churn-notes >/dev/null
}

settled() { lectern --json daemon status >"$HOME/status" && jq -e '(.jobs | length) == 1' "$HOME/status"; }

# What the daemon holds besides its compartments: descriptors.
descriptors() {
    until_true settled
    echo $(($(find "/proc/$daemon/fd" -mindepth 1 | wc -l) - $(jq '.compartments | length' "$HOME/status")))
}

# Every child is a compartment that the daemon knows, and none is dead and unburied.
children_are_known() {
    settled
    [ "$(pgrep -P "$daemon" | wc -l)" -eq "$(jq '.compartments | length' "$HOME/status")" ]
    ! pgrep -r Z -P "$daemon"
}

kill_some() {
    while sleep 0.3; do
        pgrep -P "$daemon" -f lectern-compartment | shuf -n 1 | xargs -r kill -9 2>/dev/null || true # it may be gone by itself
    done
}

@test "rude clients and bad plugins leave nothing behind" {
    plugins_for_churn
    start_daemon
    churn="$BUILD/tests/hostile/churn"
    "$churn" "$socket" 3 40 1
    until_true children_are_known
    before=$(descriptors)
    "$churn" "$socket" "${CHURN_SECONDS:-10}" 60 "${CHURN_SEED:-2}"
    until_true children_are_known
    after=$(descriptors)
    echo "descriptors: $before before, $after after"
    [ "$after" -le $((before + 8)) ]
    still_alive
    [ "$(lectern churn.fast)" = "done" ]
    kill "$daemon"
    wait "$daemon"
    daemon=
}

@test "compartments that are killed at any moment cost their own calls at most" {
    plugins_for_churn
    start_daemon
    kill_some 3>&- &
    killer=$!
    "$BUILD/tests/hostile/churn" "$socket" "${CHURN_SECONDS:-8}" 30 3 || status=$?
    kill "$killer"
    wait "$killer" || true
    [ "${status:-0}" -eq 0 ]
    until_true children_are_known
    still_alive
    [ "$(lectern churn.fast)" = "done" ]
}

@test "a daemon that is told to end in the middle of it ends" {
    plugins_for_churn
    start_daemon
    "$BUILD/tests/hostile/churn" "$socket" 5 40 4 >/dev/null 2>&1 3>&- &
    client=$!
    sleep 2
    kill "$daemon"
    wait "$daemon"
    daemon=
    wait "$client" || true
    start_daemon
    lectern list --json | jq -e 'type == "array"'
}
