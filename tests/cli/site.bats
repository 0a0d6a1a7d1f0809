#!/usr/bin/env bats
# A static site: what is in it, that it holds together, that strangers' text stays text, and how it is in a browser.

# shellcheck disable=SC2034,SC2094,SC2154 # set for the libraries; words that are called site are no files
load lib
load browser

teardown() {
    stop_driver
    stop_daemons
}

root=$BATS_TEST_DIRNAME/../..

# sound FOLDER: everything that site_check.lua and tidy can see is right.
sound() {
    lua5.4 "$BATS_TEST_DIRNAME/site_check.lua" "$1"
    valid_html "$1"
    xmllint --noout "$1/feed.xml"
    index_of "$1" >/dev/null
}

# tidy is older than the attribute that marks the page one is on.
valid_html() {
    local faults
    faults=$(find "$1" -name '*.html' -print0 | xargs -0 -n 50 tidy -q -e -utf8 --show-info no --gnu-emacs yes 2>&1 |
        grep -v 'proprietary attribute "aria-current"') || true
    head -n 20 <<<"$faults"
    [ -z "$faults" ]
}

# The index of the search as JSON.
index_of() { sed -e 1d -e 's/^var LECTERN_INDEX = //' -e 's/^\];$/]/' "$1/search-index.js" | jq -c .; }

# Our own samples and reports: Markdown and plain text in many layouts.
much() {
    mkdir -p texts
    cp -R "$root/share/lectern/samples/." texts/
    cp "$root"/tests/cases/report/own-*.txt texts/
    lectern import -q texts >imported
}

# Notes whose every field wants to be something else.
hostile() {
    cat >evil.md <<'MD'
---
title: "<script>alert(1)</script> \"><img src=x onerror=alert(2)> & 'co'"
speakers: [{name: "</title><b>Eve</b>", affiliation: "\"onclick=\"x"}]
event: "<i>Evil</i> Conf 2020"
room: "</p><script>alert(3)</script>"
tags: ["<u>tag</u>", "c++", "CON", "nul", "../up"]
url: "javascript:alert(4)"
slides_url: "https://x.example/\"onmouseover=\"alert(5)"
abstract: "<script>alert(6)</script> ![pixel](https://tracker.example/p.png)"
---

<script>alert(7)</script> <img src="https://tracker.example/q.png"> <style>@import "https://x.example"</style>

[click](javascript:alert(8)) [data](data:text/html,x) [file](../../../etc/passwd) ![pic](https://tracker.example/r.png)
[![inside](https://tracker.example/s.png)](https://fine.example/) [[<script>alert(9)</script>]]

# Deep
###### Deeper </main></body>

| a | b |
| --- | --- |
| <script>alert(10)</script> | [y](vbscript:x) |
MD
    printf -- '---\ntitle: "../../../etc/passwd"\nspeaker: "../../x"\n---\n\n\\x3c/script>\xe2\x80\xa8 "quoted" \\" text\n' >up.md
    printf -- '---\ntitle: "con"\nkind: talk\nevent: "nul"\nspeaker: aux\n---\n\na\n' >con.md
    printf -- '---\ntitle: "CON"\nkind: talk\nevent: "COM1"\nspeaker: AUX\n---\n\nb\n' >con2.md
    printf -- '---\ntitle: "\xe2\x80\xae\xe2\x81\xa6gnp.exe\xe2\x80\x8f turned \\x07 \\e[31m"\nspeaker: "Bell \xe2\x80\xae"\n---\n\nbell \x07 esc \x1b[31m \xef\xbf\xbf c1 \xc2\x9b end\n' >turned.md
    printf -- '---\ntitle: "%s"\nspeaker: "%s"\n---\n\nlong\n' "$(printf 'Wort %.0s' $(seq 199))" "$(printf 'x%.0s' $(seq 900))" >long.md
    printf -- '---\ntitle: "数据库 — 的未来"\nspeaker: 王小明\n---\n\n中文 text\n' >cjk.md
    printf -- '---\ntitle: "!!!"\nspeaker: "..."\n---\n\nnothing but marks\n' >marks.md
    printf 'A plain post <script>alert(11)</script>\n\nPosted by Eve <eve@evil>\n\n> quoted <b>\n\n  - item & more\nhttps://ok.example/a"b<c>\n' >post.txt
    lectern import -q ./*.md
    lectern import -q --with report post.txt
}

@test "a page for each event, talk, person and tag, the search and the feed" {
    imported
    json export site -o site
    [ "$status" -eq 0 ]
    holds 'record("files") and (.files | length > 15 and list(record("path bytes")))'
    while read -r bytes path; do [ "$(stat -c %s "$path")" -eq "$bytes" ]; done < <(jq -r '.files[] | "\(.bytes) \(.path)"' json)
    [ "$(find site/talks -type f | wc -l)" -eq 3 ]
    [ "$(find site/people -type f | wc -l)" -eq 3 ]
    [ "$(find site/events -type f -printf '%f')" = smallconf-2021.html ]
    grep -q 'Analytical' site/talks/clocks-that-lie-*.html
    grep -q 'A clock is a rumour about time' site/talks/clocks-that-lie-*.html
    grep -q '3 June 2021.*Hall B' site/talks/slow-software-*.html
    grep -q 'Two days by the sea' site/notes/*.html
    grep -q 'href="../tags/winter.html"' site/talks/slow-software-*.html
    sound site
    index_of site | jq -e 'map(select(.[0] == "Clocks that lie")) | .[0] | .[2] == "Ada Byron" and (.[6] | contains("forty of them"))'
}

@test "nothing that is exported is lost, and everything can be reached" {
    much
    lectern export site -o site >/dev/null
    sound site
    lectern list --json | jq -r '.[].id[:8]' | while read -r id; do compgen -G "site/talks/*-$id.html" >/dev/null || echo "talk $id"; done >lost
    # Each word of each note is on some page: a sample of lines from the middle of the sources.
    cat site/notes/*.html site/talks/*.html site/events/*.html | sed -e 's/<[^>]*>//g' -e 's/&#39;/'"'"'/g' -e 's/&quot;/"/g' -e 's/&amp;/\&/g' |
        tr -s ' \n' '  ' >all
    for text in 'Fish soup on the quay' 'it compiles, therefore I am at lu' 'Filed under: Systems, Lighthouses' 'Poster session' \
        'Ensayo y error' 'DAY TWO' 'Nobody went' 'What people said I should read'; do
        grep -qsF "$text" texts/* texts/*/* && ! grep -qF "$text" all && echo "$text"
    done >>lost || true
    cat lost
    [ ! -s lost ]
}

@test "the checker of sites sees faults" {
    imported
    lectern export site -o site >/dev/null
    for fault in 's,<h1>,<h3>,' 's,events.html,nowhere.html,' 's,<main,<div,' 's,<body>,<body onload="x()">,' \
        's,style.css,https://cdn.example/style.css,' 's,default-src,x-src,' 's,<p class,<script>x()</script><p class,'; do
        cp -R site broken
        sed -i "$fault" broken/index.html
        run lua5.4 "$BATS_TEST_DIRNAME/site_check.lua" broken
        echo "$fault: $output"
        [ "$status" -eq 1 ]
        rm -r broken
    done
    sed -i 's,</main>,,' site/index.html
    run valid_html site
    [ "$status" -ne 0 ]
}

@test "the same store gives the same site to the byte" {
    much
    lectern export site -o one >/dev/null
    TZ=Asia/Tokyo LC_ALL=C lectern export site -o two >/dev/null
    diff -r one two
    start_daemon
    lectern export site -o two >/dev/null
    diff -r one two
}

@test "addresses of pages stay when more comes in" {
    imported
    lectern export site -o site >/dev/null
    (cd site && find . -name '*.html' | sort) >before
    printf '# OtherConf 2020\n\n## Clocks that lie\n\n**Ada Byron**\n\nAgain.\n' >other.md
    lectern import -q other.md
    lectern export site -o site >/dev/null
    (cd site && find . -name '*.html' | sort) >after
    [ -z "$(comm -23 before after)" ]
    [ -n "$(comm -13 before after)" ]
    sound site
}

@test "strangers' text stays text, and names of files are safe" {
    hostile
    lectern export site -o site >/dev/null
    find site -type f | sort
    sound site
    not grep -rliE 'tracker\.example/[a-z]\.png"[^>]*/?>[^<]*<img|<img|<iframe|<object' site --include='*.html'
    not grep -rE '="(javascript|vbscript|data):' site --include='*.html'
    not grep -rl '<script>' site
    grep -q '&lt;script&gt;alert(1)&lt;/script&gt;' site/talks/script-alert-1-script-*.html
    # What the feed and the index say is what was written.
    index_of site | jq -e 'map(.[0]) | any(. == "../../../etc/passwd") and any(startswith("<script>alert(1)</script>")) and any(. == "数据库 — 的未来")'
    xmllint --xpath 'count(//*[local-name()="entry"])' site/feed.xml
    # Two that differ by case alone, and a device of another system.
    [ "$(find site/talks -iname 'con-*' | wc -l)" -eq 2 ]
    [ "$(find site -iname 'con.html' -o -iname 'com1.html' -o -iname 'nul.html' -o -iname 'aux.html' | wc -l)" -eq 0 ]
}

@test "the feed: stable ids, newest first, addresses with --url" {
    imported
    lectern export site -o site --title 'Kim & Co' --url https://example.org/talks >/dev/null
    names() { xmllint --xpath "//*[local-name()='entry']/*[local-name()='$1']/${2:-text()}" site/feed.xml; }
    [ "$(names id | grep -c '^urn:uuid:[0-9a-f]\{8\}-[0-9a-f-]*$')" -eq "$(names id | sort -u | wc -l)" ]
    [ "$(lectern list --json | jq -r '.[].id' | while read -r id; do names id | grep -c "urn:uuid:$id"; done | sort -u)" = 1 ]
    names updated | sort -rc
    names updated | while read -r time; do date -d "$time" >/dev/null; done
    names link @href | grep -o 'https://[^"]*' | while read -r url; do [ -f "site/${url#https://example.org/talks/}" ]; done
    [ "$(xmllint --xpath "string(/*/*[local-name()='title'])" site/feed.xml)" = 'Kim & Co' ]
    grep -q '<title>Kim &amp; Co</title>' site/index.html
    sound site
}

@test "a query exports what matches" {
    imported
    lectern export site tag:winter -o site >/dev/null
    sound site
    [ "$(find site/talks -type f | wc -l)" -eq 1 ]
    not grep -rq 'Omar Said' site
    lectern export site speaker:nobody -o none >/dev/null
    sound none
    grep -q 'no talks' none/talks.html
}

@test "a folder is wanted; options that an exporter does not take are refused" {
    imported
    fails 64 "folder" export site
    fails 64 "folder" export site -o site.html
    fails 64 "address" export site -o site --url 'ftp://example.org'
    fails 64 "unknown option '--title'" export json --title x
    mkdir theirs
    echo precious >theirs/index.html
    fails 73 "was not made by lectern" export site -o theirs
    [ "$(cat theirs/index.html)" = precious ]
    lectern describe exporter:site --json | jq -e '.[0].args | map(.name) == ["title", "url"]'
}

@test "templates of one's own take the place of the shipped ones, and stay in their folder" {
    imported
    mkdir -p "$XDG_CONFIG_HOME/lectern/templates/site"
    echo 'body { color: teal }' >"$XDG_CONFIG_HOME/lectern/templates/site/style.css"
    lectern export site -o site >/dev/null
    [ "$(cat site/style.css)" = 'body { color: teal }' ]
    echo '{{title}} and no more' >"$XDG_CONFIG_HOME/lectern/templates/site/page.html"
    fails 78 "{{main}}" export site -o site
    for name in ../lectern/templates/page.html site/../page.html /etc/passwd .x site//page.html ''; do
        fails 64 "template name" eval "return lectern.host.template '$name'"
    done
}

@test "one text of many megabytes is there to its last line" {
    { yes 'prose without a blank line & with <marks>' | head -c 3000000; printf '\nthe last line\n'; } >long.txt
    lectern import -q long.txt >/dev/null
    lectern export site -o site >/dev/null
    [ "$(cat site/notes/*.html | wc -c)" -gt 3000000 ]
    grep -q '^the last line' site/notes/*.html
    not grep -q '<marks>' site/notes/*.html
}

@test "memory does not grow with the texts" {
    mkdir big
    for i in $(seq 40); do
        { printf '# Big Conf 2020\n\n'; for k in $(seq 10); do printf '## Talk %d of %d\n\n**Ann %d**\n\n' "$k" "$i" "$i"; yes 'A sentence of some length, which says little.' | head -n 700; printf '\n\n'; done; } >"big/$i.md"
    done
    lectern import -q big >/dev/null
    start_daemon
    lectern export site -o site >/dev/null
    [ "$(find site/talks -type f | wc -l)" -eq 400 ]
    kb=$(lectern --json daemon status | jq '.compartments[] | select(.plugin == "site") | .rss_kb')
    echo "$kb kB"
    [ "$kb" -lt 40000 ] || grep -q __asan_init "$BUILD/bin/lectern-compartment" # quarantined memory counts
}

@test "in a browser: a phone's width, a search that finds, nothing asked of the network, no complaint" {
    lectern import -q "$root/share/lectern/samples" >/dev/null
    lectern export site -o site >/dev/null
    start_driver
    open_browser 360 740
    local url=file://$PWD/site talk post
    talk=$(find site/talks -name 'the-lighthouse-keepers-guide-*')
    post=$(find site/notes -name 'quiet-interfaces-*')
    for page in index.html events/harbourconf-2025.html "${talk#site/}" "${post#site/}" people.html talks.html search.html; do
        visit "$url/$page"
        [ "$(js 'return innerWidth')" -eq 360 ]
        [ "$(js 'return document.documentElement.scrollWidth')" -le 360 ]
        [ "$(js 'return document.styleSheets.length > 0 && getComputedStyle(document.body).margin === "0px"')" = true ]
    done
    # From the front page to the search, to the talk.
    visit "$url/index.html"
    type_in '#q' 'buoys'
    click 'form button'
    until_true found_in_page 'What the sensor knew'
    [[ $(address) == */site/search.html?q=buoys ]]
    visit "$url/search.html"
    type_in '#q' 'LIGHThouse dahl'
    until_true found_in_page 'lighthouse keeper'
    [ "$(js 'return document.querySelectorAll("#results mark").length > 1')" = true ]
    click '#results li:first-child a'
    [[ $(address) == */talks/the-lighthouse-keepers-guide-*.html ]]
    [ "$(js 'return document.querySelector("h1").textContent')" = "\"The lighthouse keeper's guide to on-call\"" ]
    visit "$url/search.html?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    [ "$(js 'return document.querySelectorAll("main img").length')" -eq 0 ]
    asked_for | sort -u >asked
    [ "$(wc -l <asked)" -gt 5 ]
    not grep -v "^file://$PWD/site/" asked
    console >said
    cat said
    [ ! -s said ]
    # Without scripts everything but the search is there, and the search says so.
    without_scripts
    visit "$url/search.html?q=buoys"
    text_of main | grep -q 'Searching needs scripts'
    text_of main | grep -qv 'What the sensor knew'
    visit "$url/${talk#site/}"
    text_of main | grep -q 'A lighthouse has one job'
    close_browser
}

found_in_page() { js 'return document.querySelector("#results").textContent' | grep -qF "$1"; }
