# The first sentences, and nothing that is none.
$ lectern import notes.md >/dev/null; lectern summarise bridge --with lead --sentences 2
A bridge is a promise to two sides at once. It took Dr. Holm 3.5 years, e.g. for the arches, to say so.
$ lectern summarise bridge --with lead --sentences 1 --json | jq -r '.[0] | .method, .sentences[0].text, .sentences[0].span.byte_start'
lead
A bridge is a promise to two sides at once.
90
$ lectern summarise bridge --with lead --sentences 9 --json | jq -r '.[0].sentences[2:] | .[].text'
Steel sings in winter.
The toll was a song
