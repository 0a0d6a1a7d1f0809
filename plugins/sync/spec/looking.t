# Revisions side by side.
$ lectern import notes/trip.md >/dev/null; lectern list --type note --kind note --sort title --format '{short}' > ids
$ EDITOR="sed -i -e 's/^title:.*/title: Clocks/' -e 's/^Most.*/All were./'" lectern edit "$(head -n 1 ids)" >/dev/null
$ lectern diff "$(head -n 1 ids)"
(re) ^--- note [0-9a-f]{8}, revision 1$
(re) ^\+\+\+ note [0-9a-f]{8}, revision 2$
-title: Clocks that lie
+title: Clocks
@@ -4,5 +4,5 @@
 
 A clock is a rumour about time.
 
-Most were wrong in the same direction.
+All were.
 
$ lectern diff "$(head -n 1 ids)" --rev 1 --rev 2 --json | jq -c '{from, to, fields, lines: (.text | split("\n") | length)}'
{"from":1,"to":2,"fields":[{"field":"title","from":"Clocks that lie","to":"Clocks"}],"lines":8}
$ lectern diff "$(head -n 1 ids)" --rev 9
(re) has no revision 9; the newest is 2
[1]
$ lectern show "$(head -n 1 ids)" --rev 1 | head -n 1
Clocks that lie
# Whoever comes late is shown what was changed meanwhile, and keeps the text.
$ printf '%s\n' '#!/bin/sh' 'EDITOR="sed -i s/All/FIRST/" lectern edit "$(head -n 1 ids)" </dev/null >/dev/null' 'sed -i s/All/SECOND/ "$1"' > ed; chmod +x ed
$ EDITOR=$PWD/ed lectern edit "$(head -n 1 ids)" 2>&1 | sed 's/[0-9a-f]\{8\}/ID/g'
lectern: note ID was changed meanwhile (revision 3, yours is 2)
@@ -4,5 +4,5 @@
 
 A clock is a rumour about time.
 
-All were.
+FIRST were.
 
  lectern diff ID --rev 2 shows what; then repeat the change
(re) ^your text is kept in /
# The file it came from, edited and brought over; nothing else than a file can be.
$ EDITOR="sed -i 's/by the sea/by a lake/'" lectern edit --source "$(lectern list --type note --kind post --format '{short}')"
(re) trip.md: 1 updated
(re) ^undo: lectern undo 
$ lectern list --type note --kind post --body --json | jq -r '.[0].body' | grep days
Two days by a lake.
$ lectern edit --source "$(lectern note alone)"
lectern: note did not come from a file
[1]
