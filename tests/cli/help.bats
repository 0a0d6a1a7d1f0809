#!/usr/bin/env bats
# What lectern says about itself, how words are read, and the terminal: help, apropos, describe, plugins, eval, options, colours.

# shellcheck disable=SC2034,SC2094 # set for the library; words that are called json are no files
load lib

# Every command of the contract, as it is typed.
commands='import;list;search;show;summarise;export;note;new;edit;tag;delete;restore;history;undo;runs;help;apropos;describe;plugins;plugin grant;eval;sql;daemon run;daemon start;daemon stop;daemon status'

each_command() { tr ';' '\n' <<<"$commands"; }

# ---- help --------------------------------------------------------------------------------------------------------

@test "the overview names every command" {
    lectern >bare
    lectern help >page
    lectern --help >flag
    cmp bare page
    cmp bare flag
    while read -r name; do
        echo "$name"
        grep -qE "^ +$name( |,|$)" page
    done < <(each_command)
    not grep -nE '.{81}' page
}

@test "every command has a page, in three ways" {
    while read -r name; do
        echo "$name"
        # shellcheck disable=SC2086
        lectern help $name >page
        grep -q "lectern $name" page
        # shellcheck disable=SC2086
        lectern $name --help >flag
        cmp page flag
        # shellcheck disable=SC2086
        lectern -h $name >before
        cmp page before
        not grep -nE '.{81}' <(grep -vE '^  lectern |/init.lua:' page) # examples and places are kept whole
    done < <(each_command)
}

@test "help of nothing known is 64 with the nearest" {
    fails 64 "did you mean 'search'" help serach
    fails 64 "did you mean 'daemon.st" help daemon stert
}

@test "an unknown command is 64 with the nearest, whatever follows" {
    fails 64 "unknown command 'serach'; did you mean 'search'" serach x --nonsense
    fails 64 "unknown command 'daemon stpo'; did you mean 'daemon?stop'" daemon stpo
    fails 64 "unknown command" qqqqqqqqqq
    error 64 E_USAGE "did you mean 'import'" imprt x
    [ ! -e notes.db ] || [ "$(lectern runs --json | jq length)" -eq 0 ]
}

@test "describe has exactly the contract's fields, for all there is" {
    while read -r name; do
        [[ $name != "daemon run" && $name != "daemon start" ]] || continue
        json describe "command:${name// /.}"
        [ "$status" -eq 0 ]
        holds 'list(described) and length == 1 and .[0].name == $name' --arg name "${name// /.}"
        holds '.[0] | . as $d | .schema.type == "object" and all(.args[]; .name as $n | $d.schema.properties | has($n))'
    done < <(each_command)
    for name in importer:markdown exporter:markdown exporter:html exporter:json summariser:lead; do
        json describe $name
        holds 'list(described) and length == 1 and (.[0].kind + ":" + .[0].name) == $name and .[0].version != null' --arg name $name
    done
    json describe markdown
    holds '[.[] | .kind] | contains(["importer", "exporter"])'
    fails 64 "importr:markdown" describe importr:markdown
    fails 64 "did you mean 'list'" describe lisst
}

@test "apropos finds by name and by description" {
    json apropos markdown
    holds 'list(described) and ([.[] | .kind + ":" + .name] | contains(["importer:markdown", "exporter:markdown"]))'
    json apropos undo
    holds '[.[].name] | contains(["undo", "delete"])'
    json apropos qqqqqq
    [ "$status" -eq 1 ]
    holds '. == []'
    run lectern apropos qqqqqq
    [ "$status" -eq 1 ]
}

@test "version" {
    json --version
    holds 'record("version contract api schema") and .contract == 1 and .api == 1 and (.schema | whole)'
    [ "$(lectern --version)" = "lectern $(jq -r .version json)" ]
    [ "$(lectern -V)" = "$(lectern --version)" ]
}

# ---- words -------------------------------------------------------------------------------------------------------

@test "globals go before the command, five of them after it too" {
    imported
    for words in '--json list' 'list --json' '--json=x list' 'list -q --json' '-q --json list'; do
        # shellcheck disable=SC2086
        run --separate-stderr lectern $words
        case $words in
        *=x*) [ "$status" -eq 64 ] ;;
        *) jq -e 'length == 3' <<<"$output" ;;
        esac
    done
    fails 64 "goes before the command" list --no-daemon
    fails 64 "unknown option '--jsno'; did you mean '--json'" --jsno list
    fails 64 "--store" --store
    fails 64 "--timeout" --timeout soon list
    fails 64 "--color" --color pink list
    lectern --store="$PWD/other.db" list --json | jq -e '. == []'
    lectern --store other.db --no-daemon -v list --json | jq -e '. == []'
    [ -f other.db ]
}

@test "options are not abbreviated; -- ends them; letters take values" {
    imported
    fails 64 "unknown option '--lim'" list --lim 1
    for words in '-n2' '-n 2' '--limit=2' '--limit 2'; do
        # shellcheck disable=SC2086
        lectern list --json $words | jq -e 'length == 2'
    done
    lectern search --json -- rumour | jq -e 'length == 1'
    lectern list --json -- --zebra >json
    holds '. == []'
    fails 64 "'extra' is left over" runs extra
    [ "$(lectern daemon.status --json | jq -c keys)" = "$(lectern daemon status --json | jq -c keys)" ]
}

@test "the longest name that is registered wins" {
    mkdir p
    printf 'local lectern = require "lectern"\nlectern.command "list.deep" { doc = "x", returns = "string", run = function() return "deep" end }\n' >p/list2.lua
    export LECTERN_PLUGIN_PATH=$PWD/p
    [ "$(lectern list deep)" = deep ]
    [ "$(lectern list.deep)" = deep ]
    lectern list deeper --json | jq -e '. == []'
    lectern list -- deep --json | jq -e '. == []' || [ -z "$(lectern list -- deep)" ]
}

@test "a command's own options may not take the names of the globals" {
    mkdir p
    for name in json jsonl dry-run quiet help store; do
        printf 'local lectern = require "lectern"\nlocal t = lectern.types\nlectern.command "taken" { doc = "x", returns = "nil", args = { { "%s", t.bool(), flag = true, doc = "x" } }, run = function() end }\n' $name >p/taken.lua
        LECTERN_PLUGIN_PATH=$PWD/p run lectern taken
        echo "$name: $output"
        [ "$status" -eq 64 ]
        [[ $output == *"$name"* ]]
    done
}

@test "--timeout is a deadline" {
    mkdir p
    echo 'local lectern = require "lectern"
lectern.command "nap" { doc = "Sleeps", returns = "nil", run = function() while true do end end }' >p/nap.lua
    LECTERN_PLUGIN_PATH=$PWD/p fails 124 "took longer than" --timeout 200ms nap
}

# ---- plugins -----------------------------------------------------------------------------------------------------

@test "plugins lists what is there with the contract's fields" {
    json plugins
    holds 'list(plugin) and ([.[].name] | contains(["import", "markdown", "notes", "json", "html"]))'
    holds 'all(.[]; .state == "ok") and (.[] | select(.name == "markdown") | .contributions | contains(["importer:markdown"]))'
    run lectern plugins
    [[ $output == *markdown* ]]
}

@test "a plugin is held until it is granted, and held again when it changes" {
    mkdir p
    cat >p/longest.lua <<'LUA'
local lectern = require "lectern"
local t = lectern.types
lectern.plugin { name = "longest", version = "1.0.0", api = 1, doc = "Where I wrote most", needs = { "notes.read" } }
lectern.command "longest" {
  doc = "Talks with the longest notes", args = { { "limit", t.int { 5, min = 1 }, flag = true, short = "n", doc = "how many" } },
  returns = "talk[]", run = function(args) return lectern.talks.find { sort = "words:desc", limit = args.limit } end,
}
LUA
    export LECTERN_PLUGIN_PATH=$PWD/p
    imported
    fails 77 "longest" longest
    [[ $stderr == *"lectern plugin grant longest"* ]]
    json plugins
    holds '.[] | select(.name == "longest") | .state == "held" and .granted == [] and .needs == ["notes.read"]'
    fails 77 "not granted" plugin grant longest
    json plugin grant longest --yes
    [ "$status" -eq 0 ]
    holds '.name == "longest" and .granted == ["notes.read"]'
    json longest -n 2
    holds 'list(talk("")) and length == 2'
    lectern help longest | grep -q -- '--limit'
    fails 64 "'longest --limit' wants at least 1, not 0" longest -n 0
    echo '-- changed' >>p/longest.lua
    fails 77 "longest" longest
    fails 64 "nonsuch" plugin grant nonsuch
}

@test "the first plugin of a name wins, the others are listed as shadowed" {
    mkdir -p p "$XDG_CONFIG_HOME/lectern/plugins"
    for folder in p "$XDG_CONFIG_HOME/lectern/plugins"; do
        printf 'local lectern = require "lectern"\nlectern.command "where" { doc = "x", returns = "string", run = function() return "%s" end }\n' \
            "${folder##*/}" >"$folder/where.lua"
    done
    [ "$(LECTERN_PLUGIN_PATH=$PWD/p lectern where)" = p ]
    [ "$(lectern where)" = plugins ]
    LECTERN_PLUGIN_PATH=$PWD/p json plugins
    holds '[.[] | select(.name == "where") | .state] | sort == ["ok", "shadowed"]'
    holds '[.[] | select(.shadowed) | .shadowed] | length == 1 and (.[0] | endswith("/p/where.lua"))'
}

@test "a plugin that is put there while the daemon runs is found" {
    mkdir p
    export LECTERN_PLUGIN_PATH=$PWD/p
    start_daemon
    fails 64 "unknown command 'hello'" hello
    printf 'local lectern = require "lectern"\nlectern.command "hello" { doc = "x", returns = "string", run = function() return "one" end }\n' >p/hello.lua
    says() { [ "$(lectern hello)" = "$1" ]; }
    until_true says one
    sed -i 's/"one"/"two"/' p/hello.lua
    until_true says two
    still_alive
}

@test "eval: expressions, statements, standard input, another plugin, errors" {
    imported
    [ "$(lectern eval '1 + 1')" = 2 ]
    json eval '{ a = 1, b = { "x", true } }'
    holds '. == {"a": 1, "b": ["x", true]}'
    json eval 'local n = 0 for i = 1, 4 do n = n + i end return n'
    holds '. == 10'
    [ "$(lectern eval - <<<'return #"four"')" = 4 ]
    echo 'return 40 + 2' >code.lua
    [ "$(lectern eval --file code.lua)" = 42 ]
    run lectern eval --in notes '#require("lectern").talks.find {}'
    [ "$status" -eq 0 ]
    [ "$output" = 3 ]
    run --separate-stderr lectern eval 'error "boom"'
    [ "$status" -eq 70 ]
    [[ $stderr == "lectern: "*boom* ]]
    [ -z "$output" ]
    json eval 'error "boom"'
    [ "$status" -eq 70 ]
    holds 'failure("E_PLUGIN") and (.error.message | contains("boom"))'
    fails 64 "nonsuch" eval --in nonsuch 1
    fails 64 "nothing to evaluate" eval
}

# ---- documents ---------------------------------------------------------------------------------------------------

@test "with --json every command writes one document, also when it fails" {
    imported
    for words in list search show summarise export note edit tag delete restore history undo runs help apropos describe plugins \
        'plugin grant' eval sql 'daemon status' 'search rumour' 'list --type tag' 'help list' 'show nonsuch' 'edit ffffffff' \
        'restore ffffffff' 'history ffffffff' 'undo ffffffff' 'nonsense' '--nonsense' 'list --nonsense' 'import' 'import nowhere'; do
        # shellcheck disable=SC2086
        lectern --json $words >json 2>stderr </dev/null || true
        echo "$words: $(head -c 300 json) stderr: $(cat stderr)"
        [ "$(sqlite3 :memory: "SELECT json_valid(readfile('json'))")" -eq 1 ]
        [ ! -s stderr ]
        # shellcheck disable=SC2086
        lectern --jsonl $words >json 2>stderr </dev/null || true
        [ "$(wc -l <json)" -eq "$(jq -s length json)" ]
        [ ! -s stderr ]
    done
}

@test "results before a failure: --jsonl has them, then the error; --json the error alone" {
    mkdir -p "$XDG_CONFIG_HOME/lectern/plugins"
    cat >"$XDG_CONFIG_HOME/lectern/plugins/halfway.lua" <<'LUA'
local lectern = require "lectern"
lectern.plugin { name = "halfway", version = "1.0.0", api = 1, doc = "Three, then no more" }
lectern.command "halfway" { doc = "x", returns = "{n:int}[]", run = function(_, job)
  for n = 1, 3 do job:emit { n = n } end
  error "out of breath"
end }
LUA
    run --separate-stderr lectern --jsonl halfway
    [ "$status" -eq 70 ]
    jq -es 'length == 4 and ([.[:3][].n] == [1, 2, 3]) and (.[3].error.message | contains("out of breath"))' <<<"$output"
    run --separate-stderr lectern --json halfway
    [ "$status" -eq 70 ]
    jq -es 'length == 1 and (.[0].error.code == "E_PLUGIN")' <<<"$output"
    run --separate-stderr lectern halfway
    [[ $status -eq 70 && $output == $'1\n2\n3' && $stderr == *"out of breath"* ]]
}

# ---- terminal ----------------------------------------------------------------------------------------------------

@test "colours on a terminal, none in a pipe, as the person says" {
    imported
    esc=$'\033'
    run lectern show measured
    [[ $output != *"$esc"* ]]
    run lectern --color always show measured
    [[ $output == *"${esc}["* ]]
    on_terminal "lectern --no-pager show measured"
    [ "$status" -eq 0 ]
    [[ $output == *"${esc}["* && $output == *rumour* ]]
    for how in "lectern --color never --no-pager show measured" "NO_COLOR=1 lectern --no-pager show measured" \
        "TERM=dumb lectern --no-pager show measured" "lectern --no-pager show measured | cat"; do
        on_terminal "$how"
        echo "$how: $output"
        [[ $output != *"$esc"* && $output == *rumour* ]]
    done
}

# shellcheck disable=SC2001 # a regular expression
without_colours() { sed 's/\x1b\[[0-9;]*m//g' <<<"$output"; }

@test "nothing a note says reaches the terminal's hand" {
    title=$'Red \033[31malert\033[0m \302\2332J \342\200\256gnp.exe\342\200\254 \342\201\246x\342\201\251 \010\010\177'
    printf '# %s\n\n%s \033]0;owned\007 \033]52;c;YQ==\007 \033P+q\033\\ \302\235x wombat \033[2J\n\n- %s\n' "$title" "$title" "$title" >evil.md
    printf -- '---\ntitle: "Evil \\e[2J \\u202e talk"\nspeaker: "Mallory \\e]0;x\\a"\nevent: "Evil\\e[1mConf 2020"\ntags: ["a\\e[2Jb"]\n---\n\nwombat talk\n' >talk.md
    lectern import evil.md talk.md >out 2>&1
    printable "$(cat out)"
    for words in 'list --type note' list 'list --type event' 'list --type person' 'list --type tag' 'search wombat' \
        'show wombat' 'show evil' 'summarise wombat' 'history wombat' 'help list' "sql 'select title, body from note'" \
        "list --type note --format '{title}'" 'tag +x -- wombat' 'runs' 'show wombat --format text' 'import --explain --copy evil.md' \
        'show nonsuch$(printf "\033[2J")' 'export json' 'show wombat --format markdown'; do
        on_terminal "lectern --color never --no-pager $words 2>&1"
        echo "$words: $(cat -v <<<"$output")"
        printable "$output"
        on_terminal "lectern --color always --no-pager $words 2>&1"
        printable "$(without_colours)"
    done
}

@test "a pipe gets every byte as it is" {
    printf '# Odd\n\n\033[31mred\033[0m \302\233 \342\200\256 caf\303\251 wombat\n' >odd.md
    lectern import -q odd.md
    lectern show --json wombat | jq -j .body | LC_ALL=C grep -qaF $'\033[31mred\033[0m \302\233 \342\200\256 caf\303\251 wombat'
    lectern show wombat --format markdown | LC_ALL=C grep -qaF $'\033[31mred\033[0m \302\233 \342\200\256 caf\303\251 wombat'
    lectern export json | jq -j '.[0].body' | LC_ALL=C grep -qaF $'\033[31mred\033[0m'
}

@test "an empty store on a terminal says how to begin" {
    on_terminal "lectern --color never --no-pager list"
    [ "$status" -eq 0 ]
    [[ $output == *"lectern import"* ]]
    run lectern list
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}
