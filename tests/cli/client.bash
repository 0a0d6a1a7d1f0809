# shellcheck shell=bash disable=SC2034 # what is set here is for the tests
# For the tests of the client: a copy of lectern with the fake host in the place of lecternd, and a home of its own.

bats_require_minimum_version 1.5.0

setup_file() {
    mkdir "$BATS_FILE_TMPDIR/bin"
    cp "$BUILD/bin/lectern" "$BATS_FILE_TMPDIR/bin/lectern"
    cp "$BUILD/tests/cli/fakehost" "$BATS_FILE_TMPDIR/bin/lecternd"
}

setup() {
    BIN=$BATS_FILE_TMPDIR/bin
    export PATH="$BIN:$PATH" HOME=$BATS_TEST_TMPDIR XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run TERM=xterm LECTERN_NO_DAEMON=1
    export XDG_STATE_HOME=$HOME/state XDG_DATA_HOME=$HOME/data XDG_CONFIG_HOME=$HOME/config
    unset COLUMNS PAGER LECTERN_PAGER LECTERN_STORE LECTERN_CONFIG LESS
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    cd "$BATS_TEST_TMPDIR"
}

# Processes of this file's lecternd.
hosts() { find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$BIN/lecternd" 2>/dev/null | cut -d / -f 3; }

teardown() {
    local pid
    for pid in $(hosts); do kill "$pid" 2>/dev/null || true; done
}

sanitized() { grep -q __asan_init "$BUILD/bin/lectern"; }

# A host in the background, for the tests that need one; the environment of the daemon is what is given before it.
fake_daemon() {
    mkdir -p -m 700 "$XDG_RUNTIME_DIR/lectern"
    env "$@" "$BIN/lecternd" --daemon >/dev/null 2>&1 3>&- &
    until compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock" >/dev/null; do sleep 0.01; done
    unset LECTERN_NO_DAEMON
}

# Run LECTERN... in the background as a shell with job control would, its output in files; waits for WORD on stderr.
begin() {
    local word=$1
    shift
    env --default-signal=INT,TERM,HUP "$@" >"$HOME/stdout" 2>"$HOME/stderr" 3>&- &
    child=$!
    for _ in $(seq 500); do
        grep -q "$word" "$HOME/stderr" && return
        sleep 0.01
    done
    return 1
}

end() {
    status=0
    wait "$child" || status=$?
    stderr=$(cat "$HOME/stderr")
}

# on_terminal 'SHELL COMMAND' 'EXPECT SCRIPT': the command on a terminal of 60 columns, its status that of the test's run.
on_terminal() {
    cat >"$HOME/script" <<END
set timeout 10
set stty_init "rows 24 columns 60"
spawn -noecho sh -c {$1}
proc fail {} { puts "\nno such output"; exit 99 }
expect_before timeout fail
$2
expect eof
catch wait result
exit [lindex \$result 3]
END
    run expect -f "$HOME/script" 3>&-
    output=${output//$'\r'/}
}
