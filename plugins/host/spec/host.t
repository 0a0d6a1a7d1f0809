# The running instance.
$ lectern plugins --json | jq -c '[.[] | select(.state == "ok") | .name]'
["digest","gist","help","host","html","import","json","lead","markdown","notes","rank","report","store"]
$ lectern daemon status --json | jq -c '.running'
false
$ lectern daemon stop
(re) no daemon is running
[1]
$ lectern eval '1 + 1'
2
$ echo 'return ("a"):rep(3)' | lectern eval -
aaa
$ lectern eval
(re) nothing to evaluate
...
[64]
$ lectern plugin grant nosuch
(re) unknown plugin 'nosuch'
...
[64]
$ lectern eval 'lectern.date(0)'
1970-01-01
