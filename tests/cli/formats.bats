#!/usr/bin/env bats
# What exporters hand to other programs, read by strict readers of those formats: tables, calendars, BibTeX, Org, mail.

# shellcheck disable=SC2034 # set for the library
load lib

here=$BATS_TEST_DIRNAME
samples=$here/../../share/lectern/samples
formats="bibtex csv ics org text"

# read_by KIND FILE: FILE is what its format allows; what is in it goes to $HOME/read.
read_by() { lua5.4 "$here/formats.lua" "$1" "$2" >"$HOME/read"; }

# Titles, names and bodies that mean something to one format or another.
hostile() {
    mkdir -p bad
    local dash=$'---\n' event=$'event: BadConf 2020\n'
    printf '%s' "$dash"'title: "=HYPERLINK(\"http://e.example\",\"x\")"
speakers: ["+cmd|'"'"' /C calc'"'"'!A0", "{Bra}ce }Org", "@sum"]
start: 2020-02-29T23:30-05:00
end: 2020-03-01T00:30-05:00
room: "Hall; A, B\\C"
url: "https://e.example/a{b}c\\d\"e"
tags: [a-b, "c:d", "&%$#_{}~^"]
'"$event$dash"'
# of its own :tag:

[[elisp:(delete-file "x")]] [[shell:rm]] <2020-01-01 Wed> {{{macro}}} @@html:<script>@@ src_sh{rm} call_foo() [fn:1] \alpha

\* star
\#+begin_src sh
\: fixed
\:END:
\| table
1986\. A year

a_b_c /usr/lib/ and /italic/ =verb= ~code~ +strike+ `a=b` `c=d~e`

```sh :eval yes
* star
#+end_src
,* comma
```

> one
>> two

[x](javascript:alert(1)) [y](https://e.example/[z]) ![i](https://e.example/i.png)

| a | b |
|---|---|
| `x` | *q* |
' >bad/a.md
    printf '%s%b' "$dash" 'title: |\n  line one\n  line two } = @x\nspeakers: [Ida]\ndate: 2020-03-01\n'"$event$dash"'\n} \\end{document} $x$ \xe2\x80\xaeevil\xe2\x81\xa6 \abell \e[31m \x7f \xc2\x9b31m\xe2\x80\xa8next\n' >bad/b.md
    printf '%s' "$dash"'title: "'"$(head -c 980 /dev/zero | tr '\0' x)"' } 漢字"
speakers: ["van der Berg", The Rust Team]
date: 2020
'"$event$dash"'
'"$(for _ in $(seq 300); do printf 'é漢 '; done)"'
' >bad/c.md
    local n=4 title task="TO"DO
    for title in '＝full' '＋full' '\t=tab' '-1+1' '　=wide blank' '\u200b=hidden' '\u00a0@nbsp' '\u202e=turned' '\u001b=escape' ' =blank' "$task [#A] do :a:b:" \
        ':a:' 'COMMENT out' '\u2066\u2069' "x$(printf 'é漢%.0s' $(seq 150))"; do
        n=$((n + 1))
        printf '%s%s\n%s' "$dash" "title: \"$title\"" 'speakers: ["=1+'"$n"'"]'$'\n'"date: 2020-03-02"$'\n'"$event$dash"$'\nbody\n' >"bad/t$n.md"
    done
    lectern import -q bad >report 2>&1 || cat report
}

@test "a table is RFC 4180 and no cell is a formula, whatever talks are called" {
    hostile
    lectern export csv >talks.csv
    read_by csv talks.csv
    grep -q '^[0-9]*:10:.=HYPERLINK' read
    grep -q "^[0-9]*:10:'＝full" read
    grep -q "^[0-9]*:11:'=1+5" read
    grep -q '^[0-9]*:10:x\{980\} } 漢字' read
    [ "$(grep -c ':1:' read)" -gt 12 ]
    not env LC_ALL=C grep -qaP '\xe2\x80\xae|\x1b' talks.csv
    lectern export csv --columns title,speakers,abstract,words,sources --bom >some.csv
    read_by csv some.csv
    [ "$(head -c 3 some.csv | od -An -tx1)" = " ef bb bf" ]
}

@test "columns of a table: known ones, in the order asked for" {
    imported
    run -0 lectern export csv --columns speakers --columns title,start
    [[ $output == speakers,title,start* ]]
    fails 64 "did you mean 'title'" export csv --columns titel
    fails 64 "column" export csv --columns ,
    fails 64 "did you mean '--columns'" export csv --column title
    fails 64 "unknown option '--columns'" export ics --columns title
    fails 64 "did you mean 'csv'" export cvs
}

@test "a calendar is RFC 5545, folded between characters, and has a zone only where one is stated" {
    hostile
    lectern export ics >talks.ics 2>warnings
    read_by ics talks.ics
    grep -q '1 talk without a day is left out' warnings
    grep -q ':DTSTART:20200301T043000Z' read
    grep -q ':DTEND:20200301T053000Z' read
    grep -qF ':LOCATION:Hall\; A\, B\\C' read
    grep -q ':DTSTART;VALUE=DATE:20200302' read
    [ "$(grep -c ':UID:' read)" -gt 12 ]
    grep -q ':URL:https://e.example/a%7Bb%7Dc%5Cd%22e' read
    LECTERN_STORE=$HOME/empty.db lectern export ics >none.ics
    read_by ics none.ics
}

@test "the ends of a talk: only where they are behind its start, and of its kind" {
    n=0
    while read -r start end; do
        n=$((n + 1))
        printf -- '---\ntitle: Talk %d\nspeaker: Ida\nevent: EndConf 2020\nstart: %s\nend: %s\n---\n\nx\n' $n "$start" "$end" >"$n.md"
    done <<'TIMES'
2020-12-31T23:30 2021-01-01T00:15
2020-12-30T10:00 2020-12-30T09:00
2020-02-28 2020-02-29
2020-12-29T10:00 2020-12-29
TIMES
    lectern import -q ./*.md
    lectern export ics >talks.ics
    read_by ics talks.ics
    grep '^[0-9]*:DTEND' read | sed 's/^[0-9]*://' | sort >ends
    printf 'DTEND:20210101T001500\nDTEND;VALUE=DATE:20200301\n' | diff ends -
    lectern export org | grep -F '<2020-12-31 Thu 23:30>--<2021-01-01 Fri 00:15>'
    lectern export org | grep -F '<2020-02-28 Fri>--<2020-02-29 Sat>'
    lectern export text | grep -F 'Thursday, 31 December 2020, 23:30 - Friday, 1 January 2021, 00:15'
}

@test "BibTeX: balanced, each key once, nothing left to TeX" {
    hostile
    lectern import -q "$here"/../cases/report/own-{11,13}-*.txt "$samples"
    lectern export bibtex >works.bib
    read_by bib works.bib
    [ "$(cut -d: -f2 read | sort -u | wc -l)" -eq "$(grep -c '^@' works.bib)" ]
    grep -q ':author:.*{The Rust Team}' read
    grep -q 'textbraceright{}' read
    # A calendar needs a day and a table a talk: this is the one that has what is only mentioned.
    lectern list --kind mention --json | jq -r '.[].title' | while read -r title; do grep -qF "$title" works.bib; done
    lectern reading-list --format bibtex >reading.bib
    read_by bib reading.bib
}

@test "Org reads it as what was meant, and has no complaint" {
    hostile
    lectern import -q "$samples" "$here"/../cases/report/own-0[1-6]-*.txt
    lectern export org >talks.org
    printable "$(cat talks.org)"
    emacs -Q --batch -l "$here/formats.el" talks.org >seen 2>err || { cat err && false; }
    cat seen
    not grep -qE '^(macro|export-snippet|footnote-reference|inline-babel-call|inline-src-block|target|radio-target|diary-sexp|drawer|fixed-width|comment|dynamic-block|strike-through) ' seen
    not grep -qE '^link-type (elisp|shell|file|fuzzy|javascript)' seen
    not grep -q '^lint' seen
    not grep -qE '^title [0-9]+ (TO''DO|DONE)' seen
    grep -q '^title 2 nil nil .*TO''DO \[#A\] do' seen
    grep -q '^title 2 nil ("a_b" "c_d".*HYPERLINK' seen
    # A heading for each event, session, talk and note, and those of the bodies.
    [ "$(grep -c '^title 1 ' seen)" -eq "$(lectern list --type event --json | jq '[.[] | select(.talks + .notes > 0)] | length + 1')" ]
    grep -q '^src-block ' seen
    grep -q '^table ' seen
}

@test "plain text: lines of a width, no control characters, no direction but its own" {
    hostile
    lectern import -q "$samples"
    for width in 72 40; do
        lectern export text --width "$width" >talks.txt
        printable "$(cat talks.txt)"
        # What is longer holds one word, a row of a table or code.
        awk -v w="$width" 'length($0) > w && !/^ *[^ ]+$/ && !/^(> )*    / && !/^[A-Z][a-z]+: http/ && !/[|]/ && !/^\[[0-9]+\] / && !/^x+ / && !/^[=-]+$/ {
            print NR ": " $0; bad = 1 } END { exit bad }' talks.txt
    done
    grep -q '^\[[0-9]*\] https://example.org/keys$' talks.txt
    not grep -q $'\r' talks.txt
}

@test "the same store gives the same bytes, to standard output and to a file" {
    hostile
    lectern import -q "$samples" "$here"/../cases/report/own-*.txt
    for format in $formats; do
        lectern export -q "$format" >"one.$format"
        lectern export -q "$format" >"two.$format"
        cmp "one.$format" "two.$format"
        lectern export -q "$format" -o "three.$format"
        cmp "one.$format" "three.$format"
        [ -s "one.$format" ]
    done
}

@test "each exporter is described, has help with examples, and says what is unknown" {
    for format in $formats; do
        json describe "exporter:$format"
        holds 'list(described) and length == 1 and .[0].plugin == $f' --arg f "$format"
        run -0 lectern help "exporter:$format"
        [[ $output == *"lectern export $format"* && $output == *Examples* ]]
    done
    run -0 lectern export csv --help
    [[ $output == *--columns* && $output == *--output* ]]
    fails 64 "did you mean 'bibtex'" export bibtx
}

@test "options of an exporter come by the socket as well" {
    imported
    start_daemon
    run -0 lectern export csv --columns title --json
    run -0 lectern eval 'return #lectern.call("export", { format = "csv", columns = "kind,room" }).files'
    [[ $output == kind,room* ]]
    error 64 E_USAGE "columns" eval 'lectern.call("export", { format = "ics", columns = { "kind" } })'
}

@test "an exporter that fails is named, with its place" {
    mkdir -p k/lectern/plugins
    printf 'local lectern = require "lectern"\nlectern.exporter "broken" { doc = "x", extension = "x",\n  export = function() local x = nil; return x.y end }\n' \
        >k/lectern/plugins/broken.lua
    run --separate-stderr lectern export broken
    echo "$stderr"
    [ "$status" -eq 70 ]
    [[ $stderr == *"exporter 'broken' failed: "*"broken.lua:3"* ]]
}

# Deep lists and quotes, marks without partners, one long line: time goes with the size.
@test "bodies that nobody wrote end in time" {
    for n in 1 4; do
        mkdir -p "deep$n"
        { printf -- '---\ntitle: Deep\nspeaker: Ida\nevent: DeepConf 2020\n---\n\n'
          head -c $((n * 20000)) /dev/zero | sed 's|\x0|- |g'; printf 'x\n\n'
          head -c $((n * 20000)) /dev/zero | tr '\0' '>'; printf ' q\n\n'
          head -c $((n * 15000)) /dev/zero | sed 's|\x0|*a **b _c `d [e /f =~+|g; s|\(.\{400\}\)|\1\n|g'; printf '\n\n'
          head -c $((n * 20000)) /dev/zero | tr '\0' '['; printf '\n\n'
          head -c $((n * 20000)) /dev/zero | tr '\0' '|'; printf '\n|-|\n'
        } >"deep$n/deep.md"
    done
    for n in 1 4; do
        export LECTERN_STORE=$HOME/deep$n.db
        lectern import -q "deep$n"
        for format in $formats; do timeout 20 lectern export "$format" -q >"deep.$format" || [ "$format" = ics ]; done
    done
}
