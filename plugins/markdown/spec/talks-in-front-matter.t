# A post whose talks were changed by hand comes back from its export as it was changed.
$ lectern import three-ways.md --quiet
$ id=$(lectern list title:crumbs --format '{short}'); EDITOR="sed -i -e 's/^title: Crumbs/title: Crumbs, revisited/' -e 's/^speakers: .*/speakers: [Bo Ek]/'" lectern edit "$id"
(re) ^updated talk "Crumbs, revisited"
$ lectern export markdown --output out --quiet; grep -c '^talks:' out/oven-meetup-2022/oven-meetup-2022.md
1
$ lectern --store other.db import out --quiet; lectern --store other.db list --sort title --format '{title}|{speakers}'
Crumbs, revisited|Bo Ek
Slow bread|Ana Lima
Yeast at scale|Dee Fox
