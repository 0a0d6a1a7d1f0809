#!/usr/bin/env bats
# The shell command against a host that plays scenes (fakehost.c): what it sends, which host it takes, what it copies,
# and how it ends.

# shellcheck disable=SC2154 # set by run and end
load client

# ---- what is sent ------------------------------------------------------------------------------------------------

@test "the version needs no host" {
    mkdir alone && cp "$BIN/lectern" alone/
    run alone/lectern --version
    [ "$status" -eq 0 ] && [ "$output" = "lectern 0.1.0" ]
    run alone/lectern -V
    [ "$status" -eq 0 ] && [ "$output" = "lectern 0.1.0" ]
}

@test "the version in another form is the host's" {
    run lectern --json --version
    [ "$(jq -c .argv <<<"$output")" = '["--json","--version"]' ]
}

@test "all words go to the host, whatever they are" {
    run lectern --json --color=never facts 'two words' '' -- $'new\nline' --store x
    [ "$(jq -c .argv <<<"$output")" = '["--json","--color=never","facts","two words","","--","new\nline","--store","x"]' ]
    run lectern
    [ "$(jq -c .argv <<<"$output")" = '[]' ]
    run lectern --no-such-global facts
    [ "$(jq -c .argv <<<"$output")" = '["--no-such-global","facts"]' ]
}

@test "folder, umask, terminals and width" {
    mkdir 'a b' && cd 'a b' && umask 027
    run lectern facts
    [ "$(jq -r .cwd <<<"$output")" = "$HOME/a b" ]
    [ "$(jq -c '[.umask, .tty, .width, .private]' <<<"$output")" = '[23,[false,false,false],80,true]' ]
    COLUMNS=133 run lectern facts
    [ "$(jq -c .width <<<"$output")" = 133 ]
    COLUMNS=-4 run lectern facts
    [ "$(jq -c .width <<<"$output")" = 80 ]
}

@test "of the environment only what the host needs" {
    TZ=Asia/Tokyo LECTERN_NOW=x XDG_ANY=y EDITOR='vi -e' SECRET_TOKEN=z PATHX=n HOMER=s run lectern facts
    [ "$(jq -c '[.env.TZ, .env.LECTERN_NOW, .env.XDG_ANY, .env.EDITOR]' <<<"$output")" = '["Asia/Tokyo","x","y","vi -e"]' ]
    [ "$(jq -c '[.env.SECRET_TOKEN, .env.PATHX, .env.HOMER]' <<<"$output")" = '[null,null,null]' ]
}

@test "a current folder that is gone is said so" {
    mkdir gone && cd gone && rmdir ../gone
    run lectern facts
    [ "$status" -eq 66 ] && [[ "$output" == *"current folder"* ]]
}

# ---- which host --------------------------------------------------------------------------------------------------

@test "a daemon is used where one answers, else a private host" {
    fake_daemon
    run lectern facts
    [ "$(jq .private <<<"$output")" = false ]
    run lectern --no-daemon facts
    [ "$(jq .private <<<"$output")" = true ]
    LECTERN_NO_DAEMON=1 run lectern facts
    [ "$(jq .private <<<"$output")" = true ]
    LECTERN_NO_DAEMON=0 run lectern facts
    [ "$(jq .private <<<"$output")" = false ]
    run lectern --store other.db facts
    [ "$(jq .private <<<"$output")" = true ]
    LECTERN_CONFIG=$HOME/other run lectern facts
    [ "$(jq .private <<<"$output")" = true ]
}

@test "a socket nobody listens at is no daemon" {
    fake_daemon
    for pid in $(hosts); do kill -9 "$pid"; done
    run lectern facts
    [ "$status" -eq 0 ] && [ "$(jq .private <<<"$output")" = true ]
}

@test "a daemon that is ending counts as none" {
    fake_daemon FAKE_SERVE=close
    run lectern facts
    [ "$status" -eq 0 ] && [ "$(jq .private <<<"$output")" = true ]
}

@test "the private host gets store and configuration, and is gone afterwards" {
    FAKE_ARGV=1 run lectern --store 'my notes.db' --config=conf facts
    [[ "$output" == "<lecternd><--private><3><--store><my notes.db><--config><conf>"* ]]
    run lectern facts
    [ -z "$(hosts)" ]
}

@test "without lecternd: 69 and its path" {
    mkdir alone && cp "$BIN/lectern" alone/
    run --separate-stderr alone/lectern list
    [ "$status" -eq 69 ] && [ -z "$output" ]
    [[ "$stderr" == "lectern: cannot start '$HOME/alone/lecternd': No such file or directory; "* ]]
}

@test "a folder of the socket that others may enter is refused" {
    fake_daemon
    chmod 755 "$XDG_RUNTIME_DIR/lectern"
    run --separate-stderr lectern two
    [ "$status" -eq 77 ] && [ -z "$output" ] && [[ "$stderr" == *"chmod 700 '$XDG_RUNTIME_DIR/lectern'"* ]]
    chmod 700 "$XDG_RUNTIME_DIR/lectern"
    mv "$XDG_RUNTIME_DIR/lectern" elsewhere && ln -s "$PWD/elsewhere" "$XDG_RUNTIME_DIR/lectern"
    run lectern two
    [ "$status" -eq 77 ] && [[ "$output" == *"not a folder of yours"* ]]
}

@test "somebody else's daemon is refused" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    # the other user cannot enter the folder of the tests
    export XDG_RUNTIME_DIR
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/lt.XXXXXX)
    chown 12345 "$XDG_RUNTIME_DIR"
    cp "$BIN/lecternd" "$XDG_RUNTIME_DIR/"
    (cd / && exec setpriv --reuid 12345 --clear-groups "$XDG_RUNTIME_DIR/lecternd" --daemon >/dev/null 2>&1 3>&-) &
    until compgen -G "$XDG_RUNTIME_DIR/lectern/*.sock" >/dev/null; do sleep 0.01; done
    unset LECTERN_NO_DAEMON
    run lectern two
    first="$status $output"
    chown 0 "$XDG_RUNTIME_DIR/lectern"
    run lectern two
    kill $!
    rm -r "$XDG_RUNTIME_DIR"
    [[ "$first" == "77 "*"not a folder of yours"* ]]
    [ "$status" -eq 77 ] && [[ "$output" == *"run by user 12345"* ]]
}

@test "another protocol: 76, and daemon stop still works" {
    fake_daemon FAKE_PROTOCOL=refuse
    run lectern two
    [ "$status" -eq 76 ]
    [ "$output" = "lectern: this daemon is version 9.9, the client 0.1.0; restart the daemon: lectern daemon stop" ]
    run lectern daemon stop
    [ "$status" -eq 0 ] && [[ "$output" == "lectern stopped (pid "*")" ]]
    until [ -z "$(hosts)" ]; do sleep 0.01; done
}

@test "another protocol that the host does not mind" {
    fake_daemon FAKE_PROTOCOL=7
    run lectern facts
    [ "$status" -eq 76 ]
    [ "$output" = "lectern: the host speaks protocol 7, this client 1; restart the daemon: lectern daemon stop" ]
}

# ---- daemon run and start ----------------------------------------------------------------------------------------

@test "daemon run becomes lecternd" {
    FAKE_ARGV=1 run lectern --store s.db -v --config c daemon run --no-sandbox x
    [ "$status" -eq 0 ] && [ "$output" = "<lecternd><--daemon><--store><s.db><--config><c><--no-sandbox><x>" ]
    FAKE_ARGV=1 run lectern daemon.run
    [ "$output" = "<lecternd><--daemon>" ]
}

@test "help about daemon run is the host's" {
    run lectern daemon run --help
    [ "$(jq -c .argv <<<"$output")" = '["daemon","run","--help"]' ]
    run lectern -h daemon start
    [ "$(jq -c .argv <<<"$output")" = '["-h","daemon","start"]' ]
    run lectern daemon status
    [ "$(jq -c .argv <<<"$output")" = '["daemon","status"]' ]
}

@test "daemon start waits until it answers, and is content with one that does" {
    unset LECTERN_NO_DAEMON
    FAKE_START=slow run lectern daemon start
    [ "$status" -eq 0 ] && [ "$output" = "lecternd started (pid $(hosts))" ]
    run lectern daemon start
    [ "$status" -eq 0 ] && [ "$output" = "lectern runs already (pid $(hosts))" ]
    run lectern -q daemon start 3>&-
    [ "$status" -eq 0 ] && [ -z "$output" ]
    run lectern --config config/lectern daemon start --json
    [ "$(jq -c '[.argv, .private]' <<<"$output")" = '[["--json","--config","config/lectern","daemon","status"],false]' ]
    [ "$(readlink "/proc/$(hosts)/cwd")" = / ]
    [ "$(ps -o tty= -p "$(hosts)")" = '?' ] && [ "$(ps -o sid= -p "$(hosts)" | tr -d ' ')" = "$(hosts)" ]
}

@test "a daemon keeps nothing of its caller open" {
    unset LECTERN_NO_DAEMON
    run timeout 20 bash -c 'lectern daemon start 9</dev/null | cat'
    [ "$status" -eq 0 ]
    [ "$(readlink "/proc/$(hosts)/fd/0" "/proc/$(hosts)/fd/1" | sort -u)" = /dev/null ]
    [ ! -e "/proc/$(hosts)/fd/9" ]
    [[ "$(readlink "/proc/$(hosts)/fd/2")" == "$XDG_STATE_HOME"/lectern/*.log ]]
}

@test "two daemon starts at once" {
    unset LECTERN_NO_DAEMON
    FAKE_START=slow lectern daemon start >one 2>&1 &
    FAKE_START=slow lectern daemon start >two 2>&1
    wait $!
    [ "$(hosts | wc -l)" -eq 1 ]
    grep -q "(pid $(hosts))" one && grep -q "(pid $(hosts))" two
}

@test "a daemon that does not start says why" {
    FAKE_START=refuse run --separate-stderr lectern daemon start
    [ "$status" -eq 78 ] && [ -z "$output" ]
    [ "$stderr" = $'lecternd: init.lua is no plugin\nlectern: lecternd ended with status 78 before it answered' ]
    FAKE_START=crash run lectern daemon start
    [ "$status" -eq 69 ] && [ "$output" = "lectern: lecternd was killed by signal 9 before it answered" ]
}

# ---- output ------------------------------------------------------------------------------------------------------

@test "exit statuses are the host's" {
    for n in 0 1 64 65 70 75 124 130 255; do
        run lectern exit $n
        [ "$status" -eq $n ] && [ -z "$output" ]
    done
    run lectern exit 256
    [ "$status" -eq 70 ]
}

@test "stdout and stderr keep their order" {
    lectern order 2000 >both 2>&1
    cmp both <(seq 2000)
    lectern order 100 2>/dev/null >odd
    cmp odd <(seq 1 2 100)
}

@test "a slow reader holds the host back" {
    { lectern flood 40000000 2>err; echo "$?" >code; } | { sleep 0.5; cksum; } >sum
    [ "$(cat code)" -eq 0 ]
    [ "$(cat sum)" = "$(head -c 40000000 <(yes "$(head -c 63 /dev/zero | tr '\0' x)") | cksum)" ]
    [ "$(cat err)" = "most unacknowledged: 262144" ]
}

@test "large output needs no memory" {
    sanitized && skip "a sanitizer needs address space"
    (ulimit -v 12000; lectern flood 200000000) 2>err | tail -c 1 >/dev/null
    [ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "a reader that leaves ends the command quietly" {
    { lectern flood 1000000000 2>err; echo "$?" >code; } | head -c 10 >/dev/null
    [ "$(cat code)" -eq 0 ]
    [[ "$(cat err)" == *"cancelled: output closed" ]] && [ "$(wc -l <err)" -eq 1 ]
}

@test "output that cannot be written: 73" {
    lectern flood 100000 2>err >/dev/full || status=$?
    [ "$status" -eq 73 ] && grep -qx "lectern: cannot write output: No space left on device" err
    [ "$(grep -c '^lectern:' err)" -eq 1 ]
    status=0
    lectern order 1 2>err >&- || status=$?
    [ "$status" -eq 73 ] && grep -qx "lectern: cannot write output: Bad file descriptor" err
    status=0
    lectern --version 2>err >/dev/full || status=$?
    [ "$status" -eq 73 ]
}

@test "stderr that cannot be written is no failure" {
    run -0 bash -c 'lectern order 2 2>&-'
    [ "$output" = 1 ]
    run -0 bash -c 'lectern order 2 2>/dev/full'
}

@test "all standard descriptors may be closed" {
    run -73 bash -c 'lectern order 10 <&- >&- 2>&-'
    run -5 bash -c 'lectern exit 5 <&- >&- 2>&-'
}

@test "a descriptor that does not block is waited for" {
    # a socket pair shared with a writer that made it non-blocking; the reader is slow
    command -v perl >/dev/null || skip "needs perl, without a sanitizer"
    perl -MSocket -MFcntl -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); fcntl(B, F_SETFL, O_NONBLOCK);
        if (!fork) { open STDOUT, ">&", \*B; close A; exec "lectern", "flood", "5000000" }
        close B; select undef, undef, undef, 0.2; $n += length $_ while sysread A, $_, 65536; print "$n\n"' >count 2>/dev/null
    [ "$(cat count)" = 5000000 ]
}

# ---- stdin -------------------------------------------------------------------------------------------------------

@test "stdin arrives byte for byte" {
    head -c 300000 /dev/urandom >in
    lectern cat <in >out
    cmp in out
    { printf a; sleep 0.1; printf b; } | lectern cat >out
    [ "$(cat out)" = ab ]
    run lectern cat </dev/null
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "stdin that cannot be read is the host's to judge" {
    run bash -c 'lectern cat <&-'
    [[ "$output" == "E_INPUT: cannot read standard input: Bad file descriptor"* ]]
    run bash -c 'lectern cat </'
    [[ "$output" == "E_INPUT: cannot read standard input: Is a directory"* ]]
}

@test "100 MB of stdin need no memory" {
    sanitized && skip "a sanitizer needs address space"
    run bash -c 'ulimit -v 12000; head -c 100000000 /dev/zero | lectern count'
    [ "$status" -eq 0 ] && [ "$output" = 100000000 ]
}

@test "a run may end while stdin and an answer are awaited" {
    SECONDS=0
    run -124 lectern deadline Text < <(sleep 5 2>/dev/null 3>&-)
    [ "$SECONDS" -lt 4 ]
}

# ---- the host fails ----------------------------------------------------------------------------------------------

@test "a host that dies: 70" {
    run --separate-stderr lectern die
    [ "$status" -eq 70 ] && [ "$output" = partial ]
    [ "$stderr" = "lectern: the host ended unexpectedly (what was acknowledged is saved)" ]
    fake_daemon
    run --separate-stderr lectern die
    [ "$status" -eq 70 ] && [ "$output" = partial ]
}

@test "a private host that does not start says why" {
    FAKE_START=refuse run lectern list
    [ "$status" -eq 78 ]
    [ "$output" = $'lecternd: init.lua is no plugin\nlectern: lecternd ended with status 78 before it answered' ]
    FAKE_START=crash run lectern list
    [ "$status" -eq 70 ] && [[ "$output" == *"ended unexpectedly"* ]]
}

@test "a host that does not keep to the protocol: 70" {
    run lectern garbage
    [ "$status" -eq 70 ] && [[ "$output" == "lectern: the host broke the protocol: "* ]]
}

@test "requests nobody knows are answered" {
    run lectern unknown
    [ "$output" = "E_USAGE: the client knows no such method" ]
}

@test "a refused run: message and status by its code" {
    run lectern fail
    [ "$status" -eq 77 ] && [ "$output" = "lectern: no command for you" ]
}

# ---- signals -----------------------------------------------------------------------------------------------------

@test "an interrupt cancels, and the host has the last word" {
    begin waiting lectern wait
    kill -INT "$child" && end
    [ "$status" -eq 130 ] && [ "$stderr" = $'waiting\ncancelled: interrupt' ]
}

@test "termination cancels" {
    for sig in TERM HUP; do
        begin waiting lectern wait
        kill -$sig "$child" && end
        [ "$status" -eq 130 ] && [ "$stderr" = $'waiting\ncancelled: terminated' ]
    done
}

@test "a second interrupt leaves at once, and the private host with it" {
    begin waiting lectern stubborn mark
    kill -INT "$child" && sleep 0.2
    kill -0 "$child"
    kill -INT "$child" && end
    [ "$status" -eq 130 ]
    for _ in $(seq 100); do [ -e mark ] && break || sleep 0.02; done
    [ "$(cat mark)" = gone ]
}

@test "termination does not wait for a stubborn host" {
    begin waiting lectern stubborn mark
    SECONDS=0
    kill -TERM "$child" && end
    [ "$status" -eq 130 ] && [ "$SECONDS" -le 3 ]
}

@test "an interrupt reaches a client that waits for a reader" {
    mkfifo pipe
    # shellcheck disable=SC2217 # a reader that does not read
    sleep 20 <pipe 3>&- &
    local reader=$!
    env --default-signal=INT lectern flood 10000000 >pipe 2>err 3>&- &
    child=$!
    sleep 0.5
    kill -INT "$child" && sleep 0.2 && kill -INT "$child"
    status=0
    wait "$child" || status=$?
    kill "$reader"
    [ "$status" -eq 130 ]
}

@test "signals ignored by the caller stay ignored" {
    bash -c 'trap "" INT; exec lectern wait' >/dev/null 2>err 3>&- &
    until grep -q waiting err; do sleep 0.01; done
    kill -INT $! && sleep 0.2
    [ "$(cat err)" = waiting ]
    kill -TERM $!
    status=0
    wait $! || status=$?
    [ "$status" -eq 130 ]
}
