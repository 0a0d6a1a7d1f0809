# Text that is no report: nothing is invented, nothing is lost, and it does not take long.
$ yes word | head -n 100000 >words.txt; timeout 30 lectern import words.txt --json | jq -c '.sources[0] | [.status, .made]'
["made",1]
$ head -c 4000000 /dev/zero | tr '\0' '\n' >blank.txt; timeout 30 lectern import blank.txt --json | jq -c '.sources[0] | [.status, .made]'
["made",1]
$ yes 'and then the system was slow, said Ada Norn, who asked why' | head -c 3000000 | tr '\n' ' ' >one-line.txt; timeout 30 lectern import one-line.txt --json | jq -c '.sources[0] | [.status, .made]'
["made",1]
$ yes 'and then the system was slow, said Ada Norn, who asked why' | head -c 3000000 >no-blank.txt; timeout 60 lectern import no-blank.txt --json | jq -c '.sources[0].status'
"made"
$ head -c 100000 /dev/urandom >noise.txt; lectern import noise.txt --json 2>/dev/null | jq -c '.sources[0].status'
"failed"
$ lectern list --type note --json | jq '[.[].sources[0] | .byte_end - .byte_start] | add'
10500000

# Encodings, marks of direction and control characters in titles.
$ iconv -f utf-8 -t utf-16 three-posts.txt >utf16.txt; lectern import utf16.txt --json | jq -c '.sources[0] | [.status, .made]'
["made",17]
$ printf 'Moot 2031\n\nPosted by Runa Falk\n\nIlja Storm (Mill) - Red \033[31m and \u202eturned\u202c\n\nText.\n\nPetra Lund (Mill) - Plain\n\nText.\n' >marks.txt
$ lectern import marks.txt >/dev/null; lectern list event:moot-2031 | grep -c $'\033'
0
[1]

# What is too much is kept as text, and told with how much it is.
$ yes 'one line more' | head -n 150200 >long.txt; timeout 60 lectern import long.txt --json | jq -c '.sources[0] | [.status, .warnings[0].line, .warnings[0].message]'
["made",150001,"200 lines were kept as text and not read: at most 150000 are; split the file"]
$ { printf 'Moot 2032\n\nPosted by Runa Falk\n\nHello there.\n\n'; for i in $(seq 10200); do printf 'Ilja Storm (Mill) - Thing number %d of many\n\nIt was said.\n\n' $i; done; } >many.txt
$ timeout 100 lectern import many.txt --json | jq -c '.sources[0] | [.status, .warnings[0].message]'
(re) ^\["made","200 of 10200 items of this post were kept as text: at most 10000 are taken; split the file"\]$
$ lectern list --type note --json | jq --argjson all "$(cat long.txt many.txt | wc -c)" '[.[].sources[0] | select(.path | test("long|many")) | .byte_end - .byte_start] | add == $all'
true

# Lines of old machines end in a carriage return alone.
$ tr '\n' '\r' <three-posts.txt >mac.txt; lectern import --dry-run mac.txt --json | jq -c '[.sources[0].items[] | {title, line_start}]' >mac; lectern import --dry-run three-posts.txt --json | jq -c '[.sources[0].items[] | {title, line_start}]' | cmp - mac && jq 'length > 10' mac
true
