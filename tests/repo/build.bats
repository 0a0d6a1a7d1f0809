#!/usr/bin/env bats
# Rules that need the compiler or the built programs: headers that stand alone, what sealed code may call, scripts and make
# targets that explain themselves, an installation that holds what it needs.

bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

# header_alone FILE: it compiles as the only text of a program, twice included.
header_alone() {
    printf '#include "%s"\n#include "%s"\n' "$1" "$1" |
        "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Icore -I"${2:-core}" -I/usr/include/lua5.4 -Wall -Wextra -Wpedantic -Werror \
            -fsyntax-only -x c -
}

# sealed OBJECT...: no call in them that opens files, starts threads or asks the system for names; prints those there are.
# The second list: what of base does so.
sealed() {
    nm -A -u "$@" | awk '
        BEGIN {
            calls = "uv_fs_.*|uv_queue_work|uv_getaddrinfo|uv_getnameinfo|uv_spawn|uv_thread_create|getaddrinfo|" \
                "gethostby.*|getpw.*|getgr.*|iconv_open|localtime|localtime_r|mktime|tzset|ctime|ctime_r|setlocale|" \
                "fopen|fopen64|freopen|freopen64|open|open64|openat|openat64|creat|creat64|opendir|tmpfile|tmpfile64|" \
                "mkstemp|mkdtemp|popen|system|fork|vfork|posix_spawn.*|exec[lv].*|dlopen|socket|connect|bind|accept4?|" \
                "pthread_create|syslog|luaL_loadfilex|luaL_openlibs|luaopen_io|luaopen_package"
            base = "path_open_.*|path_read.*|path_write_.*|path_mkdirs|place_.*"
        }
        { sub(/@.*/, "", $NF) }
        $NF ~ "^(" calls "|" base ")$" { print; found = 1 }
        END { exit found }'
}

# Sources of the compartment whose first comment does not say that they run before sealing.
sealed_sources() {
    local file
    for file in core/compartment/*.c core/compartment/helpers/*.c; do
        case $file in */main.c | */sandbox.c | *'*'*) continue ;; esac
        awk '{print} /\*\//{exit}' "$file" | tr '\n' ' ' | grep -q 'before sealing' || echo "$file"
    done
}

@test "every header compiles alone" {
    local bad=0
    for header in core/*/*.h core/*/*/*.h; do
        [ -e "$header" ] || continue
        header_alone "${header#core/}" || bad=1
    done
    [ "$bad" -eq 0 ]
}

@test "headers: a fault is seen" {
    echo 'size_t seed(void);' >"$BATS_TEST_TMPDIR/seed.h"
    run ! header_alone seed.h "$BATS_TEST_TMPDIR"
}

@test "nothing sealed opens files, starts threads or looks up names" {
    local list=()
    for source in $(sealed_sources); do list+=("$BUILD/obj/${source%.c}.o"); done
    [ "${#list[@]}" -gt 3 ]
    sealed "${list[@]}"
}

@test "sealed: a fault is seen" {
    for call in 'fopen("x", "r")' 'open("x", 0)' 'localtime(&t)' 'iconv_open("a", "b")' 'system("x")'; do
        printf '#include <stdio.h>\n#include <fcntl.h>\n#include <time.h>\n#include <iconv.h>\n#include <stdlib.h>
            time_t t; long f(void); long f(void) { return (long)%s; }\n' "$call" >"$BATS_TEST_TMPDIR/seed.c"
        "${CC:-cc}" -O2 -c -o "$BATS_TEST_TMPDIR/seed.o" "$BATS_TEST_TMPDIR/seed.c"
        run sealed "$BATS_TEST_TMPDIR/seed.o"
        echo "$call: $output"
        [ "$status" -eq 1 ]
    done
    printf 'int path_read(void); int f(void); int f(void) { return path_read(); }\n' >"$BATS_TEST_TMPDIR/seed.c"
    "${CC:-cc}" -c -o "$BATS_TEST_TMPDIR/seed.o" "$BATS_TEST_TMPDIR/seed.c"
    run ! sealed "$BATS_TEST_TMPDIR/seed.o"
}

@test "each script has a usage line and answers --help" {
    for script in scripts/* tests/run .ci/run; do
        [ -x "$script" ] || { echo "$script cannot be executed" && return 1; }
        run "$script" --help
        echo "$script: $status $output"
        [ "$status" -eq 0 ] && [[ "$output" == *usage:* ]]
    done
}

@test "make help lists every target, and no other" {
    make -s help | awk '$1 == "make" {print $2}' | sort >"$BATS_TEST_TMPDIR/listed"
    for target in all help run test unit lua cli cases hostile repo asan ubsan tsan valgrind gcstorm oom fuzz cov bench lint \
        format docs install uninstall dist deb clean; do
        grep -qx "$target" "$BATS_TEST_TMPDIR/listed" || { echo "'$target' is not listed" && return 1; }
        make -n "$target" BUILD="$BUILD" >/dev/null
    done
}

@test "the client is static, the other programs need little beside libc" {
    if grep -q fsanitize "$BUILD/flags"; then skip "sanitizer builds link their runtime"; fi
    run ldd "$BUILD/bin/lectern"
    [[ "$output" == *"not a dynamic executable"* ]]
    for program in lecternd lectern-compartment; do
        needed=$(readelf -d "$BUILD/bin/$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
        echo "$program: $needed"
        [ -n "$needed" ]
        run ! grep -v '^libc\.so\|^libm\.so\|^libmpack\.so\|^ld-linux' <<<"$needed"
    done
}

@test "an installation works where it is put, and leaves nothing when removed" {
    export DESTDIR="$BATS_TEST_TMPDIR/installed" PREFIX=/usr
    local share="$DESTDIR/usr/share/lectern"
    scripts/install
    diff -r share/lectern/lua "$share/lua"
    diff -r -x spec plugins "$share/plugins"
    [ -n "$(ls "$DESTDIR/usr/lib/lectern")" ]
    [ "$("$DESTDIR/usr/bin/lectern" --no-daemon --json list)" = "[]" ]
    scripts/install --remove
    [ -z "$(find "$DESTDIR" -type f)" ]
}
