# The running instance.
$ lectern plugins --json | jq -c '[.[] | select(.state == "ok") | .name]'
["bibtex","csv","digest","find","gist","help","host","html","ics","import","json","lead","markdown","notes","org","rank","report","site","store","sync","text"]
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
