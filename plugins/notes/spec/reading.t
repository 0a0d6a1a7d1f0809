# Finding and reading.
$ lectern list
$ lectern import notes >/dev/null; lectern list --sort title --format '{title}\t{speakers}'
Glass and how to leave it	Ana Lima
Wind	Bo Ek
$ lectern list --json | jq -c '[.[] | has("body")]'
[false,false]
$ lectern list kind:talk --limit 1 --sort title:desc --format '{title}'
Wind
$ lectern list -0 --format '{title}' --sort title | tr '\0' '+'
Glass and how to leave it+Wind+
$ lectern list --type person --sort name --format '{name} {talks}'
Ana Lima 1
Bo Ek 1
$ lectern search glass --json | jq -c '.[0] | {type, title}'
{"type":"talk","title":"Glass and how to leave it"}
$ lectern search nothinglikethis
[1]
$ lectern search nothinglikethis --json
[]
[1]
$ lectern show glass | head -n 5
Glass and how to leave it
Ana Lima (Fjord Labs)
(re) ^Pane 2020 · 
(re) ^[0-9a-f]{8}$

$ lectern show glass | tail -n 1
• Clean, then leave.
$ lectern show pane-2020 | head -n 1
Pane 2020
$ lectern show notes/pane.md | head -n 1
Pane 2020
$ id=$(lectern list title:wind --format '{short}'); lectern show "$id" --format markdown | head -n 4
(re) ^---$
title: Wind
speakers: [Bo Ek]
event: Pane 2020
$ lectern show deadbeef
(re) .
...
[1]
$ lectern sql "select title from talk order by title" --json
(re) ^\[\{"title":"Glass and how to leave it"\},\{"title":"Wind"\}\]$
$ lectern sql "delete from talk"
(re) .
...
[64]
$ printf 'Slate 2021\n\nRoofs\nAna Lima, Fjord Labs\n\nThey leak.\n\nWalls\nBo Ek, Basalt\n\nThey stand.\n' >slate.txt
$ lectern import slate.txt >/dev/null; lectern show roofs event:slate-2021 | sed -n '/^$/,$p'

They leak.
