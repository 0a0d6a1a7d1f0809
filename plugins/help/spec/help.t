# What there is.
$ lectern help | head -n 3
Usage: lectern [GLOBAL...] COMMAND [ARGS...]

digest
$ lectern help daemon status | head -n 1
Usage: lectern daemon status
$ lectern help improt
(re) unknown .*'improt'; did you mean 'import'
[64]
$ lectern apropos markdown | grep -c importer
1
$ lectern describe importer:markdown --json | jq -c '.[0] | {kind, name, plugin}'
{"kind":"importer","name":"markdown","plugin":"markdown"}
$ lectern apropos nosuchwordanywhere
[1]
