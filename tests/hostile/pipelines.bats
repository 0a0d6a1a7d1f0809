#!/usr/bin/env bats
# Importers, exporters and commands that ask the host for what is not theirs: another pipeline's tools, files beside what was named.

load ../cli/lib

# plugin NAME NEEDS < body: in CONFIG/plugins, granted.
plugin() {
    mkdir -p "$XDG_CONFIG_HOME/lectern/plugins"
    { printf 'local lectern = require "lectern"\nlocal t = lectern.types\n'
      printf 'lectern.plugin { name = "%s", version = "1.0.0", api = 1, doc = "A test", needs = { %s } }\n' "$1" "${2:-}"
      cat; } >"$XDG_CONFIG_HOME/lectern/plugins/$1.lua"
    [ -z "${2:-}" ] || lectern plugin grant "$1" --yes >/dev/null 2>&1 || lectern plugin grant "$1" >/dev/null
}

@test "an exporter cannot emit records, read sources or fill a source's warnings" {
    imported
    plugin odd '"notes.read"' <<'LUA'
lectern.exporter "odd-emit" { doc = "x", extension = "txt", export = function(notes, out, args, job)
  job:emit { type = "note", title = "x" }
end }
lectern.exporter "odd-warn" { doc = "x", extension = "txt", export = function(notes, out, args, job)
  for i = 1, 3 do job:warn("careful " .. i, { line = i }) end
  for _ in notes do end
  out:write("fine\n")
end }
LUA
    start_daemon
    for _ in 1 2 3; do
        run lectern export odd-emit
        [ "$status" -ne 139 ]
        run --separate-stderr lectern export odd-warn
        [ "$status" -eq 0 ]
        [ "$output" = fine ]
        [[ $stderr == *"careful 3"* ]]
    done
    still_alive
}

# Notes with long abstracts: several pages of notes, and more of their talks than one answer of the store holds.
many_talks() {
    local i long
    long=$(yes 'The abstract goes on and on, as some of them do.' | head -n 60 | tr '\n' ' ')
    mkdir -p many
    for i in $(seq "$1"); do
        printf -- '---\ntitle: Talk %d\nspeaker: Ada Winther\nevent: LongConf 2024\nabstract: %s\n---\n\nA word.\n' "$i" "$long" >"many/$i.md"
    done
    lectern import -q many
}

@test "an exporter that stops early, fails or asks on: the page on its way does no harm, and none is missing" {
    many_talks 600
    plugin pages '"notes.read"' <<'LUA'
lectern.exporter "early" { doc = "x", extension = "txt", export = function(notes, out) notes() out:write "early\n" end }
lectern.exporter "never" { doc = "x", extension = "txt", export = function(notes, out) out:write "never\n" end }
lectern.exporter "fails" { doc = "x", extension = "txt", export = function(notes, out) notes() lectern.fail("on purpose") end }
lectern.exporter "counts" { doc = "x", extension = "txt", export = function(notes, out)
  local all, talks, more = 0, 0, 0
  for note, list in notes do
    all, talks = all + 1, talks + #list
    for _, talk in ipairs(list) do if talk.title == note.title and #talk.abstract > 2000 then more = more + 1 end end
  end
  for _ = 1, 3 do assert(notes() == nil) end
  out:write(("%d %d %d\n"):format(all, talks, more))
end }
LUA
    start_daemon
    for _ in 1 2 3; do
        [ "$(lectern export early)" = early ]
        [ "$(lectern export never)" = never ]
        run --separate-stderr lectern export fails
        [ "$status" -ne 0 ] && [[ $stderr == *"on purpose"* ]]
        [ "$(lectern export counts)" = "600 600 600" ]
    done
    still_alive
}

@test "buffers of an exporter: written later, whole and once; misuse is an error, and what they hold counts" {
    printf 'A note.\n' >a.txt
    lectern import -q a.txt
    plugin keeps '"notes.read"' <<'LUA'
local function exporter(name, export) lectern.exporter(name) { doc = "x", extension = "txt", export = export } end
exporter("later", function(notes, out)
  local head, body, tail = out:buffer(), out:buffer(), out:buffer()
  body:add("body ", 1, " ", 2.5, "\n")
  tail:add "tail\n"
  head:add "head\n"
  assert(#body == 11 and body:text(0, 4) == "body" and body:text(9, 99) == "5\n")
  head:add(body, tail)
  assert(#body == 0 and #head == 21)
  out:write("first\n", head, "last\n")
  assert(#head == 0)
  head:add "again\n"
  out:write(head, head)
end)
-- More than one message holds, begun in the middle of a chunk, from strings and from buffers.
exporter("long", function(notes, out)
  local line, buffer = ("x"):rep(99) .. "\n", out:buffer()
  out:write(line:rep(30007))
  for i = 1, 50021 do buffer:add(line) end
  assert(#buffer == 5002100)
  out:write("y\n", buffer, line:rep(20011))
end)
exporter("misuse", function(notes, out)
  local b, c = out:buffer(), out:buffer()
  b:add "abc"
  local bad = { function() b:add(b) end, function() b:text(4, 1) end, function() b:text(-1, 1) end, function() b:text(0, -1) end,
    function() b:mark(4) end, function() b:mark(-1) end, function() b:take(b, 1) end, function() b:take("x", 1) end,
    function() b.add("x", "y") end, function() b.drop {} end, function() setmetatable(b, {}) end }
  for i, f in ipairs(bad) do assert(not pcall(f), i) end
  b:mark(2)
  b:drop()
  b:drop()
  c:take(b, 0)
  assert(b:text(0, 9) == "c" and #c == 0)
  b:mark(1)
  c:add(b)
  b:drop()
  out:write(c, "\n")
end)
exporter("full", function(notes, out)
  local b, piece = out:buffer(), ("x"):rep(100000)
  local ok, why = pcall(function() while true do b:add(piece) end end)
  out:write "never\n"
  error(why)
end)
LUA
    start_daemon
    for _ in 1 2; do
        [ "$(lectern export later)" = $'first\nhead\nbody 1 2.5\ntail\nlast\nagain' ]
        [ "$(lectern export misuse)" = c ]
    done
    lectern export long >long.txt
    [ "$(wc -c <long.txt)" -eq $(((30007 + 50021 + 20011) * 100 + 2)) ]
    [ "$(sort long.txt | uniq -c | awk '{ print $1, length($2) }')" = $'100039 99\n1 1' ]
    [ "$(sed -n 30008p long.txt)" = y ]
    run --separate-stderr lectern export full
    [ "$status" -ne 0 ]
    [[ $stderr == *memory* ]]
    [ "$(lectern export misuse)" = c ]
    still_alive
}

@test "detect cannot emit; what it tried is not in the store" {
    plugin odd <<'LUA'
lectern.importer "odd" { doc = "x", match = { extensions = { "odd" } },
  detect = function(source, job)
    pcall(function() job:emit { type = "note", title = "smuggled", span = { 1, 1 }, why = "x" } end)
    return 100, "mine"
  end,
  import = function(source, args, job) job:emit { type = "note", title = "honest", span = { 1, 1 }, why = "x" } end }
LUA
    echo "text" >a.odd
    start_daemon
    lectern import -q a.odd >/dev/null || true
    [ "$(lectern list --type note --json | jq '[.[] | select(.title == "smuggled")] | length')" -eq 0 ]
    still_alive
}

@test "beside, above or through a link out of what was named nothing is read or written" {
    mkdir -p named other
    echo secret >other/secret.txt
    echo inside >named/inside.txt
    ln -s ../other named/link
    ln -s ../other/secret.txt named/file
    plugin reader '"notes.read"' <<'LUA'
lectern.command "reader" { doc = "x", returns = "string",
  args = { { "folder", t.path { mode = "folder" } }, { "rest", t.string {} } },
  run = function(args, job) return job:read(args.folder .. args.rest) end }
lectern.command "writer" { doc = "x", returns = "{files:any[]}",
  args = { { "file", t.path { mode = "write" } }, { "rest", t.string {} } },
  run = function(args) return lectern.export { format = "json", output = args.file .. args.rest } end }
LUA
    start_daemon
    if lectern reader named /inside.txt >out 2>err; then [ "$(cat out)" = inside ]; else cat err; false; fi
    local rest
    for rest in /../other/secret.txt /link/secret.txt /file /./inside.txt //inside.txt /link/../inside.txt ../other/secret.txt /link; do
        run --separate-stderr lectern reader named "$rest"
        echo "$rest: $status $output $stderr"
        [ "$status" -ne 0 ]
        [[ $output != *secret* ]]
    done
    for rest in /../../other/new.json /../other/new.json ../other/new.json; do
        run lectern writer named/out.json "$rest"
        [ "$status" -eq 77 ]
    done
    [ ! -e other/new.json ]
    still_alive
}

@test "a flood of words ends, and says so" {
    plugin loud <<'LUA'
lectern.command "loud" { doc = "x", returns = "string", run = function(_, job)
  for i = 1, 20000 do job:log("warn", "line " .. i) end
  return "said"
end }
LUA
    start_daemon
    run --separate-stderr lectern loud
    [ "$status" -eq 0 ]
    [ "$output" = said ]
    [ "$(wc -l <<<"$stderr")" -eq 1001 ]
    [[ $stderr == *"says more than is shown"* ]]
}

@test "devices are not replaced by an export, whoever runs it" {
    imported
    start_daemon
    fails 73 "no regular file" export json -o /dev/null
    [ -c /dev/null ]
}
