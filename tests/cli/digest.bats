#!/usr/bin/env bats
# Digests and summaries as a whole: each line where it says it is, nothing twice, budgets held, and quality measured.

load lib.bash

samples=$BATS_TEST_DIRNAME/../../share/lectern/samples
rouge=$BATS_TEST_DIRNAME/../../scripts/rouge
pairs=$BATS_TEST_DIRNAME/../../../shared/corpus/summaries/dev.jsonl

sampled() { lectern import -q "$samples" >/dev/null; }

# Each line of the digest in $HOME/json is exactly the bytes of the note that it names.
lines_are_spans() {
    jq -c '.groups[].lines[]' "$HOME/json" | while read -r line; do
        lectern show "$(jq -r .span.note <<<"$line")" --json | jq -je .body >"$HOME/body"
        from=$(jq .span.byte_start <<<"$line") to=$(jq .span.byte_end <<<"$line")
        tail -c "+$((from + 1))" "$HOME/body" | head -c "$((to - from))" >"$HOME/there"
        jq -j .text <<<"$line" | cmp - "$HOME/there"
    done
}

# The largest cosine of any two lines of the digest, over all words in lower case.
largest_cosine() {
    jq -r '.groups[].lines[].text | gsub("\\s+"; " ")' "$HOME/json" | awk '
        { n++; line = tolower($0)
          while (match(line, /[a-z0-9]+/)) { c[n, w = substr(line, RSTART, RLENGTH)]++; has[n] = has[n] " " w; line = substr(line, RSTART + RLENGTH) } }
        function dot(a, b,   i, k, words, seen, sum) {
            k = split(has[a], words, " ")
            for (i = 1; i <= k; i++) if (!((a, b, words[i]) in seen)) { seen[a, b, words[i]]; sum += c[a, words[i]] * c[b, words[i]] }
            return sum }
        END { for (a = 1; a <= n; a++) for (b = 1; b < a; b++) { x = dot(a, b) / sqrt(dot(a, a) * dot(b, b)); if (x > best) best = x }
              print best + 0 }'
}

@test "a digest is lines of notes, by event and session" {
    sampled
    json digest -e harbourconf-2025
    [ "$status" -eq 0 ]
    holds 'record("title words groups") and .title == "HarbourConf 2025" and (.groups | length) > 1
      and all(.groups[]; record("event session lines") and (.event | event_ref) and (.session | maybe(text)) and (.lines | length) > 0
      and all(.lines[]; (.talk | uuid) and (.text | text) and (.span | record("note rev byte_start byte_end"))))'
    holds '.words == ([.groups[].lines[].text | [splits("\\s+") | select(. != "")] | length] | add)'
    lines_are_spans
    largest_cosine | jq -e '. < 0.7'
}

@test "every talk has a line before any has two, whatever the budget" {
    sampled
    lectern list event:harbourconf-2025 --json | jq length >"$HOME/talks"
    for words in 20 60 150 300 400 600; do
        json digest -e harbourconf-2025 --words "$words"
        holds '.words <= $n' --argjson n "$words"
        holds '[.groups[].lines[].talk] | group_by(.) as $by | ($by | length) == $talks or all($by[]; length == 1)' \
            --argjson talks "$(cat "$HOME/talks")"
        [ "$(lectern digest -e harbourconf-2025 --words "$words" --format markdown | wc -w)" -le "$words" ]
    done
    holds '[.groups[].lines[].talk] | unique | length == $talks' --argjson talks "$(cat "$HOME/talks")"
}

@test "across events it goes by year" {
    sampled
    json digest "clock or promise or disk"
    holds '[.groups[].event.year] | . == sort and (unique | length) >= 3'
    run -0 lectern digest "clock or promise or disk" --format markdown
    [[ $output == *$'\n## 2019\n'*$'\n## 2024\n'*$'\n## 2025\n'* ]]
}

@test "two reports that say the same say it once" {
    mkdir in
    for name in one two; do
        printf -- '---\ntitle: Talk %s\nevent: TwinConf 2020\nspeaker: Ada Byron\n---\n\nThe clock was wrong by %s seconds a day. %s\n' \
            "$name" 9 "It says $name in the end of number $name." >"in/$name.md"
    done
    lectern import -q in >/dev/null
    json digest -e twinconf-2020
    holds '[.groups[].lines[] | select(.text == "The clock was wrong by 9 seconds a day.")] | length == 1'
    largest_cosine | jq -e '. < 0.7'
}

@test "a talk that is an abstract only has a line without a note" {
    printf -- '---\ntitle: Known things\nevent: BareConf 2020\nspeaker: Ada Byron\nabstract: We show a clock that knows the time.\n---\n' >bare.md
    lectern import -q bare.md >/dev/null
    json digest -e bareconf-2020
    holds '.groups[0].lines[0] | .text == "We show a clock that knows the time."'
}

@test "speakers and awards stay" {
    sampled
    run -0 lectern digest -e harbourconf-2025
    [[ $output == *"Ledgers you can hold in your head · Tomas Ruiz Alba, Lena Aho"* ]]
}

@test "on a terminal lines are folded, in JSON they are not" {
    sampled
    on_terminal 'lectern --no-pager digest -e harbourconf-2025 --words 200'
    [ "$status" -eq 0 ]
    while IFS= read -r line; do [ "${#line}" -le 110 ]; done <<<"$output"
    printable "$(printf '%s' "$output" | sed 's/\x1b\[[0-9;]*m//g')"
}

@test "what is not there: status 1; what is wrong: a clear line" {
    sampled
    run -1 lectern digest nosuchwordanywhere
    run -1 lectern questions nosuchwordanywhere
    run -1 lectern reading-list nosuchwordanywhere
    # The name of an event alone is a word like others; on a terminal is said what to ask for.
    on_terminal "lectern --no-pager questions harbourconf-2025"
    [ "$status" -eq 1 ]
    [[ $output == *"no questions for 'harbourconf-2025'; event:harbourconf-2025 asks for those of HarbourConf 2025"* ]]
    on_terminal "lectern --no-pager questions nosuchwordanywhere"
    [[ $output == *"no questions for 'nosuchwordanywhere'; lectern list shows what there is"* ]]
    fails 1 "unknown event 'harbourcnf-2025'" digest -e harbourcnf-2025
    fails 64 "did you mean '--words'" digest --wrods 3
    fails 64 "" digest --words 0
}

@test "gist is what summarises, and says why" {
    sampled
    json summarise ledgers
    holds '.[0].method == "gist" and all(.[0].sentences[]; record("text score span"))'
    json summarise ledgers --explain
    holds 'all(.[0].sentences[]; (.terms | length) > 0 and (([.terms[]] | add) - .score | fabs) < 0.001)'
}

@test "ROUGE, worked out by hand" {
    [ "$("$rouge" --pair "the cat sat on the mat" "the cat lay on a mat")" = "0.6667 0.2000 0.6667" ] # 4 of 6; 1 of 5; the cat on mat
    [ "$("$rouge" --pair "a b c d" "a b c d")" = "1.0000 1.0000 1.0000" ]
    [ "$("$rouge" --pair "a b c d" "d c b a")" = "1.0000 0.0000 0.2500" ]
    [ "$("$rouge" --pair "a a a" "a b")" = "0.4000 0.0000 0.4000" ] # clipped: one a
    [ "$("$rouge" --pair "Logs, logs!" "LOGS: logs; disks")" = "0.8000 0.6667 0.8000" ]
    [ "$("$rouge" --pair "x" "y")" = "0.0000 0.0000 0.0000" ]
    [ "$("$rouge" --pair "" "")" = "0.0000 0.0000 0.0000" ]
}

@test "one sentence each, beside what people wrote" {
    [ -e "$pairs" ] || skip "the pairs are not here"
    "$rouge" "$pairs" gist textrank lexrank >"$HOME/table"
    cat "$HOME/table"
    awk '$1 == "gist" { exit !($2 >= 37.0 && $3 >= 17.5 && $4 >= 30.0) }' "$HOME/table"
    awk '$1 == "textrank" || $1 == "lexrank" { n++; bad += $2 < 31 || $2 > 33 } END { exit n != 2 || bad }' "$HOME/table"
}
