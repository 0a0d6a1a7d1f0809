# shellcheck shell=bash
# A headless Chromium, driven through chromedriver's WebDriver address with curl and jq. Each browser has a folder of its own and
# no way out of the machine: names resolve to nothing, and what it asked the network for is in its log.

# start_driver: chromedriver on a port of its choice.
start_driver() {
    chromedriver --port=0 >"$HOME/driver.log" 2>&1 3>&- &
    driver=$!
    until_true grep -q 'on port [0-9]*\.$' "$HOME/driver.log"
    driver_url=http://127.0.0.1:$(sed -n 's/.*on port \([0-9]*\)\.$/\1/p' "$HOME/driver.log" | tail -n 1)
}

stop_driver() {
    [ -z "${session:-}" ] || close_browser || true
    [ -z "${driver:-}" ] || { kill "$driver" && wait "$driver"; } 2>/dev/null || true
    driver=
}

# web METHOD PATH [JSON]: the value answered; fails where it is an error.
web() {
    curl -sS --noproxy '*' -m 20 -X "$1" -H 'Content-Type: application/json' ${3+--data "$3"} "$driver_url/$2" >"$HOME/web.json"
    jq -e 'if (.value | type) == "object" and .value.error then (.value | tostring | halt_error) else true end' "$HOME/web.json" >/dev/null &&
        jq -c .value "$HOME/web.json"
}

# open_browser WIDTH HEIGHT [FILTER]: FILTER changes Chromium's options before it starts.
open_browser() {
    local options
    options=$(jq -n --arg dir "$HOME/chromium-$RANDOM" --argjson w "$1" --argjson h "$2" '{
        args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
            "--disable-dev-shm-usage", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\($dir)"],
        mobileEmulation: {deviceMetrics: {width: $w, height: $h, pixelRatio: 1, mobile: true}}
    } | '"${3:-.}")
    session=session/$(web POST session "$(jq -n --argjson o "$options" '{capabilities: {alwaysMatch: {browserName: "chrome",
        "goog:chromeOptions": $o, "goog:loggingPrefs": {browser: "ALL", performance: "ALL"}}}}')" | jq -r .sessionId)
    [ "$session" != session/ ]
    visit about:blank
    asked_for >/dev/null # what the browser's own first page asked for
}

close_browser() {
    web DELETE "$session" >/dev/null
    session=
}

visit() { web POST "$session/url" "$(jq -n --arg u "$1" '{url: $u}')" >/dev/null; }
js() { web POST "$session/execute/sync" "$(jq -n --arg s "$1" '{script: $s, args: []}')"; }
address() { web GET "$session/url" | jq -r .; }
# element CSS: its reference; click CSS, type_in CSS TEXT.
element() { web POST "$session/element" "$(jq -n --arg c "$1" '{using: "css selector", value: $c}')" | jq -r '.[]'; }
click() { web POST "$session/element/$(element "$1")/click" '{}' >/dev/null; }
type_in() { web POST "$session/element/$(element "$1")/value" "$(jq -n --arg t "$2" '{text: $t}')" >/dev/null; }
text_of() { web GET "$session/element/$(element "$1")/text" | jq -r .; }
without_scripts() { web POST "$session/goog/cdp/execute" '{"cmd": "Emulation.setScriptExecutionDisabled", "params": {"value": true}}' >/dev/null; }
picture() { web GET "$session/screenshot" | jq -r . | base64 -d >"$1"; }
# What pages said on the console, a message a line.
console() { web POST "$session/se/log" '{"type": "browser"}' | jq -r '.[] | "\(.level) \(.message)"'; }
# Every address that was asked for, a line each.
asked_for() {
    web POST "$session/se/log" '{"type": "performance"}' |
        jq -r '.[].message | fromjson | .message | select(.method == "Network.requestWillBeSent") | .params.request.url'
}
