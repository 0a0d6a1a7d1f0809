#!/usr/bin/env bats
# Pictures and files that notes link to: brought in where that is asked for, from below the folder that was named and through no
# link; listed, written out, shown in pages, and the same after every way out and in.

load lib

pictures() {
    mkdir -p in/talks/fig in/img
    printf '\x89PNG knot' >in/talks/fig/knot.png
    printf '\x89PNG quay' >in/img/quay.png
    printf '%%PDF-1.4 slides' >in/talks/slides.pdf
    printf '# Ropes\n\n![knot](fig/knot.png) and ![the quay](<../img/quay.png>), [slides](slides.pdf) and [a note](other.md).\n' >in/talks/ropes.md
}

attached() { # of all notes: "TITLE NAME HASH", sorted
    lectern eval 'local o = {} for n in lectern.notes.each { type = "note" } do for _, a in ipairs(n.attachments or {}) do
        o[#o + 1] = n.title .. " " .. a.name .. " " .. (a.sha256 or "-"):sub(1, 8) .. " " .. a.bytes end end
        table.sort(o) return table.concat(o, "\n")'
}

@test "without --attach nothing but the named files is read; with it what they link to is kept, once" {
    pictures
    lectern import -q in
    [ -z "$(attached)" ]
    lectern import -q --attach in
    run -0 attached
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]} == "Ropes ../img/quay.png "*" 9" && ${lines[1]} == "Ropes fig/knot.png "* && ${lines[2]} == "Ropes slides.pdf "* ]]
    run -0 lectern import --attach in
    [[ $output == *"ropes.md: unchanged"* ]]
    cp in/talks/ropes.md in/talks/again.md
    echo more >>in/talks/again.md
    lectern import -q --attach in
    [ "$(sqlite3 "$LECTERN_STORE" 'SELECT count(*) FROM t_attachment')" -eq 3 ]
    run -0 lectern check
    [[ $output == *"attachments"*"3 as they should be"* ]]
}

@test "pictures by reference, wherever in the file the reference is defined" {
    mkdir -p in/fig
    for name in knot quay sky mast hull far code; do echo "$name" >in/fig/$name.png; done
    printf '%%PDF-1.4 slides' >in/talk.pdf
    {
        printf '# Ropes 2020\n\n[Quay]: <fig/quay.png> "the quay"\n\n## Knots\n\nAna Limholt (Fjord Works)\n\n![a knot][knot] and ![it][QUAY]\n\n## Masts\n\nBo Lindroos (Fjord Works)\n\n![Sky][], ![mast], [slides][talk], [text][hull] and ![none][nowhere]. `![x][code]`\n\n'
        printf '[knot]: fig/knot.png\n[sky]: fig/sky.png\n   [mast]:\tfig/mast.png\n[mast]: fig/far.png\n[talk]: talk.pdf\n[hull]: other.md\n'
        printf '[code]: fig/code.png\n[^1]: fig/far.png\n![^1]\n'
    } >in/ropes.md
    lectern import -q --attach in
    [ "$(attached | cut -d ' ' -f 1,2)" = "Knots fig/knot.png
Knots fig/quay.png
Masts fig/mast.png
Masts fig/sky.png
Masts talk.pdf" ]
}

@test "links, hidden files, what lies outside and what is too large stay out, and are told of" {
    mkdir -p in/.private secret in/real
    echo secret | tee in/.private/key.png secret/s.png in/real/r.png >/dev/null
    ln -s ../secret/s.png in/link.png
    ln -s ../secret in/way
    mkfifo in/pipe.png
    truncate -s 17M in/large.png
    printf '# N\n\n![a](link.png) ![b](way/s.png) ![c](../secret/s.png) ![d](.private/key.png) ![e](/etc/hostname) ![f](large.png)
![g](pipe.png) ![h](real/%%2e%%2e/%%2e%%2e/secret/s.png) ![i](http://x.invalid/x.png) ![j](gone.png) ![k](real/r.png)\n`![l](real/r.png)`\n' >in/n.md
    run -0 timeout 60 lectern import --attach in
    for name in link.png way/s.png ../secret/s.png large.png gone.png pipe.png; do [[ $output == *"'$name'"* ]]; done
    run -0 attached
    [ "$output" = "N real/r.png $(sha256sum <in/real/r.png | cut -c1-8) 7" ]
    # A file that is named alone: beneath its own folder, not above.
    run -0 lectern --store two.db import --attach in/n.md
    run -0 lectern --store two.db attachments
    [[ $output == *real/r.png* && $output != *s.png* ]]
    fails 77 "may not read the files that notes link to" eval --in notes 'return lectern.import { paths = {}, attach = true }'
    # Standard input lies nowhere.
    lectern import -q --attach - <in/n.md
}

@test "a picture that changes is an update; what went away from the disk stays" {
    pictures
    lectern import -q --attach in
    printf 'other' >in/talks/fig/knot.png
    run -0 lectern import --attach in
    [[ $output == *"ropes.md: 1 updated"* ]]
    lectern undo -q
    [[ $(attached) == *"fig/knot.png $(printf '\x89PNG knot' | sha256sum | cut -c1-8)"* ]]
    rm in/talks/fig/knot.png
    lectern import -q --attach in
    [[ $(attached) == *"fig/knot.png"* ]]
}

@test "listed, saved, purged" {
    pictures
    lectern import -q --attach in
    id=$(lectern attachments ropes --json | jq -r '.[0].note')
    run -0 lectern show "$id"
    [[ $output == *"attached: "*"fig/knot.png (1 kB)"* ]]
    lectern attachments save "$id" fig/knot.png out.png
    cmp out.png in/talks/fig/knot.png
    fails 1 "has no attachment 'none'" attachments save "$id" none other.png
    [ ! -e other.png ]
    lectern list --type note has:attachment --json | jq -e 'length == 1'
    lectern delete -q --yes "$id"
    lectern purge -q --yes "$id"
    [ "$(sqlite3 "$LECTERN_STORE" 'SELECT count(*) FROM t_attachment')" -eq 0 ]
    run ! grep -q 'PNG knot' "$LECTERN_STORE"
}

@test "the same after Markdown, a dump and a backup" {
    pictures
    mkdir -p in/more/fig
    printf 'another knot' >in/more/fig/knot.png # of the same name
    printf -- '---\ntitle: Knots\nspeakers: [Ana Lima]\nevent: Sea 2020\n---\n![k](fig/knot.png)\n' >in/more/knots.md
    printf '# Report\n\n## Part one\n\nAna Lima\n\n![k](fig/knot.png)\n\n## Part two\n\nBo Yi\n\n![k](fig/knot.png) x\n' >in/more/report.md
    lectern import -q --attach in
    before=$(attached)
    lectern export markdown -q --output out
    lectern dump -q d.jsonl
    lectern backup create -q b.db
    for way in "import -q --attach out" "load -q d.jsonl" "backup restore -q b.db"; do
        export LECTERN_STORE=$HOME/again.db
        rm -f again.db*
        # shellcheck disable=SC2086
        lectern $way >/dev/null
        [ "$(attached)" = "$before" ]
        run -0 lectern check
    done
}

@test "pages show the pictures: in themselves, or beside" {
    pictures
    printf '<svg onload="alert(1)"/>' >in/talks/fig/x.svg
    printf '![x](fig/x.svg) ![away](fig/away.png)\n' >>in/talks/ropes.md
    lectern import -q --attach in
    lectern export html -q --output page.html
    grep -q "<img src=\"data:image/png;base64,$(base64 -w0 in/talks/fig/knot.png)\"" page.html
    run ! grep -q 'image/svg' page.html
    for format in html site; do
        lectern export "$format" -q --output "$format"
        src=$(grep -rho '<img src="[^"]*" alt="knot"' "$format" --include='*.html' | head -1 | cut -d'"' -f2)
        cmp "$format/files/${src##*/}" in/talks/fig/knot.png
        grep -rq '<a href="[./]*files/[0-9a-f]*\.pdf">slides' "$format"
        [ "$(find "$format/files" -type f | wc -l)" -eq 3 ]
    done
}
