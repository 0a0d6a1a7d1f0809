# A merge from end to end: imported, changed here, changed upstream, imported again.
$ lectern import notes/trip.md
notes/trip.md: 5 made
$ lectern list --type note --kind note --sort title --format '{short}' > ids; EDITOR="sed -i 's/^Most.*/All forty were wrong, I asked./'" lectern edit "$(head -n 1 ids)"
(re) ^changed note "Clocks that lie"
$ sed -i -e 's/rumour about/rumour of/' -e 's/^Most were/Nearly all were/' -e 's/very large/infinite/' notes/trip.md
$ lectern import --explain notes/trip.md
notes/trip.md: 1 updated, 3 unchanged, 1 conflicted
(re) SmallConf 2021 .*nothing new$
(re) note  Clocks that lie .*conflicted .*changed here and upstream, yours stands: body \(1 block in conflict\)$
(re) talk  Clocks that lie .*unchanged .*nothing new$
(re) note  Queues are promises .*updated .*changed upstream: body$
(re) talk  Queues are promises .*unchanged .*nothing new$
# What clashes is mine and waits; what does not is theirs.
$ lectern conflicts
(re) ^Clocks that lie  [0-9a-f]{8}, notes/trip.md$
  line 7
  yours:    All forty were wrong, I asked.
  upstream: Nearly all were wrong in the same direction.

decide: lectern resolve ID --mine | --theirs | --edit
$ lectern show "$(head -n 1 ids)" | tail -n 3
A clock is a rumour of time.

All forty were wrong, I asked.
$ lectern list --type note --format '{title}: {marks}'
SmallConf 2021: 
Clocks that lie: conflict
Queues are promises: 
$ lectern export markdown | grep -c '^# conflict: '; lectern export html | grep -c 'class="conflict"'
1
1
# Decided, taken back, decided otherwise.
$ lectern resolve "$(head -n 1 ids)" --theirs
(re) ^settled the conflict in note "Clocks that lie"
$ lectern show "$(head -n 1 ids)" | tail -n 1; lectern conflicts
Nearly all were wrong in the same direction.
$ lectern undo
(re) ^left a conflict in note "Clocks that lie"
$ lectern conflicts --json | jq -c '.[0] | {type, title, fields, blocks}'
{"type":"note","title":"Clocks that lie","fields":[],"blocks":[{"line":7,"base":"Most were wrong in the same direction.","mine":"All forty were wrong, I asked.","theirs":"Nearly all were wrong in the same direction."}]}
$ EDITOR="sed -i /^All/d" lectern resolve "$(head -n 1 ids)" --edit 2>&1 | head -n 2
lectern: there are still marks of a conflict in the text
  take out the lines that begin with <<<<<<<, ======= and >>>>>>>
$ EDITOR="sed -i -e '/^[<=>]\{7\}/d' -e 's/^Nearly all/They/'" lectern resolve "$(head -n 1 ids)" --edit
(re) ^settled the conflict in note "Clocks that lie"
(re) ^changed note "Clocks that lie"
$ lectern show "$(head -n 1 ids)" | tail -n 1; lectern import notes/trip.md
All forty were wrong, I asked. They were wrong in the same direction.
notes/trip.md: unchanged
$ lectern resolve "$(head -n 1 ids)" --mine
(re) there is no conflict in 'Clocks that lie'
...
[1]
$ lectern resolve "$(head -n 1 ids)"
(re) whose shall it be
...
[64]
