#!/usr/bin/env bats
# kill -9 of the host, again and again, while imports and edits go on: what was acknowledged is there, nothing is torn. The
# control, with the journal off, must show damage: else this test could not see any.

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
    local round=$1 file talk
    mkdir -p "$HOME/in/$round"
    for file in $(seq 12); do
        {
            echo "# Conf$round 2020"
            for talk in 1 2 3; do
                printf '\n## Talk r%sf%st%s about things\n\nPerson R%sF%sT%s\n\n' "$round" "$file" "$talk" "$round" "$file" "$talk"
                printf 'Words word%sx%sx%s and more.\n%.0s' "$round" "$file" "$talk" $(seq 40)
            done
        } >"$HOME/in/$round/f$file.md"
    done
}

# One round: an import and a stream of notes, the host killed somewhere in the middle.
round() {
    local i=$1 k
    shift
    make_folder "$i"
    start_daemon "$@"
    (lectern import -q "$HOME/in/$i" >/dev/null 2>&1 && echo "$i" >>"$HOME/imported") 3>&- &
    local importer=$!
    (for k in $(seq 500); do # until it fails
        lectern new -q - <<<"# Note n${i}k$k"$'\n\n'"text" >/dev/null 2>&1 && echo "n${i}k$k" >>"$HOME/noted" || exit 0
    done) 3>&- &
    local noter=$!
    sleep "0.$(printf '%03d' $((RANDOM % 150 + 10)))"
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    kill "$noter" 2>/dev/null || true # those that found no daemon would start hosts of their own
    wait "$importer" "$noter" 2>/dev/null || true
    rm -f "$XDG_RUNTIME_DIR"/lectern/*.sock
}

# Prints a line for everything that is not as it must be.
damage() {
    sqlite3 -cmd '.timeout 10000' "$LECTERN_STORE" 'PRAGMA integrity_check' 2>&1 | grep -vx ok
    sqlite3 -cmd '.timeout 10000' "$LECTERN_STORE" "INSERT INTO fts(fts) VALUES('integrity-check')" 2>&1
    local have
    have=$(lectern sql "SELECT title FROM note" --json 2>&1) || echo "cannot read: $have"
    while read -r n; do
        [[ $have == *"Note $n\""* ]] || echo "lost note $n"
    done < <(cat "$HOME/noted" 2>/dev/null)
    have=$(lectern sql "SELECT title FROM talk" --json 2>&1) || echo "cannot read: $have"
    local round file n want
    for round in "$HOME"/in/*; do
        round=${round##*/}
        for file in $(seq 12); do
            n=$(grep -o "Talk r${round}f${file}t[123] " <<<"$have" | sort -u | wc -l)
            want=3
            grep -qx "$round" "$HOME/imported" 2>/dev/null || want="[03]"
            # shellcheck disable=SC2053
            [[ $n == $want ]] || echo "file $round/$file has $n talks"
        done
    done
    return 0
}

@test "50 kills: nothing acknowledged is lost, no source is half there" {
    for i in $(seq 50); do round "$i"; done
    run damage
    echo "$output" | head -20
    echo "imports acknowledged: $(wc -l <"$HOME/imported"), notes: $(wc -l <"$HOME/noted")"
    [ -z "$output" ]
    [ "$(wc -l <"$HOME/noted")" -gt 25 ] # else it was never in the middle of anything
}

@test "the control: without a journal the same kills do damage" {
    for i in $(seq 60); do
        round "$i" --unsafe-journal
        [ -n "$(damage)" ] && return 0
    done
    echo "60 kills without a journal left no trace: this test cannot see damage"
    return 1
}
