# Posts, talks in the layout of their post, papers, a mention with its event, labelled entries; each with lines, a reason and how
# sure it is.
$ lectern import --dry-run --explain three-posts.txt --json | jq -r '.sources[0].items[] | "\(.type) \(.kind) | \(.title) | \(.line_start)-\(.line_end) | \(.confidence) | \(.why)"'
note post | Ovenworks 2031 in Kiel | 1-7 | 1 | a title and a byline
note note | Slow heat, fast bread | 8-17 | 0.95 | passage of 'Slow heat, fast bread'
talk talk | Slow heat, fast bread | 8-17 | 0.95 | 'Name and organisation - Title' like 2 lines of this post
note note | Grinding on demand | 18-21 | 0.95 | passage of 'Grinding on demand'
talk talk | Grinding on demand | 18-21 | 0.95 | 'Name and organisation - Title' like 2 lines of this post
note note | Filed under: Bread No Comments | 22-23 | 1 | text between talks
event null | Ovenworks | 5-6 | 1 | awards told in this post
note post | Moot'30: papers | 24-29 | 1 | a title and a byline
note note | RYE: Sharing Dough Among Strangers | 30-32 | 0.8 | passage of 'RYE: Sharing Dough Among Strangers'
talk paper | RYE: Sharing Dough Among Strangers | 30-32 | 0.8 | a title with a comment below it, like 3 places of this post
note note | Kneading Considered Harmful | 33-35 | 0.8 | passage of 'Kneading Considered Harmful'
talk paper | Kneading Considered Harmful | 33-35 | 0.8 | a title with a comment below it, like 3 places of this post
note note | A Loaf Is a Loaf Is a Loaf | 36-38 | 0.8 | passage of 'A Loaf Is a Loaf Is a Loaf'
talk paper | A Loaf Is a Loaf Is a Loaf | 36-38 | 0.8 | a title with a comment below it, like 3 places of this post
talk mention | Sourbread | 37-37 | 0.9 | named with its event
note post | Programme of the bread day | 39-42 | 1 | a title and a byline
note note | First session: water | 43-48 | 0.95 | passage of 'First session: water'
talk talk | First session: water | 43-48 | 0.95 | 5 labelled lines
$ lectern import three-posts.txt >/dev/null; lectern list --json | jq -c '.[] | select(.kind == "talk") | [.title, (.speakers[] | .name, .affiliations), .start, .building, .room]'
["Slow heat, fast bread","Ilja Storm",["Harbour Bakery"],null,null,null]
["Grinding on demand","Petra Lund",["Fjord Mill","Kiel Flour Works"],null,null,null]
["First session: water","Ilja Storm",["Harbour Bakery"],"2031-06-03T09:00","Old Mill",null]

# Awards of persons belong to the event.
$ lectern list --type event --json | jq -c '.[] | select(.awards != []) | [.slug, (.awards[] | .name, .person.name)]'
["ovenworks-2031","student baking competition","Jana Ritter"]

# The post is put together again from its passages.
$ post=$(lectern list 'title:ovenworks' --type note --format '{id}'); lectern export markdown --output out --quiet >/dev/null; cat out/*/ovenworks*.md | grep -c '^He bakes\|^Best demo\|^Filed under'
3
