# Importing: what comes in, again, and what does not.
$ lectern import notes --json | jq -c '.sources[] | {path: (.path | sub(".*/"; "")), importer, status}'
{"path":"one-talk.md","importer":"markdown","status":"made"}
{"path":"two-talks.md","importer":"markdown","status":"made"}
$ lectern list --sort title --format '{title}|{speakers}|{event.slug}'
A talk about one thing|Cy Orr|tinker-days-2023
Naming things twice|Bo Ek|tinker-days-2023
Soup as a service|Ana Lima|tinker-days-2023
$ lectern import notes
(re) one-talk.md: unchanged$
(re) two-talks.md: unchanged$
2 sources: nothing new
$ echo 'A line more.' >> notes/one-talk.md; lectern import notes --json | jq -c '.totals | {made, updated, failed}'
{"made":0,"updated":1,"failed":0}
$ lectern show 'about one thing' --format markdown | tail -n 2
It was about one thing.
A line more.

# A dry run says what would be, and why.
$ printf '# Box Days 2024\n\n## Session 1: Boxes\n\nDee Fox\n\nSquare.\n' > box.md; lectern import --dry-run box.md --json | jq -c '.run, (.sources[0].items[] | select(.type == "talk") | {title, why})'
null
{"title":"Boxes","why":"heading level 2 under 'Box Days 2024', labelled 'Session'"}
$ lectern list event:box-days-2024

# Standard input, a missing file, a file of no known type.
$ printf 'Just a thought. #idea\n' | lectern import - --json | jq -c '.sources[0] | {path, status}'
{"path":"-","status":"made"}
$ lectern import nowhere.md
(re) nowhere.md: failed: no such file
[66]
$ lectern import
(re) ^lectern: .*PATH
...
[64]
