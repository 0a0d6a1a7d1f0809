# Writing, and taking it back.
$ lectern import notes >/dev/null
$ lectern note -e pane-2020 'ask about putty'
(re) ^[0-9a-f]{8}$
$ lectern note -e pane-2020 'and about birds' > id; lectern show "$(cat id)" | tail -n 2
• ask about putty
• and about birds
$ printf 'A thought\nof two lines\n' | lectern note - > id; lectern list --type note --kind scratch --json | jq length
2
$ lectern undo; lectern list --type note --kind scratch --json | jq length
(re) ^deleted note "
1
$ lectern tag --json +later +glass -- glass | jq -c '[.operations[] | {op, type, title}]'
[{"op":"tag","type":"talk","title":"Glass and how to leave it"}]
$ lectern list tag:later --format '{title} {tags}'
Glass and how to leave it later, glass
$ lectern undo; lectern list tag:later
(re) talk "Glass and how to leave it"
$ lectern tag -- glass
(re) .
...
[64]
# A talk goes with the note about it, and both come back.
$ lectern delete title:wind; lectern list --format '{title}'; lectern list --type note --format '{title}' wind
(re) ^deleted talk "Wind"
(re) ^deleted note "Wind"
Glass and how to leave it
$ lectern undo; lectern list --sort title --format '{title}'
(re) ^restored
(re) ^restored
Glass and how to leave it
Wind
# More than one thing wants a word.
$ lectern delete kind:talk
(re) deletes 4 objects
...
[64]
$ lectern delete --yes kind:talk --json | jq '.operations | length'
4
$ lectern undo --json | jq '.operations | length'
4
$ lectern delete --dry-run title:wind > /dev/null; lectern list --json | jq length
2
