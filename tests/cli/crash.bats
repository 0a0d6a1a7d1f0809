#!/usr/bin/env bats
# kill -9 of the host, again and again, while imports, new notes, edits, tags and searches go on: what was acknowledged is
# there, nothing is torn. The control, with the journal off, must show damage: else this test could not see any. KILLS sets
# how often (default 50); what became of it is printed as lines that begin with "# kills".

bats_require_minimum_version 1.5.0

setup() {
    export HOME=$BATS_TEST_TMPDIR/h XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/r
    export XDG_CACHE_HOME=$HOME/c XDG_CONFIG_HOME=$HOME/k XDG_DATA_HOME=$HOME/d XDG_STATE_HOME=$HOME/s
    export LECTERN_STORE=$HOME/notes.db
    mkdir -p "$HOME/in" && mkdir -m 700 "$XDG_RUNTIME_DIR"
    lectern list >/dev/null # plugins register once
}

start_daemon() {
    lecternd --daemon "$@" >>"$HOME/daemon.out" 2>&1 3>&- &
    daemon=$!
    for _ in $(seq 500); do
        [ -S "$(compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock" | head -1)" ] && return
        sleep 0.01
    done
    return 1
}

# A folder of 12 files with 3 talks each, all their words unique to the round.
make_folder() {
    local round=$1 file talk words
    mkdir -p "$HOME/in/$round"
    for file in {1..12}; do # no program is started for this: there are a thousand rounds
        {
            echo "# SmallConf 2020" # a number of four digits in its name would be a year
            for talk in 1 2 3; do
                printf '\n## Talk r%sf%st%s about things\n\nPerson R%sF%sT%s\n\n' "$round" "$file" "$talk" "$round" "$file" "$talk"
                printf -v words 'Words word%sx%sx%s and more.\n' "$round" "$file" "$talk"
                printf "$words%.0s" {1..40}
            done
        } >"$HOME/in/$round/f$file.md"
    done
}

# The note that this round edits and tags; "" where it could not be made.
make_base() { lectern new -q --json - <<<"# Base $1"$'\n\n'"text" 2>/dev/null | jq -r '.operations[0].id // empty' 2>/dev/null; }

edit_on() { # until it fails
    local i=$1 id=$2 k
    for k in {1..500}; do
        lectern -q tag "+t${i}k$k" -- "$id" >/dev/null 2>&1 || return 0
        echo "t${i}k$k" >>"$HOME/tagged"
        lectern -q eval --in notes "lectern.notes.update('$id', { body = 'edited ${i}k$k.' })" >/dev/null 2>&1 || return 0
        echo "${i}k$k" >>"$HOME/edited"
        lectern -q search "word$k" >/dev/null 2>&1
    done
}

# One round: an import, a stream of notes, one of edits, tags and searches; the host killed somewhere in the middle.
round() {
    local i=$1 k base
    shift
    make_folder "$i"
    start_daemon "$@"
    base=$(make_base "$i")
    (lectern import -q "$HOME/in/$i" >/dev/null 2>&1 && echo "$i" >>"$HOME/imported") 3>&- &
    local importer=$!
    (for k in {1..500}; do # until it fails
        lectern new -q - <<<"# Note n${i}k$k"$'\n\n'"text" >/dev/null 2>&1 && echo "n${i}k$k" >>"$HOME/noted" || exit 0
    done) 3>&- &
    local noter=$!
    ([ -n "$base" ] && edit_on "$i" "$base") 3>&- &
    local editor=$!
    sleep "0.$(printf '%03d' $((RANDOM % 250 + 10)))"
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    kill "$noter" "$editor" 2>/dev/null || true # those that found no daemon would start hosts of their own
    wait "$importer" "$noter" "$editor" 2>/dev/null || true
    rm -f "$XDG_RUNTIME_DIR"/lectern/*.sock
}

# Prints a line for everything that is not as it must be.
damage() {
    sqlite3 -cmd '.timeout 10000' "$LECTERN_STORE" 'PRAGMA integrity_check' 2>&1 | grep -vx ok
    local have
    have=$(lectern sql "SELECT title FROM note" --json 2>&1) || echo "cannot read: $have"
    comm -23 <(sort -u "$HOME/noted" 2>/dev/null) <(jq -r '.[].title | select(. != null) | ltrimstr("Note ")' <<<"$have" | sort -u) |
        sed 's/^/lost note /'
    comm -23 <(sort -u "$HOME/edited" 2>/dev/null) <(sqlite3 "$LECTERN_STORE" "SELECT substr(body, 8, length(body) - 8) FROM note_rev
        WHERE body LIKE 'edited %.'" 2>&1 | sort -u) | sed 's/^/lost edit /'
    comm -23 <(sort -u "$HOME/tagged" 2>/dev/null) <(sqlite3 "$LECTERN_STORE" "SELECT name FROM t_tag JOIN tagging ON tag = id" 2>&1 |
        sort -u) | sed 's/^/lost tag /'
    lectern check --json 2>&1 | jq -r '.[] | select(.ok | not) | "check \(.check): \(.detail)"' 2>&1
    have=$(lectern sql "SELECT title FROM talk" --json 2>&1) || echo "cannot read: $have"
    local round file n
    local -A talks=() whole=()
    while read -r n round; do talks[$round]=$n; done < <(grep -o 'Talk r[0-9]*f[0-9]*t[123] ' <<<"$have" | sort -u |
        sed 's/Talk r\([0-9]*\)f\([0-9]*\)t.*/\1.\2/' | uniq -c)
    while read -r round; do whole[$round]=1; done < <(cat "$HOME/imported" 2>/dev/null)
    for round in "$HOME"/in/*; do
        round=${round##*/}
        for file in {1..12}; do
            n=${talks[$round.$file]:-0}
            [ "$n" -eq 3 ] || { [ "$n" -eq 0 ] && [ -z "${whole[$round]:-}" ]; } || echo "file $round/$file has $n talks"
        done
    done
    return 0
}

acknowledged() { sed -n '$=' "$HOME/$1" 2>/dev/null | grep . || echo 0; }

# The store grows: it is looked at, and begun anew, every 100 rounds.
@test "kills: nothing acknowledged is lost, no source is half there" {
    imports=0 notes=0 edits=0 tags=0
    for i in $(seq "${KILLS:-50}"); do
        round "$i"
        if [ $((i % 100)) -eq 0 ] || [ "$i" -eq "${KILLS:-50}" ]; then
            run damage
            imports=$((imports + $(acknowledged imported))) notes=$((notes + $(acknowledged noted)))
            edits=$((edits + $(acknowledged edited))) tags=$((tags + $(acknowledged tagged)))
            echo "# kills: $i; acknowledged: $imports imports, $notes notes, $edits edits, $tags tags; damage: $(grep -c . <<<"$output")" >&3
            echo "$output" | head -20
            [ -z "$output" ]
            [ "$i" -eq "${KILLS:-50}" ] || { rm -rf "$HOME/in" "$HOME"/{imported,noted,edited,tagged} "$LECTERN_STORE"*; mkdir "$HOME/in"; }
        fi
    done
    [ $((imports + notes + edits + tags)) -gt $((${KILLS:-50} / 2)) ] # else it was never in the middle of anything
}

@test "the control: without a journal the same kills do damage" {
    for i in $(seq 60); do
        round "$i" --unsafe-journal
        [ -n "$(damage)" ] && echo "# kills without a journal: damage after $i" >&3 && return 0
    done
    echo "60 kills without a journal left no trace: this test cannot see damage"
    return 1
}
