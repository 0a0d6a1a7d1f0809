#!/usr/bin/env bats
# What goes wrong outside lectern: files that are not there or are not text, disks that are full, stores that are damaged. Each
# time: one clear line, the right status, the store as it was, the daemon alive, the next client answered.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

# The daemon of each test has notes; `survived` says that nothing happened to it and to them.
begin() {
    imported
    start_daemon
    lectern list >/dev/null
    before=$(stored)
}

survived() {
    [ "$(stored)" = "$before" ]
    sqlite3 "$LECTERN_STORE" 'PRAGMA integrity_check' | grep -qx ok
    still_alive
    lectern search --json rumour | jq -e 'length == 1' >/dev/null
}

can_drop() { without_root true 2>/dev/null || skip "root without the right to give up rights"; }

# As root: a file system of SIZE at small/, taken away by teardown.
small_disk() {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
    mkdir small
    mount -t tmpfs -o "size=$1" lectern-test small 2>/dev/null || skip "needs root with the right to mount"
    mounted=$PWD/small
}

teardown() {
    stop_daemons
    [ -z "${mounted:-}" ] || umount "$mounted" || umount -l "$mounted"
}

# ---- files -------------------------------------------------------------------------------------------------------

@test "a missing file, an unreadable one, a device" {
    begin
    fails_import 66 "no such file or folder: '$PWD/nothing.md'" nothing.md
    json import nothing.md
    [ "$status" -eq 66 ]
    holds 'report("") and (.sources[0].error | failure_value and .code == "E_INPUT")'
    mkfifo pipe.md
    fails_import 66 pipe.md pipe.md
    fails_import 66 /dev/zero /dev/zero
    survived
}

@test "Markdown of many megabytes without a blank line: points, one line, code; all of it kept, and written as HTML" {
    begin
    lectern daemon stop >/dev/null
    yes -- '- a point' | head -c 4000000 >points.md
    yes 'word after word' | tr '\n' ' ' | head -c 8000000 >line.md
    { echo '```' && yes 'int x;' | head -c 4000000; } >code.md
    for name in points line code; do
        export LECTERN_STORE=$PWD/$name.db
        lectern import --quiet "$name.md" >/dev/null
        lectern export html --output "$name.html" >/dev/null
        [ "$(stat -c %s "$name.html")" -gt 4000000 ]
        lectern export markdown --output out/ >/dev/null
        sed '1,/^---$/d; 1,/^---$/d' out/*.md | cmp - "$name.md" || tail -c "$(stat -c %s "$name.md")" out/*.md | cmp - "$name.md"
        rm -r out
    done
}

@test "a file and a folder that may not be read: 66, the others are imported" {
    can_drop
    imported
    before=$(stored)
    mkdir -m 0 locked
    echo '# x' >secret.md
    chmod 0 secret.md
    run --separate-stderr without_root lectern --json --no-daemon import secret.md locked
    chmod 700 locked
    echo "$status $output $stderr"
    [[ $status == 65 || $status == 66 ]]
    jq -e '[.sources[].error.code] == ["E_INPUT", "E_INPUT"]' <<<"$output"
    [ "$(stored)" = "$before" ]
}

@test "a folder without anything to read" {
    begin
    mkdir -p empty/deeper
    fails_import 66 "holds no files" empty
    mkdir pictures
    head -c 2000 /dev/urandom >pictures/a.jpg
    json import pictures
    [ "$status" -eq 0 ]
    holds '.totals.failed == 0 and .totals.made == 0 and .run == null'
    survived
}

@test "binary files: named 65, in a folder they do not stop the others" {
    begin
    head -c 5000 /dev/urandom >noise.md
    printf 'text with a \0 NUL\n' >nul.md
    cp "$(command -v lecternd)" program.md
    for file in noise nul program; do
        fails_import 65 "$file.md' is not text" $file.md
    done
    json import noise.md
    [ "$status" -eq 65 ]
    holds 'report("") and (.sources[0].error | failure_value and .code == "E_DATA")'
    survived
}

@test "60 MB are refused before they are read" {
    begin
    truncate -s 60M huge.md
    fails_import 65 "huge.md' is larger than 50 MiB" huge.md
    # a sparse file of a terabyte takes no longer
    truncate -s 1T vast.md
    fails_import 65 "vast.md' is larger than 50 MiB" vast.md
    rss=$(awk '/^VmHWM/ {print $2}' "/proc/$daemon/status")
    [ "$rss" -lt 200000 ] || grep -q __asan_init "$BUILD/bin/lecternd"
    head -c 55000000 /dev/zero | tr '\0' 'x' >stream
    run --separate-stderr lectern import --with markdown - <stream
    echo "$status $output $stderr"
    [ "$status" -eq 65 ]
    [[ $output$stderr == *"larger than "*" MiB"* ]]
    survived
}

@test "the order of guesses: byte order mark, declared charset, UTF-8, Windows-1252 with a warning" {
    begin
    printf '\xef\xbb\xbf# Mark aardvark caf\xc3\xa9\n' >bom.md
    printf '# Wide aardvark caf\xc3\xa9\n' | iconv -f UTF-8 -t UTF-16 >wide.md
    printf '<!-- -*- coding: latin-1 -*- -->\n\n# Declared aardvark caf\xe9\n' >declared.md
    printf '# Plain aardvark caf\xc3\xa9\n' >plain.md
    printf '# Guess aardvark caf\xe9 \x93quoted\x94\n' >guess.md
    json import bom.md wide.md declared.md plain.md guess.md
    [ "$status" -eq 0 ]
    holds '[.sources[].warnings | length] == [0, 0, 0, 0, 1]'
    holds '.sources[4].warnings[0].message | test("windows-1252"; "i")'
    json list --type source aardvark || true
    json list --type source
    holds '[.[] | select(.path | test("(bom|wide|declared|plain|guess).md")) | .encoding | ascii_downcase]
        == ["utf-8", "utf-16le", "iso-8859-1", "utf-8", "windows-1252"]'
    json search 'aardvark' -n 20
    holds 'length == 5 and all(.[]; .title | contains("caf\u00e9"))'
    json list --type note --body
    holds 'any(.[]; .title // "" | contains("\u201cquoted\u201d"))'
}

@test "broken UTF-8 is repaired, not refused, and told" {
    begin
    { for _ in $(seq 40); do printf 'caf\xc3\xa9 \xe2\x80\x94 na\xc3\xafve '; done; printf 'torn \xc3 here\n'; } >torn.md
    json import torn.md
    [ "$status" -eq 0 ]
    holds '.sources[0].status == "made" and (.sources[0].warnings | length == 1)'
    json list --type note --body
    holds 'any(.[]; .body // "" | contains("torn \ufffd here"))'
}

@test "empty files and files of nothing but white space" {
    begin
    : >nothing.md
    printf '\n \t\n\n' >blank.md
    printf '\xef\xbb\xbf' >mark.md
    json import nothing.md blank.md mark.md
    [ "$status" -eq 0 ]
    holds 'report("") and all(.sources[]; .error == null)'
    still_alive
}

@test "names that are hard to print or to write" {
    begin
    mkdir hard
    echo '# One' >$'hard/new\nline.md'
    echo '# Two' >$'hard/esc\033[2J.md'
    echo '# Three' >$'hard/bad\377utf8.md'
    echo '# Four' >'hard/--explain.md'
    echo '# Five' >"hard/$(printf 'n%.0s' $(seq 250)).md"
    run --separate-stderr lectern import hard
    echo "$status $output $stderr"
    [ "$status" -eq 0 ]
    printable "$output$stderr"
    json import hard
    holds '.sources | length == 5 and all(.[]; .status == "unchanged")'
    json list --type source
    holds 'list(source) and length == 8'
    cd hard
    json import -- --explain.md
    [ "$status" -eq 0 ]
}

@test "deep folders and a circle of links end" {
    begin
    mkdir -p deep
    (cd deep; for _ in $(seq 120); do mkdir d; cd d; done; echo '# Abyss' >note.md)
    ln -s . deep/loop
    run timeout 20 lectern import deep
    echo "$status $output"
    [[ $status == 0 || $status == 66 ]]
    still_alive
}

# ---- words -------------------------------------------------------------------------------------------------------

@test "unknown names are told with the nearest right one" {
    begin
    fails 64 "did you mean 'search'" serach rumour
    fails 64 "did you mean '--explain'" import --explian in
    fails 1 "did you mean 'smallconf-2021'" note -e smalconf-2021 x
    fails 1 "ffffffff" history ffffffff
    fails 64 "did you mean 'markdown'" export markdonw -o x
    survived
}

@test "huge arguments" {
    begin
    big=$(head -c 100000 /dev/zero | tr '\0' a)
    run --separate-stderr lectern search "$big"
    echo "$status ${stderr:0:300}"
    [[ $status == 1 || $status == 64 ]]
    [ ${#stderr} -lt 2000 ]
    # shellcheck disable=SC2046
    run --separate-stderr lectern search $(seq 30000)
    echo "$status ${stderr:0:300}"
    [[ $status == 1 || $status == 64 ]]
    [ ${#stderr} -lt 2000 ]
    fails 64 "" "$big"
    [ ${#stderr} -lt 2000 ]
    fails 64 "" list --type "$big"
    [ ${#stderr} -lt 2000 ]
    run --separate-stderr lectern show "$(head -c 5000 /dev/zero | tr '\0' '(')"
    [[ $status == 1 || $status == 64 ]]
    run --separate-stderr lectern import "$(head -c 5000 /dev/zero | tr '\0' '/')x"
    [[ $status == 64 || $status == 66 ]]
    survived
}

@test "words that are not UTF-8, and NUL bytes on standard input" {
    begin
    fails 64 "UTF-8" search $'caf\xe9'
    fails 64 "UTF-8" note $'caf\xe9'
    run --separate-stderr lectern note - < <(printf 'a\0b\n')
    echo "$status $output $stderr"
    [[ $status == 64 || $status == 65 ]]
    clear_line "$stderr"
    run --separate-stderr lectern new - < <(printf '# caf\xe9\n')
    echo "$status $output $stderr"
    [[ $status == 64 || $status == 65 ]]
    clear_line "$stderr"
    fails_import 65 "not text" - < <(printf '# a\0b\n')
    run --separate-stderr lectern show - < <(printf 'ab\0cdef01\n')
    [[ $status == 1 || $status == 64 || $status == 65 ]]
    survived
}

# ---- the place of the store --------------------------------------------------------------------------------------

# What was there is there, and of the sources "Note N" each is whole or absent.
whole_sources() {
    local sources
    sources=$(lectern list --type source --json | jq length)
    [ "$(lectern list --type note --json | jq '[.[] | select(.title // "" | startswith("Note "))] | length')" -eq $((sources - $1)) ]
    lectern search --json rumour | jq -e 'length == 1'
    sqlite3 "$LECTERN_STORE" 'PRAGMA integrity_check' | grep -qx ok
}

@test "a store whose disk is full: 74, what is there stays, and it goes on when there is room" {
    small_disk 1200k
    export LECTERN_STORE=$PWD/small/notes.db
    begin
    head -c 2000000 /dev/zero >small/filler || true
    mkdir more
    for i in $(seq 40); do { echo "# Note $i"; head -c 20000 /dev/urandom | base64; } >more/"$i".md; done
    run --separate-stderr lectern import more
    echo "$status $output $stderr"
    [ "$status" -eq 74 ]
    clear_line "$stderr"
    fails 74 "full" note "$(head -c 60000 /dev/zero | tr '\0' n)"
    error 74 E_STORE full note "$(head -c 60000 /dev/zero | tr '\0' n)"
    whole_sources 3
    still_alive
    rm small/filler
    lectern note there is room
    lectern search --json '"there is room"' | jq -e 'length == 1'
}

@test "a store that cannot be made: 74" {
    small_disk 64k
    fails 74 "" --store "$PWD/small/notes.db" list
    [ "$(find small -type f | wc -l)" -eq 0 ]
    fails 74 "/proc/lectern" --store /proc/lectern/notes.db note x
}

@test "a limit on file sizes: 74, and what is there stays" {
    imported
    before=$(stored)
    mkdir more
    for i in $(seq 60); do { echo "# Note $i"; head -c 20000 /dev/urandom | base64; } >more/"$i".md; done
    run --separate-stderr bash -c 'ulimit -f 600; exec lectern --no-daemon import more'
    echo "$status $output $stderr"
    [ "$status" -eq 74 ]
    clear_line "$stderr"
    sqlite3 notes.db 'PRAGMA integrity_check' | grep -qx ok
    whole_sources 3
}

@test "a read-only store: 74, nothing beside it" {
    can_drop
    imported
    sqlite3 notes.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    rm -f notes.db-wal notes.db-shm
    mkdir shelf
    mv notes.db shelf/
    chmod 400 shelf/notes.db
    chmod 500 shelf
    sum=$(sha256sum <shelf/notes.db)
    run --separate-stderr without_root lectern --no-daemon --store shelf/notes.db note x
    echo "$status $output $stderr"
    [ "$status" -eq 74 ]
    clear_line "$stderr"
    [[ $stderr == *shelf/notes.db* ]]
    run --separate-stderr without_root lectern --no-daemon --store shelf/notes.db list
    echo "$status $output $stderr"
    [ "$status" -eq 0 ] || clear_line "$stderr"
    [[ $status == 0 || $status == 74 ]]
    chmod 700 shelf
    [ "$(sha256sum <shelf/notes.db)" = "$sum" ]
    [ "$(ls shelf)" = notes.db ]
}

# ---- what the store is -------------------------------------------------------------------------------------------

idle() { [ -z "$(compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock")" ]; }

# refused STATUS TEXT: no command gets anywhere with the store at bad.db, which stays as it is.
refused() {
    local sum words
    sum=$(find bad.db* -type f -exec sha256sum {} +)
    for words in list 'note x' 'import in' 'daemon.status' 'search x'; do
        [ "$words" != daemon.status ] || continue
        # shellcheck disable=SC2086
        fails "$1" "$2" --store bad.db $words
    done
    error "$1" "" "" --store bad.db list || holds 'failure(.error.code)'
    run --separate-stderr lectern --store bad.db daemon start
    echo "daemon start: $status $output $stderr"
    [ "$(find bad.db* -type f -exec sha256sum {} +)" = "$sum" ]
    lectern --store bad.db daemon stop >/dev/null 2>&1 || true
    until_true idle
    [ "$(find bad.db* -type f -exec sha256sum {} +)" = "$sum" ]
}

@test "a file that is no store: 74, left as it is" {
    notes
    echo 'dear diary, this is a text file and not a database at all, whatever its name says' >bad.db
    refused 74 "bad.db*is no lectern store"
    rm bad.db
    sqlite3 bad.db 'CREATE TABLE precious(x); INSERT INTO precious VALUES(1)'
    refused 74 "bad.db*is no lectern store"
    head -c 4096 /dev/urandom >bad.db
    refused 74 "bad.db*is no lectern store"
}

@test "a damaged store: 74 or an answer, never a crash, and nothing written" {
    imported
    sqlite3 notes.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    size=$(stat -c %s notes.db)
    for at in 100 2000 5000 20000 40000 $((size / 2)) $((size - 3000)); do
        cp notes.db bad.db
        rm -f bad.db-wal bad.db-shm
        dd if=/dev/zero of=bad.db bs=1 seek=$at count=2500 conv=notrunc 2>/dev/null
        for words in 'list --json' 'list --type note --body --json' 'search --json rumour' 'runs --json' 'note x'; do
            # shellcheck disable=SC2086
            run --separate-stderr lectern --store bad.db $words
            echo "at $at: $words: $status ${stderr:0:200}"
            [[ $status == 0 || $status == 1 || $status == 74 ]]
            [[ $status != 74 ]] || [[ $words == *--json* ]] || clear_line "$stderr"
        done
    done
    head -c $((size / 2)) notes.db >bad.db
    rm -f bad.db-wal bad.db-shm
    run --separate-stderr lectern --store bad.db list --type note --body
    echo "half: $status ${stderr:0:200}"
    [ "$status" -eq 74 ]
    clear_line "$stderr"
}

@test "a store that is damaged under a running daemon does not end it" {
    begin
    sqlite3 notes.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    cp notes.db good.db
    dd if=/dev/zero of=notes.db bs=1 seek=100 count=60000 conv=notrunc 2>/dev/null
    for words in 'list --type note --body' 'search rumour' 'note x' 'runs' 'list --type tag'; do
        # shellcheck disable=SC2086
        run --separate-stderr lectern $words
        echo "$words: $status ${stderr:0:200}"
        [[ $status == 0 || $status == 1 || $status == 74 ]]
    done
    kill -0 "$daemon"
    lectern --json daemon status | jq -e '.running'
}

@test "a newer schema: 78, both numbers, left as it is" {
    imported
    cp notes.db bad.db
    sqlite3 bad.db 'PRAGMA user_version = 999' 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    rm -f bad.db-wal bad.db-shm
    refused 78 "schema 999*knows up to"
}

@test "a store that is a folder, a device, below a file: 74" {
    mkdir bad.db
    fails 74 "bad.db" --store bad.db list
    fails 74 "/dev/null" --store /dev/null list
    echo x >file
    fails 74 "file/notes.db" --store file/notes.db note x
    [ "$(cat file)" = x ]
    [ -z "$(ls bad.db)" ]
}

@test "no HOME: 78; with all places named it is not missed" {
    run --separate-stderr env -u HOME -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_CACHE_HOME -u XDG_STATE_HOME lectern list
    echo "$status $stderr"
    [ "$status" -eq 78 ]
    clear_line "$stderr"
    [[ $stderr == *HOME* ]]
    run env -u HOME lectern list --json
    [ "$status" -eq 0 ]
}

@test "folders that cannot be made or used" {
    echo x >file
    XDG_RUNTIME_DIR=$PWD/file run --separate-stderr lectern daemon start
    echo "$status $output $stderr"
    [[ $status == 73 || $status == 78 ]]
    [[ $stderr == *"$PWD/file"* ]]
    run --separate-stderr env XDG_CACHE_HOME="$PWD/file" lectern list --json
    echo "$status $output $stderr"
    [ "$status" -eq 0 ]
    jq -e '. == []' <<<"$output"
    run --separate-stderr lectern --config "$PWD/file" list --json
    echo "$status $output $stderr"
    [[ $status == 0 || $status == 78 ]]
    XDG_RUNTIME_DIR=$PWD/$(printf 'd%.0s' $(seq 120)) fails 78 "107 bytes" list
}

@test "a faulty init.lua is told and does not stop the others" {
    mkdir -p "$XDG_CONFIG_HOME/lectern"
    echo 'local x = = 1' >"$XDG_CONFIG_HOME/lectern/init.lua"
    run --separate-stderr lectern list --json
    echo "$status $output $stderr"
    [ "$status" -eq 0 ]
    jq -e '. == []' <<<"$output"
    json plugins
    holds '.[] | select(.name == "user") | .state != "ok" and (.error | text)'
}
