#!/usr/bin/env bats
# The shell command on a terminal, against a host that plays scenes (fakehost.c): questions, programs, the pager and the
# progress line.

load client

@test "terminals are seen one by one" {
    on_terminal 'lectern facts | cat' ''
    [ "$(jq -c '[.tty, .width]' <<<"$output")" = '[[true,false,true],60]' ]
}

# ---- questions ---------------------------------------------------------------------------------------------------

@test "without a terminal nobody answers" {
    run setsid -w lectern ask 'Sure?' '' yes no
    [ "$status" -eq 0 ] && [ "$output" = 'answer=<nil>' ]
}

@test "a question is asked on the terminal, whatever stdin and stdout are" {
    on_terminal 'echo ids | lectern ask "Name?" >out; cat out' 'expect "Name? "; send "Ada Lovelace\r"'
    [[ "$output" == *"answer=<Ada Lovelace>"* ]]
    on_terminal 'lectern ask "Name?" somebody' 'expect {Name? \[somebody\] }; send "\r"'
    [[ "$output" == *"answer=<somebody>"* ]]
    on_terminal 'lectern ask "Name?"' 'expect "Name? "; send "\004"'
    [[ "$output" == *"answer=<nil>"* ]]
}

@test "few choices are offered in line, by their beginnings" {
    on_terminal 'lectern ask "Replace?" no yes no all' 'expect {Replace? (yes/no/all) \[no\] }; send "Y\r"'
    [[ "$output" == *"answer=<yes>"* ]]
    on_terminal 'lectern ask "Replace?" no yes no all' 'expect {no\] }; send "\r"'
    [[ "$output" == *"answer=<no>"* ]]
    on_terminal 'lectern ask "Replace?" no yes no all' 'expect {no\] }; send "what\r"; expect "none of the choices"; send "al\r"'
    [[ "$output" == *"answer=<all>"* ]]
}

@test "many choices are numbered" {
    on_terminal 'lectern ask "Which event?" "SOSP 2017" "SOSP 2017" "SOSP 2019" OSDI' \
        'expect "  3) OSDI"; expect {Number or name \[SOSP 2017\] }; send "2\r"'
    [[ "$output" == *"answer=<SOSP 2019>"* ]]
    on_terminal 'lectern ask "Which event?" "SOSP 2017" "SOSP 2017" "SOSP 2019" OSDI' \
        'expect {2017\] }; send "sosp\r"; expect {2017\] }; send "9\r"; expect {2017\] }; send "o\r"'
    [[ "$output" == *"answer=<OSDI>"* ]]
}

@test "after three bad answers there is none" {
    on_terminal 'lectern ask "Go?" "" yes no' 'expect "no) "; send "1\r"; expect "no) "; send "x\r"; expect "no) "; send "\r"'
    [[ "$output" == *"answer=<nil>"* ]]
}

@test "Ctrl-C at a question cancels the run" {
    on_terminal 'exec lectern ask "Go?" "" yes no' 'expect "no) "; send "\003"'
    echo "$status $output"
    [ "$status" -eq 130 ] && [[ "$output" == *"answer=<nil>"* ]]
}

@test "a question cannot move the cursor" {
    on_terminal 'lectern ask "$(printf "x\\033[2Jy")"' 'expect "2Jy "; send "\r"'
    [[ "$output" != *$'\033[2J'* ]] && [[ "$output" == *"answer=<>"* ]]
}

@test "a deadline does not wait for the person" {
    on_terminal 'lectern deadline "Go?"; echo "status $?"' 'expect "status 124"'
    [ "$status" -eq 0 ]
}

# ---- programs ----------------------------------------------------------------------------------------------------

@test "programs run without a terminal too" {
    run setsid -w lectern exec sh -c 'echo here; pwd; exit 7'
    [ "$output" = $'here\n'"$PWD"$'\nstatus=7 ' ]
    run setsid -w lectern exec sh -c 'kill -9 $$'
    [ "$output" = 'status=137 ' ]
    run setsid -w lectern exec no-such-program
    [ "$output" = "status=-1 E_UNAVAILABLE: cannot run 'no-such-program': No such file or directory" ]
}

@test "a program owns the terminal while it runs, even in a pipeline" {
    on_terminal 'echo ids | lectern exec sh -c "test -t 0 && test -t 1 && ps -o pgid=,tpgid= -p \$\$; read x; echo got \$x" | cat' \
        'expect -re {(\d+) +(\d+)}; if {$expect_out(1,string) ne $expect_out(2,string)} fail; send "abc\r"'
    [[ "$output" == *"got abc"* ]] && [[ "$output" == *"status=0"* ]]
}

@test "the terminal is set as before, however a program ends" {
    on_terminal 'lectern exec sh -c "stty raw -echo; kill -9 \$\$"; stty -a' ''
    [[ "$output" == *"status=137"* ]] && [[ "$output" == *" icanon"* ]] && [[ "$output" == *" echo "* ]]
}

@test "Ctrl-C belongs to the program" {
    on_terminal 'lectern exec sh -c "sleep 9 & trap \"kill \$!; echo caught; exit 3\" INT; echo ready; wait"' 'expect ready; send "\003"'
    [[ "$output" == *caught* ]] && [[ "$output" == *"status=3"* ]] && [ "$status" -eq 0 ]
}

@test "a program that stops is one job with the client" {
    cat >script.exp <<'END'
set timeout 10
spawn -noecho bash --norc --noprofile -i
expect_before timeout { exit 99 }
send "PS1='> '; set +o history\r"; expect "> "
send "lectern exec sh -c 'kill -TSTP \$\$; read x; echo resumed \$x'\r"
expect "Stopped"; expect "> "
send "echo shell is back\r"; expect -re {[\r\n]shell is back}
send "fg\r"; expect "lectern exec"
send "abc\r"; expect -ex "\nresumed abc"; expect "status=0"; expect "> "
send "exit\r"; expect eof
END
    run expect -f script.exp 3>&-
    [ "$status" -eq 0 ]
}

# ---- the pager ---------------------------------------------------------------------------------------------------

@test "long output is paged on a terminal only" {
    on_terminal 'LECTERN_PAGER="sed s/^/P:/" PAGER=false lectern page 3' ''
    [ "$output" = $'P:line 1\nP:line 2\nP:line 3' ]
    on_terminal 'PAGER="sed s/^/Q:/" lectern page 2' ''
    [ "$output" = $'Q:line 1\nQ:line 2' ]
    on_terminal 'LECTERN_PAGER="sed s/^/P:/" lectern page 2 | cat' ''
    [ "$output" = $'line 1\nline 2' ]
    on_terminal 'LECTERN_PAGER= lectern page 1; LECTERN_PAGER=cat lectern page 1' ''
    [ "$output" = $'line 1\nline 1' ]
}

@test "the pager less knows where one screen is enough" {
    on_terminal 'lectern page 3' ''
    [ "$status" -eq 0 ] && [[ "$output" == *"line 1"*"line 2"*"line 3"* ]]
    on_terminal 'lectern page 1000' 'expect ":"; send "q"'
    [ "$status" -eq 0 ] && [[ "$output" == *"line 20"* ]] && [[ "$output" != *"line 900"* ]]
}

@test "termination does not wait for the pager" {
    on_terminal 'lectern page 1000 wait & sleep 0.5; kill $!; wait $!; echo "status $?"' 'expect "status 130"'
    [ "$status" -eq 0 ]
    on_terminal 'lectern page 1000 & sleep 0.5; kill $!; wait $!; echo "status $?"' 'expect "status 0"'
    [ "$status" -eq 0 ]
}

@test "a dumb terminal gets no pager of its own accord" {
    on_terminal 'TERM=dumb lectern page 40' ''
    [ "$status" -eq 0 ] && [[ "$output" == $'line 1\n'*$'\nline 40' ]]
}

@test "a command without output shows no pager" {
    on_terminal 'LECTERN_PAGER="echo PAGER" lectern page 0' ''
    [ -z "$output" ]
}

@test "without its program a pager is not missed" {
    on_terminal 'LECTERN_PAGER="no-such-pager --now" lectern page 1500 2>/dev/null | tail -1; LECTERN_PAGER=no-such-pager lectern page 40' ''
    [[ "$output" == *$'line 39\nline 40' ]] && [[ "$output" == *$'line 1500\n'* ]] && [ "$status" -eq 0 ]
}

@test "leaving the pager ends the command quietly" {
    on_terminal 'LECTERN_PAGER="head -1" lectern page 1000000' ''
    [ "$status" -eq 0 ] && [ "$output" = "line 1" ]
    on_terminal 'LECTERN_PAGER="head -1" lectern page 3 wait' ''
    [ "$status" -eq 0 ] && [ "$output" = "line 1" ]
}

@test "two interrupts do not leave a pager behind" {
    on_terminal 'trap : INT; LECTERN_PAGER="trap : INT; cat; cat; echo bye" lectern page 3 wait; echo "status $?"' \
        'expect "line 3"; send "\003"; expect "status"'
    [[ "$output" == *$'bye\nstatus 130'* ]]
}

# ---- progress ----------------------------------------------------------------------------------------------------

@test "progress is shown on a terminal, seldom, and taken away" {
    SECONDS=0
    on_terminal 'lectern progress 200' 'expect "step"'
    [[ "$output" == *$'\033[K'"result" ]]
    local draws
    draws=$(grep -o 'step' <<<"$output" | wc -l)
    [ "$draws" -ge 2 ] && [ "$draws" -le $((15 + 10 * SECONDS)) ]
}

@test "a second interrupt takes the progress line away" {
    on_terminal 'trap : INT; lectern progress 5000; echo "status $?"' \
        'expect "step"; send "\003"; sleep 0.3; send "\003"; expect "status"'
    [[ "$output" == *$'\r\033[K'*"status 130" || "$output" == *$'\033[K'"status 130" ]]
}

@test "no progress behind an open question or an unfinished line" {
    on_terminal 'lectern busyask' 'expect "Go? "; sleep 0.5; send "yes\r"; expect "answer"'
    [[ "$output" == *"Go? yes"*"answer=<yes>" ]]
}

@test "progress fits the line" {
    on_terminal 'lectern progress 150 0123456789012345678901234567890123456789012345678901234567890123456789' ''
    [[ "$output" == *"step"* ]] && [[ "$output" != *"78901234567890123456789012345678901234567890123456789"* ]]
    run grep -E '.{64}' <(grep -o $'\033\\[K[^\033]*' <<<"$output")
    [ "$status" -eq 1 ]
}

@test "no progress where stderr is no terminal, or a dumb one" {
    on_terminal 'lectern progress 80 2>/dev/null' ''
    [ "$output" = result ]
    on_terminal 'TERM=dumb lectern progress 80' ''
    [ "$output" = result ]
    run lectern progress 80
    [ "$output" = result ]
}
