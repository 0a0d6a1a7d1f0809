# One sentence, and why.
$ lectern import -q locks.md >/dev/null; lectern summarise locks --sentences 1
We propose a lock that sleeps until it is needed.
$ lectern summarise locks --sentences 1 --json | jq -r '.[0] | .method, .sentences[0].span.byte_start'
gist
164
$ lectern summarise locks --sentences 1 --explain | head -n 3
(re) ^ *[0-9.]+  We propose a lock that sleeps until it is needed[.]$
(re) begins: 0[.][0-9]+, .*cover: 0[.][0-9]+
...
# The terms add up to the score.
$ lectern summarise locks --sentences 9 --explain --json | jq -c '[.[0].sentences[] | ((.terms | add) - .score) | fabs < 0.001] | all'
true
# Everything that may be chosen, and nothing else.
$ lectern summarise locks --sentences 9 --json | jq -r '.[0].sentences[].text'
I'm glad that I could come to this talk.
Locks have been studied for a long time.
We propose a lock that sleeps until it is needed.
It is the first lock that sleeps, and the cache likes it.
The lock costs 3 ns, e.g. on a phone
