# The trash, for good.
$ lectern import notes/trip.md >/dev/null; lectern delete --yes title:queues >/dev/null; lectern purge
lectern: this purges 1 note, 1 talk for good
  --yes purges without a question
[64]
$ lectern purge --dry-run
(re) ^would purge note "Queues are promises"
(re) ^would purge talk "Queues are promises"
$ lectern purge --yes >/dev/null; lectern purge
the trash is empty
$ store=$(lectern daemon status --json | jq -r .store); cat "$store"* | grep -ac 'very large'
0
[1]
$ lectern undo
(re) what was purged cannot be brought back
...
[64]
# It stays deleted.
$ sed -i 's/sea/lake/' notes/trip.md; lectern import notes/trip.md; lectern list --format '{title}'
(re) 1 updated
Clocks that lie
# Nor are its words in the index, or anywhere else in the file.
$ printf '# Zygomorph\n\nxylographer\n' | lectern new - >/dev/null; lectern delete --yes xylographer >/dev/null; cat "$(lectern daemon status --json | jq -r .store)"* | grep -aci xylograph
(re) ^[1-9]
$ lectern purge --yes >/dev/null; cat "$(lectern daemon status --json | jq -r .store)"* | grep -aci 'xylograph\|zygomorph'
0
[1]
