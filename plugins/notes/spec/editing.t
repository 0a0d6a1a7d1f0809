# Documents in and out of an editor.
$ lectern import notes >/dev/null
$ printf -- '---\ntitle: Hinges\nspeakers: [Cy Orr (Latch), Dee Fox]\nevent: Door 2021\ntags: [iron]\n---\nOil them.\n' | lectern new -
(re) ^made talk "Hinges"
(re) ^made note "Hinges"
$ lectern list title:hinges --json | jq -c '.[0] | {event: .event.slug, tags, speakers: [.speakers[] | {name, affiliations}]}'
{"event":"door-2021","tags":["iron"],"speakers":[{"name":"Cy Orr","affiliations":["Latch"]},{"name":"Dee Fox","affiliations":[]}]}
$ printf 'Just text.\n\nMore.\n' | lectern new - --json | jq -r '.operations[0] | "\(.op) \(.type) \(.title)"'
make note Just text
$ printf '' | lectern new -
nothing written, nothing kept

# The editor sees front matter and text; only what changes there is changed.
$ id=$(lectern list title:wind --format '{short}'); EDITOR='cat' lectern edit "$id"
...
nothing changed
$ EDITOR="sed -i -e 's/^room:.*/room: Attic/' -e 's/Comes in/Goes out/'" lectern edit "$(lectern list title:wind --format '{short}')"
(re) ^changed talk "Wind"
(re) ^changed note "Wind"
$ lectern list title:wind --json | jq -c '.[0] | {room, title, speakers: [.speakers[].name]}'; lectern show title:wind | tail -n 1
{"room":"Attic","title":"Wind","speakers":["Bo Ek"]}
Goes out.
$ lectern undo --json | jq '.operations | length'; lectern show title:wind | tail -n 1
2
Comes in.
# Front matter that cannot be read is refused, and nothing is lost.
$ EDITOR="sed -i -e 's/^title:.*/title: [/'" lectern edit "$(lectern list title:wind --format '{short}')" 2>&1 | head -n 1
(re) is not right
$ lectern list title:wind --format '{title}'
Wind
