# shellcheck shell=bash disable=SC2034,SC2154 # what is set here is for the tests; what bats sets is not seen
# For the tests of lectern through the shell: a home and a store of its own for each test, a daemon where one asks for it,
# and words for what must hold: `fails` for refusals, `json` and `holds` for documents, `stored` for what is in the store.

bats_require_minimum_version 1.5.0

# What plugins register is the same for all tests of a file: the first host of the file writes it down.
setup_file() {
    home "$BATS_FILE_TMPDIR/first"
    lectern list >/dev/null
    export SHARED_CACHE=$XDG_CACHE_HOME
}

setup() { home "$BATS_TEST_TMPDIR"; }

teardown() { stop_daemons; }

# home FOLDER: everything lectern would look for or write is in FOLDER, which becomes the current one.
home() {
    export HOME=$1 XDG_RUNTIME_DIR=$1/r LECTERN_STORE=$1/notes.db TERM=xterm
    export XDG_CONFIG_HOME=$HOME/k XDG_DATA_HOME=$HOME/d XDG_STATE_HOME=$HOME/s XDG_CACHE_HOME=${SHARED_CACHE:-$HOME/c}
    unset LECTERN_CONFIG LECTERN_NO_DAEMON LECTERN_PLUGIN_PATH LECTERN_PAGER PAGER EDITOR VISUAL NO_COLOR COLUMNS
    mkdir -p "$HOME" && mkdir -p -m 700 "$XDG_RUNTIME_DIR"
    cd "$HOME"
}

# ---- the daemon --------------------------------------------------------------------------------------------------

start_daemon() { start_by lecternd --daemon "$@"; }

# start_by COMMAND...: a daemon that COMMAND becomes. It is there when the lock is its own and it answers at its socket.
start_by() {
    local lock
    "$@" >>"$HOME/daemon.out" 2>&1 3>&- &
    daemon=$!
    for _ in $(seq 500); do
        lock=$(grep -lsx "$daemon" "$XDG_RUNTIME_DIR"/lectern/*.lock) && lectern -q daemon start && break
        sleep 0.02
    done
    socket=${lock%.lock}
    [ -S "$socket" ] || { cat "$HOME/daemon.out" && return 1; }
}

stop_daemon() {
    [ -n "${daemon:-}" ] || return 0
    kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    daemon=
}

gone() { [ ! -e "/proc/$1" ]; }

# Those too that `lectern daemon start` left: this shell is not their parent.
stop_daemons() {
    local pid
    stop_daemon
    compgen -G "$XDG_RUNTIME_DIR/lectern/*.lock" >"$HOME/locks" || return 0
    for pid in $(xargs cat <"$HOME/locks"); do
        case $(readlink "/proc/$pid/exe") in */lecternd) kill "$pid" && until_true gone "$pid" ;; esac
    done
}

# The daemon lives, and a client that comes now is answered.
still_alive() {
    kill -0 "$daemon"
    [ "$(lectern --json daemon status | jq -r .pid)" = "$daemon" ]
    lectern list --json | jq -e 'type == "array"' >/dev/null
}

# until_true COMMAND...: wait until it succeeds, 10 s at most.
until_true() {
    for _ in $(seq 500); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.02
    done
    echo "never: $*"
    return 1
}

# ---- notes -------------------------------------------------------------------------------------------------------

# The folder in/ with a trip report of two talks, a talk with front matter, and a note about nothing of the kind.
notes() {
    mkdir -p in
    cat >in/trip.md <<'MD'
# SmallConf 2021

Two days by the sea, and a queue for coffee.

## Clocks that lie

**Ada Byron (Analytical)**

A clock is a rumour about time. Ada measured forty of them for a year. Most of them were wrong in the same direction.

Q: Which one was right?
A: The broken one, twice a day.

#time

## Queues are promises

**Omar Said**

Every queue had a limit called very large. He replaced it with a number and a sentence. The unikernel booted first.
MD
    cat >in/keynote.md <<'MD'
---
title: Slow software
kind: keynote
speaker: Kaija Laine
event: SmallConf 2021
date: 2021-06-03
room: Hall B
tags: [craft, winter]
mood: bright
---

Not slow to run: slow to change. Every feature waits a winter before it is built. The manual is written first.
MD
    printf -- '---\ntitle: Shopping\n---\n\n- bread\n- quokka food\n' >in/shopping.md
}

# The notes, imported.
imported() {
    notes
    lectern import in >/dev/null
}

# id_of WORDS: the id of the best hit.
id_of() { lectern search -n 1 --json "$@" | jq -er '.[0].id'; }

no_hit() { run -1 lectern search "$@"; }

# Everything the store holds, runs that only read left out.
stored() { sqlite3 "$LECTERN_STORE" .dump | grep -v '^INSERT INTO t_run .*,0,NULL,NULL);$' | cksum; }

runs() { lectern runs --json | jq '[.[] | select(.operations > 0)] | length'; }

# ---- what must hold ----------------------------------------------------------------------------------------------

# not COMMAND...: fails where it succeeds (`! command` would not end a test).
not() { if "$@"; then return 1; fi; }

# No byte of TEXT could move a terminal's hand: no control but newline and tab, no C1, no bidi control.
printable() {
    not env LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' <<<"$1"
}

# A refusal: one clear line, at most a second that says the way out, nothing that is for programmers.
clear_line() {
    [[ $1 == lectern:\ [!\ ]* || $1 == lecternd:\ [!\ ]* ]]
    [[ $1 != *traceback* && $1 != *.lua:* && $1 != *.c:* && $1 != *[!A-Z_]E_[A-Z]* && $1 != *0x[0-9a-f]* ]]
    [ "$(grep -vc '^  [^ ]' <<<"$1")" -eq 1 ]
    [ "$(wc -l <<<"$1")" -le 2 ]
    printable "$1"
}

# fails STATUS TEXT WORD...: `lectern WORD...` refuses with STATUS and one clear line that has TEXT (a pattern); stdout is
# empty.
fails() {
    local want=$1 text=$2
    shift 2
    run --separate-stderr lectern "$@"
    echo "status $status, want $want; stderr: $stderr; stdout: $output"
    [ "$status" -eq "$want" ]
    # shellcheck disable=SC2053
    [[ $stderr == *$text* ]]
    clear_line "$stderr"
    [ -z "$output" ]
}

# fails_import STATUS TEXT WORD...: the same for an import: its report says it, a line for the source.
fails_import() {
    local want=$1 text=$2
    shift 2
    run --separate-stderr lectern import "$@"
    echo "status $status, want $want; stderr: $stderr; stdout: $output"
    [ "$status" -eq "$want" ]
    # shellcheck disable=SC2053
    [[ $output == *": failed: "*$text* ]]
    [ "${#lines[@]}" -eq 1 ]
    [ -z "$stderr" ]
    printable "$output"
}

# json WORD...: `lectern --json WORD...` writes exactly one document and nothing on stderr. It is kept for `holds`.
json() {
    status=0
    lectern --json "$@" >"$HOME/json" 2>"$HOME/stderr" || status=$?
    echo "lectern --json $*: status $status, stderr: $(cat "$HOME/stderr")"
    iconv -f UTF-8 -t UTF-8 "$HOME/json" >/dev/null
    [ "$(sqlite3 :memory: "SELECT json_valid(readfile('$HOME/json'))")" -eq 1 ] # sooner than jq
    [ "$(tail -c 1 "$HOME/json")" = "" ]
    [ ! -s "$HOME/stderr" ]
}

# holds FILTER [OPTION...]: the document of the last `json` is as FILTER says, in the words of the contract below.
holds() {
    local filter=$1
    shift
    jq -e "$@" "$contract $filter" "$HOME/json" >/dev/null && return
    echo "not so: $filter"
    jq . "$HOME/json" | head -n 120
    return 1
}

# error STATUS CODE TEXT WORD...: the same refusal as a document.
error() {
    local want=$1 code=$2 text=$3
    shift 3
    json "$@"
    [ "$status" -eq "$want" ]
    holds 'failure($code) and (.error.message | contains($text))' --arg code "$code" --arg text "$text"
}

# on_terminal COMMAND: what a terminal of 80 columns shows; the command's status is the test's.
on_terminal() {
    run script -qec "stty cols 80 rows 24; $1" /dev/null </dev/null 3>&-
    output=${output//$'\r'/}
}

# ---- the contract, in jq -----------------------------------------------------------------------------------------
# record: exactly these fields. What is added later is added here.
read -r -d '' contract <<'JQ' || true
def text: type == "string";
def whole: type == "number" and . == floor and . >= 0;
def flag: type == "boolean";
def maybe(f): . == null or f;
def list(f): type == "array" and all(.[]; f);
def record($names): type == "object" and keys == ($names | split(" ") | map(select(. != "")) | sort);
def uuid: text and test("^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
def instant: text and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$");
def civil: text and test("^\\d{4}(-\\d\\d(-\\d\\d(T\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)?)?)?)?$");
def short_of($id): text and length >= 8 and . as $s | $id | startswith($s);
def entity($type; $names): record("type id short created updated " + $names) and .type == $type and (.id | uuid)
  and (.id as $id | .short | short_of($id)) and (.created | instant) and (.updated | instant);

def event_ref: record("id slug name year") and (.id | uuid) and (.slug | text) and (.name | text) and (.year | maybe(whole));
def speaker: record("id name role affiliations") and (.id | uuid) and (.name | text) and (.affiliations | list(text))
  and (.role | IN("speaker", "author", "presenter", "organiser", "panelist"));
def origin: record("id path importer byte_start byte_end line_start line_end encoding orphaned") and (.id | uuid) and (.path | text)
  and (.orphaned | flag) and (.importer | text) and (.byte_start | maybe(whole)) and (.byte_end | maybe(whole)) and (.line_start | maybe(whole))
  and (.line_end | maybe(whole)) and (.encoding | text);
def talk($more): entity("talk"; "kind kind_as_written title event session speakers awards start end room building url "
    + "slides_url video_url lang tags fields links notes words rev marks sources" + $more)
  and (.kind | IN("talk", "keynote", "tutorial", "paper", "mention", "panel", "poster", "lightning", "demo", "discussion", "other"))
  and (.kind_as_written | maybe(text)) and (.title | text) and (.event | maybe(event_ref)) and (.session | maybe(text))
  and (.speakers | list(speaker)) and (.awards | list(record("name event"))) and (.start | maybe(civil))
  and (.end | maybe(civil)) and (.room | maybe(text)) and (.building | maybe(text)) and (.url | maybe(text))
  and (.slides_url | maybe(text)) and (.video_url | maybe(text)) and (.lang | maybe(text)) and (.tags | list(text))
  and (.fields | type == "object") and (.links | type == "array") and (.notes | list(uuid)) and (.words | whole)
  and (.rev | whole) and (.marks | list(text)) and (.sources | list(origin));
def note($more): entity("note"; "kind title author event talks part_of ord lang words tags fields links questions people "
    + "attachments rev marks sources" + $more)
  and (.kind | IN("note", "post", "programme", "digest", "scratch")) and (.title | maybe(text))
  and (.author | maybe(record("id name") and (.id | uuid))) and (.event | maybe(event_ref)) and (.talks | list(uuid))
  and (.part_of | maybe(uuid)) and (.ord | maybe(whole)) and (.lang | maybe(text)) and (.words | whole)
  and (.tags | list(text)) and (.fields | type == "object") and (.links | type == "array")
  and (.questions | list(record("q a asker"))) and (.people | list(record("id name role")))
  and (.attachments | type == "array") and (.rev | whole) and (.sources | list(origin));
def event: entity("event"; "slug name full_name series aliases year start end place url parent awards talks notes fields rev")
  and (.slug | text) and (.name | text) and (.aliases | list(text)) and (.year | maybe(whole)) and (.start | maybe(civil))
  and (.end | maybe(civil)) and (.parent | maybe(uuid)) and (.awards | list(record("name talk person")))
  and (.talks | whole) and (.notes | whole) and (.fields | type == "object");
def person: entity("person"; "name aliases affiliations awards talks rev") and (.name | text) and (.aliases | list(text))
  and (.affiliations | list(text)) and (.awards | type == "array") and (.talks | whole);
def source: entity("source"; "path sha256 bytes encoding importer imported") and (.path | text)
  and (.sha256 | test("^[0-9a-f]{64}$")) and (.bytes | whole) and (.encoding | text) and (.importer | text)
  and (.imported | instant);
def session: entity("session"; "name event start end room ord rev") and (.name | text) and (.event | maybe(event_ref))
  and (.start | maybe(civil)) and (.end | maybe(civil)) and (.ord | maybe(whole));
def tag: record("type id short created updated name count") and .type == "tag" and (.name | text) and (.count | whole);

def hit: record("id short type kind title event speakers score snippet matches note") and (.id | uuid)
  and (.id as $id | .short | short_of($id)) and (.type | IN("talk", "note", "event", "person")) and (.score | type == "number")
  and (.snippet | text) and (.matches | list(list(whole) and length == 2 and .[0] < .[1]));
def operation: record("op type id title") and (.op | text) and (.type | text) and (.id | uuid) and (.title | maybe(text));
def written: record("run operations") and (.run | maybe(uuid)) and (.operations | list(operation));
def failure_value: (del(.column) | record("code message hint plugin at")) and (.column | maybe(whole)) and (.message | text)
  and (.code | test("^E_[A-Z_]+$")) and (.hint | maybe(text)) and (.plugin | maybe(text)) and (.at | maybe(text));
def failure($code): record("error") and (.error | failure_value and .code == $code);
def item: record("type kind id title status line_start line_end why confidence reason") and (.type | text) and (.title | maybe(text))
  and (.why | maybe(text)) and (.confidence | maybe(type == "number" and . >= 0 and . <= 1));
def import_source($more): record("path importer status made updated unchanged conflicted merged orphaned warnings error" + $more)
  and (.path | text) and (.importer | maybe(text))
  and (.status | IN("made", "updated", "unchanged", "conflicted", "skipped", "failed", "moved"))
  and all(.made, .updated, .unchanged, .conflicted; whole) and (.error | maybe(failure_value))
  and (.warnings | list(record("message line") and (.message | text) and (.line | maybe(whole))))
  and (.items == null or (.items | list(item)));
def report($more): record("run sources totals") and (.run | maybe(uuid)) and (.sources | list(import_source($more)))
  and (.totals | type == "object" and all(.[]; whole));
def span: record("note rev byte_start byte_end") and (.note | uuid) and (.rev | whole) and (.byte_start | whole)
  and (.byte_end | whole) and .byte_start < .byte_end;
def run_entry: record("id command plugin started duration_ms status operations undone") and (.id | uuid)
  and (.command | text) and (.started | instant) and (.operations | whole) and (.undone | flag)
  and (.duration_ms | type == "number");
def described: record("kind name doc plugin version file line args returns schema advice") and (.kind | text) and (.name | text)
  and (.doc | text) and (.file | maybe(text)) and (.line | maybe(whole)) and (.schema | type == "object") and (.advice | type == "array")
  and (.args | list(record("name type doc default required flag") and (.name | text) and (.type | text)
    and (.required | flag) and (.flag | flag)));
def plugin: record("name version doc path state shadowed contributions needs granted error") and (.name | text)
  and (.path | text) and (.state | text) and (.contributions | list(text)) and (.needs | list(text)) and (.granted | list(text));
def host_status: record("running pid uptime_s socket store version sandbox compartments jobs") and (.running | flag)
  and (.pid | maybe(whole)) and (.uptime_s | maybe(type == "number")) and (.socket | text) and (.store | text)
  and (.version | text) and (.sandbox | IN("full", "reduced", "none"))
  and (.compartments | list(record("plugin pid state calls cpu_ms rss_kb queue")))
  and (.jobs | list(record("id command started state")));
JQ

# without_root COMMAND...: without what lets root read and write everything.
without_root() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --bounding-set -dac_override,-dac_read_search "$@"; else "$@"; fi
}
