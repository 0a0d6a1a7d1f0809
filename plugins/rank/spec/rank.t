$ lectern import -q a.md >/dev/null; lectern summarise locks --with textrank --sentences 1
A lock sleeps in the cache.
$ lectern summarise locks --with lexrank --sentences 2
A lock sleeps in the cache. The lock wakes up.
$ lectern summarise locks --with lexrnk
(re) unknown summariser 'lexrnk'; did you mean 'lexrank'
[64]
