# A post whose talks were changed by hand comes back from its export as it was changed.
$ lectern import three-ways.md >/dev/null
$ id=$(lectern list title:crumbs --format '{short}'); EDITOR="sed -i -e 's/^title: Crumbs/title: Crumbs, revisited/' -e 's/^speakers: .*/speakers: [Bo Ek]/'" lectern edit "$id"
(re) ^changed talk "Crumbs, revisited"
$ lectern export markdown --output out >/dev/null; grep -c '^talks:' out/oven-meetup-2022/oven-meetup-2022.md
1
$ lectern --store other.db import out >/dev/null; lectern --store other.db list --sort title --format '{title}|{speakers}'
Crumbs, revisited|Bo Ek
Slow bread|Ana Lima
Yeast at scale|Dee Fox
