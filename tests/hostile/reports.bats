#!/usr/bin/env bats
# Texts that are no reports, read as reports: one line without end, blank lines, words, UTF-16, broken encodings, control characters.
# What is imported is all there, what is shown is clean, and importing again changes nothing. scripts/scale shows the times.

# shellcheck disable=SC2034,SC2094 # set for the library
load ../cli/lib

# all_there FILE: the notes of FILE, which is UTF-8 as imported, put together again are FILE byte for byte.
all_there() {
    lectern list --type note --json --body | jq -j 'sort_by(.sources[0].byte_start) | .[].body' >"$HOME/again"
    cmp "$1" "$HOME/again"
    lectern list --type note --json | jq -r --argjson bytes "$(wc -c <"$1")" -f "$BATS_TEST_DIRNAME/../cases/partition.jq" >"$HOME/why"
    [ ! -s "$HOME/why" ]
}

# whole FILE [AS-UTF-8]: imported, complete, and known the second time.
whole() {
    run --separate-stderr lectern import --with report "$1"
    [ "$status" -eq 0 ]
    all_there "${2:-$1}"
    run -0 --separate-stderr lectern import --with report --json "$1"
    jq -e '.totals.made + .totals.updated == 0' <<<"$output"
}

# clean: nothing on standard input but text, line ends and the styles of lectern itself.
clean() {
    sed 's/\x1b\[[0-4]*m//g; s/\x1b\[3[1-6]m//g' | tr -d '\n\r\t' >"$HOME/shown"
    [ -s "$HOME/shown" ]
    ! LC_ALL=C grep -aP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$HOME/shown"
}

sentence='The cache was slow because nobody had measured what it did under load, and so they replaced it. '

@test "prose in one line, and in lines without a blank one between them" {
    yes "$sentence" | head -n 20000 | tr -d '\n' >one.txt
    yes "$sentence" | head -n 20000 >lines.txt
    whole one.txt
    rm -f "$LECTERN_STORE"*
    whole lines.txt
}

@test "nothing but blank lines, nothing but line ends of another kind" {
    yes '' | head -n 500000 >blank.txt
    yes $'  \t\r' | head -n 50000 >spaces.txt
    whole blank.txt
    rm -f "$LECTERN_STORE"*
    whole spaces.txt
}

@test "a hundred thousand lines of one word" {
    seq 100000 | sed 's/^/Word/' >words.txt
    whole words.txt
}

@test "noise named .txt is refused, and what is beside it is read" {
    mkdir in
    head -c 3000000 /dev/urandom >in/noise.txt
    printf '\377\376\000\330\000\330' >in/halves.txt
    printf 'Notes of a day\n\n%s\n' "$sentence" >in/fine.txt
    run --separate-stderr lectern import in
    [ "$status" -eq 65 ]
    [[ $output$stderr == *"noise.txt' is not text"* ]]
    lectern list --type note --json | jq -e 'any(.[]; .sources[0].path | endswith("fine.txt"))'
}

@test "more than 16 MiB of text: refused in words for people, nothing written" {
    yes "$sentence" | head -c 17000000 >large.txt
    run --separate-stderr lectern import large.txt
    [ "$status" -eq 65 ]
    [[ $output$stderr == *"large.txt' is larger than 16 MiB"*"split it"* ]]
    lectern list --type source --json | jq -e 'length == 0'
}

# exported FILE FORMAT: what is in FILE, and nothing else, as that.
exported() {
    rm -f "$LECTERN_STORE"*
    lectern import -q "$1"
    lectern export "$2" >out
}

@test "16 MB in one line, in blank lines: exported whole" {
    yes "$sentence" | tr -d '\n' | head -c 15999999 >body.txt
    exported body.txt text
    [ "$(awk 'length > 72' out | wc -l)" -eq 0 ]
    tr -s ' \n' '\n' <out | tail -n "$(wc -w <body.txt)" | cmp - <(tr ' ' '\n' <body.txt | tr -s '\n' && echo)
    lectern export org >out
    tail -c 16000001 out | cmp - <(cat body.txt && printf '\n\n')
    yes '' | head -c 16000000 >blank.txt
    exported blank.txt json
    jq -j '.[].body' out | cmp - blank.txt
}

@test "UTF-16, both ways round" {
    { printf 'Café notes\n\n'; yes "$sentence" | head -n 3000; } >plain.txt
    for order in LE BE; do
        rm -f "$LECTERN_STORE"*
        { printf '\ufeff'; cat plain.txt; } | iconv -f UTF-8 -t "UTF-16$order" >wide.txt
        whole wide.txt plain.txt
    done
}

@test "text that was decoded wrongly before stays as it is" {
    { printf 'Notes of the cafÃ© workshop\n\nâ€œQuotedâ€\u009d and â€” dashed. '; yes "$sentence" | head -n 50; } >moji.txt
    whole moji.txt
}

@test "control characters and marks of direction reach no terminal" {
    {
        printf 'Tidewrack 2019: \u202enotes\u2066 \033[31;8mred\033[0m\007 \u009b31m from the\u200f workshop\n\nPosted by Marit \u202eKessler\033]0;x\007\n\n'
        for i in 1 2 3 4; do
            printf 'Ingrid\u2067 Sandvoll (University\033[2J of Eastmouth) - Why \bthe\u202e log %d is three logs\n\n' $i
            printf 'The redo log was\033[1A slow and\u2028 we\u200e measured it %d times in a week. It \u0085cost\177 more than\v they said.\n\n' $i
            printf 'Q: Does \u202eit work?\nA: Yes\033[5m, with \033[8mhidden\033[7m costs.\n\n'
        done
    } >bidi.txt
    whole bidi.txt
    for shown in "import --dry-run --explain bidi.txt --with report" list "list --type note" "list --type person" "list --type event" \
        "list --type source" digest "search log" "show Tidewrack" questions "keyphrases Tidewrack" \
        "summarise Tidewrack --explain"; do
        # shellcheck disable=SC2086
        TERM=xterm timeout 60 script -qec "lectern --no-pager --color always $shown" /dev/null </dev/null | clean
    done
}
