# Every talk one line before any gets two; no two that say the same; by year across events.
$ lectern import -q notes >/dev/null; lectern digest -e rainconf-2019 --format markdown | grep -v '^#'

- **Drops and where they go** · Ana Lima
  - We present a gutter that counts drops.
  - It was built from wood, and the rain did not mind at all.
- **Umbrellas at scale** · Bo Ek, Ana Lima
  - An umbrella for a thousand people turns over in any wind.
  - They use many small ones, each with its own handle.
$ lectern digest 'gutter or umbrella' | grep -v '^$'
gutter or umbrella
2017
RainConf 2017
(re) ^Wind in pipes · Cy Orr  [0-9a-f]{8}$
  The gutter of Lima sings when the wind comes from the west.
  We present a gutter that counts drops.
2019
RainConf 2019
(re) ^Drops and where they go · Ana Lima  [0-9a-f]{8}$
  It was built from wood, and the rain did not mind at all.
(re) ^Umbrellas at scale · Bo Ek, Ana Lima  [0-9a-f]{8}$
  An umbrella for a thousand people turns over in any wind.
  They use many small ones, each with its own handle.
$ lectern digest -e rainconf-2019 --words 30 --format markdown | wc -w | xargs test 30 -ge && echo held
held
$ lectern digest nosuchword
[1]
$ lectern digest -e rainconf-2091
(re) ^lectern: unknown event 'rainconf-2091'; did you mean
[1]
$ lectern digest --with gits
(re) ^lectern: unknown summariser 'gits'; did you mean 'gist'
[64]
