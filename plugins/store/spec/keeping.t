# Checked, copied, dumped, loaded, brought back.
$ lectern import -q notes >"$HOME/log"
$ lectern check | tail -1
(re) ^all [0-9]+ checks hold$
$ lectern check --json | jq -c '[.[] | select(.ok | not)]'
[]
$ lectern dump "$HOME/one.jsonl"
(re) one.jsonl: [0-9]+ rows$
$ head -1 "$HOME/one.jsonl"
(re) ^[{]"lectern":"dump","format":1,"schema":[0-9]+[}]$
$ lectern --store "$HOME/two.db" load "$HOME/one.jsonl"
(re) ^loaded [0-9]+ rows, [0-9]+ checks hold$
$ lectern --store "$HOME/two.db" dump | cmp - "$HOME/one.jsonl" && echo the same
the same
$ lectern --store "$HOME/three.db" load - < "$HOME/one.jsonl"
(re) ^loaded [0-9]+ rows
$ lectern --store "$HOME/two.db" load "$HOME/one.jsonl"
(re) is not empty: it holds [0-9]+ things; name a new store
[64]
$ head -5 "$HOME/one.jsonl" > "$HOME/cut.jsonl"
$ lectern --store "$HOME/four.db" load "$HOME/cut.jsonl"
(re) cut.jsonl:6: the dump ends here without its end: it was cut short; nothing was loaded
[65]
$ sed '3s/"rev":[0-9]*/"rev":"x"/' "$HOME/one.jsonl" > "$HOME/bad.jsonl"
$ lectern --store "$HOME/four.db" load "$HOME/bad.jsonl"
(re) bad.jsonl:3: 'rev' cannot be a string; nothing was loaded
[65]
$ lectern --store "$HOME/four.db" list
$ lectern backup create "$HOME/kept.db" | head -1
(re) kept.db: .*, [0-9]+ checks hold$
$ lectern new -q - <<< "# Later" > "$HOME/log"
$ lectern backup restore "$HOME/kept.db"
(re) not done
...
[64]
$ lectern --dry-run backup restore "$HOME/kept.db"
(re) would replace
$ lectern backup restore --yes "$HOME/kept.db" | tail -1
(re) ^as it was: .*before-restore-
$ lectern dump | cmp - "$HOME/one.jsonl" && echo the same
the same
$ lectern backup restore --yes "$HOME/one.jsonl"
(re) is no lectern store, or it is damaged
...
[65]
$ lectern backup create "$HOME/one.jsonl"
(re) is there already and is no backup of a store
...
[73]
$ lectern doctor --json | jq -c '[.[] | select(.ok | not) | .what] - ["sandbox"]'
[]
$ lectern doctor --repair --yes | grep -o 'nothing to repair'
nothing to repair
