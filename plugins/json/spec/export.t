# An array of objects with all their fields, in the order of the contract.
$ lectern import one.md >/dev/null; lectern export json | jq -r '.[] | "\(.type) \(.title) \(keys_unsorted | .[0:6] | join(" "))"'
note A "quoted" title type id short created updated kind
talk A "quoted" title type id short created updated kind
$ lectern export json | jq -c '.[1] | {speakers, tags, awards, fields, start}'
(re) "affiliations":\["Fjord Labs"\].*"tags":\["(tab","b|b","tab)"\],"awards":\[\],"fields":\{"level":"all"\},"start":"2020-02-03"
$ lectern export json | jq -r '.[0].body'
Tab	here, "quotes" there, a backslash \ and é.
$ lectern export json nothing:here
[]
$ lectern show quoted --format json | jq -r .type
talk
