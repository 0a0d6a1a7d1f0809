# Two spellings of one person.
$ printf -- '---\ntitle: A\nspeaker: Barbara Liskov\nevent: Door 2021\n---\nx\n' | lectern new - >/dev/null; printf -- '---\ntitle: B\nspeaker: B. Liskov\nevent: Door 2021\n---\nx\n' | lectern new - >/dev/null
$ lectern person merge 'Barbara Liskov' 'B. Liskov'
(re) ^changed talk "B"
(re) ^changed person "Barbara Liskov"
(re) ^deleted person "B. Liskov"
$ lectern list --sort title --format '{title} {speakers}'; lectern list --type person --json | jq -c '.[] | {name, aliases}'
A Barbara Liskov
B Barbara Liskov
{"name":"Barbara Liskov","aliases":["B. Liskov"]}
$ lectern person split 'B. Liskov' 'B. Liskov' --dry-run
(re) ^would change person "Barbara Liskov"
(re) ^would change talk "B"
(re) ^would restore person "B. Liskov"
$ lectern person split 'Barbara Liskov' 'B. Liskov' >/dev/null; lectern list --sort title --format '{title} {speakers}'
A Barbara Liskov
B B. Liskov
$ lectern undo >/dev/null; lectern undo >/dev/null; lectern list --type person --sort name --format '{name}'
B. Liskov
Barbara Liskov
$ lectern person merge Nobody 'B. Liskov'
(re) nobody is called 'Nobody'
...
[1]
