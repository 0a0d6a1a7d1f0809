#!/usr/bin/env bats
# A plugin in its compartment: what hostile Lua can do there, and what is left when the kernel lacks something.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    BUILD=${BUILD:-build}
    program=$BUILD/bin/lectern-compartment
}

cases() { "$@" "$BUILD/tests/hostile/sandbox_cases" "$program" tests/hostile/sandbox_cases.txt; }

# Runs something as a user without rights: as ourselves, or as nobody.
as_user() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    else
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    fi
}

@test "every hostile plugin is contained, and others are answered meanwhile" {
    run cases env
    echo "$output" | grep -v '^ok' || true
    [ "$status" -eq 0 ]
}

@test "the same for an ordinary user" {
    [ "$(id -u)" -ne 0 ] || as_user test -r "$program" ||
        skip "nobody can read the program, which belongs to root"
    run as_user "$BUILD/tests/hostile/sandbox_cases" "$program" tests/hostile/sandbox_cases.txt loop
    echo "$output" | grep -v '^ok' || true
    [ "$status" -eq 0 ]
}

@test "without Landlock or seccomp a compartment refuses to start, and says why" {
    run "$BUILD/tests/hostile/sandbox_missing" "$program"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "people who start it by hand are told what it is" {
    run "$program"
    [ "$status" -eq 64 ]
    [[ $output == *"started by lecternd"* ]]
    run "$program" --fd 77 --plugin x
    [ "$status" -eq 64 ]
    [[ $output == *"descriptor 77 is not open"* ]]
}
