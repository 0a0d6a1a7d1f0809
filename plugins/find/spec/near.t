# What is near, what points here, and saved queries.
$ lectern import notes >/dev/null; lectern list --sort title --format '{title}'
Glass and how to leave it
On glass again
Panes
Wind
$ id=$(lectern list title:wind --format '{short}'); lectern related "$id" --json | jq -c '[.[] | select(.title == "On glass again")] | .[0].why | {people, tags, event}'
{"people":["Bo Ek"],"tags":[],"event":false}
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern related "$id" --json | jq -c '.[] | {title, terms: (.why.terms | index("glass") != null)}'
{"title":"Panes","terms":true}
{"title":"On glass again","terms":true}
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern related "$id" --json | jq '[.[].score] == ([.[].score] | sort | reverse)'
true
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern related "$id" -n 1 --json | jq length
1
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern related "$id" | head -n 1
(re) ^[0-9a-f]{8}  Panes
$ lectern related 00000000
(re) .
...
[1]
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern backlinks "$id" --json | jq -c '[.[] | {title, how}]'
[{"title":"Panes","how":"name"}]
$ id=$(lectern list 'title:"how to leave"' --format '{short}'); lectern backlinks "$id" --mentions --json | jq -c '[.[] | {title, how}] | sort_by(.title)'
[{"title":"On glass again","how":"mention"},{"title":"Panes","how":"name"}]
$ lectern query save wind 'title:wind OR title:panes' --json
{"name":"wind","query":"title:wind OR title:panes"}
$ lectern list query:wind --format '{title}' --sort title
Panes
Wind
$ lectern list '-query:wind' --format '{title}' --sort title
Glass and how to leave it
On glass again
$ lectern query save both 'query:wind glass' >/dev/null; lectern list query:both --sort title --format '{title}'
Panes
$ lectern query list --json | jq -c '[.[].name]'
["both","wind"]
$ lectern query save loop query:loop
(re) 'loop' is no saved query, at column 7
...
[64]
$ lectern query save loop glass >/dev/null; lectern query save loop query:loop; lectern list query:loop
(re) .
...
[64]
$ lectern query save bad year:soon
(re) 'soon' is no year, at column 6 of the query
...
[64]
$ lectern query save 'a b' glass
(re) is no name for a query
...
[64]
$ lectern query save dry glass --dry-run >/dev/null; lectern query remove dry
(re) no query is saved as 'dry'
...
[1]
$ lectern query remove both >/dev/null; lectern list query:both
(re) 'both' is no saved query
...
[64]
$ lectern query | head -n 1
What can be asked for, wherever a query is taken: list, search, export ...
$ lectern help query | head -n 3 | tail -n 1
The query language.
