# A plan: written, corrected, obeyed, remembered.
$ printf 'Moot 2031\n\nPosted by Runa Falk\n\nIlja Storm (Mill) - Red\n\nText of red.\n\nPetra Lund (Mill) - Blue\n\nText of blue.\n\nNils Alm (Dam) - Green\n\nText of green.\n' >moot.txt
$ lectern import --dry-run --plan moot.plan moot.txt
(re) moot.txt: [0-9]+ made$
wrote moot.plan; correct it, then: lectern import --plan moot.plan
$ sed -n '/^\[x\] 1/,/^$/p' moot.plan
[x] 1 talk: Red
    lines: 5-7
    speaker: Ilja Storm (Mill)
(re) ^    # 0.[0-9]+ 'Name and organisation - Title' like 3 lines of this post$
    # | Ilja Storm (Mill) - Red
...
$ sed -i 's/talk: Red/talk: Rather red/; s/^\[x\] 2/[ ] 2/' moot.plan; lectern import --plan moot.plan
(re) moot.txt: [0-9]+ made, with 2 corrections$
$ lectern list --sort title --format '{title}|{speakers}'
Green|Nils Alm
Rather red|Ilja Storm
$ printf '\nOne line more.\n' >>moot.txt; lectern import moot.txt
(re) moot.txt: 1 updated, .*with 2 corrections$
$ lectern recipes --json | jq -c '.[].changes'
["'Red': title: Rather red","'Blue' is left out"]
$ lectern import --plan moot.plan
(re) moot.plan:[0-9]+: '.*moot.txt' has changed since this plan was written
...
[65]
