#!/bin/sh
# What `make run` does: dependencies, build, a fresh demo box, the sample pages taken
# in, read and searched, and the desk served until Ctrl-C.
# TRAM_DEMO_ONCE=1 looks at each step instead, and ends; exit 1 if one went wrong.
# TRAM_LISTEN=ADDR:PORT serves elsewhere than on 127.0.0.1:8420.
set -eu
cd "$(dirname "$0")/.."

make --no-print-directory deps
make --no-print-directory -j2 all

box=$PWD/build/release/tram-box
TRAM_DATA=$(mktemp -d /tmp/tram-demo-XXXXXX)/box
export TRAM_DATA
server=""
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$(dirname "$TRAM_DATA")"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
fail() {
    echo "demo: $*" >&2
    exit 1
}
# Runs a step; exit 3 (partly done) is what samples with a secrecy stamp lead to.
partly() {
    "$@" || [ $? -eq 3 ] || fail "$* failed"
}

step tram-box init --demo
"$box" init --demo --name "Xã Minh Họa"

step tram-box intake tests/pages/samples
partly "$box" intake tests/pages/samples

step tram-box read
partly "$box" read

step tram-box search '"uy ban nhan dan"' --limit 3
"$box" search '"uy ban nhan dan"' --limit 3
step tram-box search quyết định --limit 2
"$box" search quyết định --limit 2

step tram-box status
"$box" status
step tram-box verify
"$box" verify

if [ -z "${TRAM_DEMO_ONCE:-}" ]; then
    step tram-box serve
    # Ctrl-C is for serve, which says good-bye; then we clean up.
    trap '' INT
    "$box" serve --listen "${TRAM_LISTEN:-127.0.0.1:8420}"
    exit 0
fi

# ------------------------------------------------------------- for a machine
"$box" --json status | jq -e '.kept >= 12 and .read == .kept and .held == 1
    and .pages.quarantined == 0' >/dev/null || fail "status is not what the samples give"
"$box" --json verify | jq -e '.ok' >/dev/null || fail "verify is not content"
hits=$("$box" --json search '"uy ban nhan dan"' | jq -s 'map(.document) | unique | length')
[ "$hits" -ge 5 ] || fail "only $hits documents found"

step tram-box serve
said=$(dirname "$TRAM_DATA")/serve.out
"$box" --json serve --listen 127.0.0.1:0 >"$said" &
server=$!
for _ in $(seq 100); do
    grep -q address "$said" && break
    kill -0 "$server" 2>/dev/null || fail "serve ended"
    sleep 0.1
done
address=$(jq -r .address "$said")
echo "$address"
get() {
    node -e 'fetch(process.argv[1]).then(async (r) => {
        if (!r.ok) throw new Error(r.status);
        process.stdout.write(await r.text());
    }).catch((why) => { console.error(String(why)); process.exit(1); })' "$address$1"
}
get "" | grep -q desk.js || fail "the desk is not served"
get "api/v1/search?q=uy%20ban" | jq -e '.hits | length > 0' >/dev/null || fail "nothing found"
"$box" --json status | jq -e '.kept >= 12' >/dev/null || fail "status was not handed over"
rss_kb=$(awk '/^VmRSS/ { print $2 }' "/proc/$server/status")
echo "serve: $rss_kb kB resident"
[ "$rss_kb" -lt 40960 ] || fail "serve takes more than 40 MB"
echo "demo: every step as it should be"
