#!/bin/sh
# The whole story, on this machine: a province and a commune are made, sample papers
# are taken in and read, sent, and found at the province; the link is cut, more is
# taken in, the backlog is told truthfully, the link comes back and carries the rest.
# Every step is checked against what was put in.
#
#   tests/demo.sh        ends by itself; exit 0 only if every check held (make demo)
#   tests/demo.sh serve  then both go on serving until Ctrl-C (make run);
#                        TRAM_LISTEN=ADDR:PORT for the desk, else 127.0.0.1:8420
set -eu
cd "$(dirname "$0")/.."
mode=${1:-}

make --no-print-directory deps
make --no-print-directory -j2 all

bin=$PWD/build/release
work=$(mktemp -d /tmp/tram-demo-XXXXXX)
province=$work/tinh
commune=$work/xa
samples=tests/pages/samples
centre_pid=""
box_pid=""
passed=0
failed=0
# In `make demo` any port will do, and nobody is in the way.
desk=127.0.0.1:0
[ "$mode" != serve ] || desk=${TRAM_LISTEN:-127.0.0.1:8420}

stop() { # PID: asks it to end, and waits
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
clean_up() {
    trap '' INT TERM # a second Ctrl-C must not leave half of it
    stop "$box_pid"
    stop "$centre_pid"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '\033[1m$ %s\033[0m\n' "$*"; }
box() { "$bin/tram-box" --data "$commune" "$@"; }
centre() { "$bin/tram-centre" --data "$province" "$@"; }

# check WHAT COMMAND…: counts; says what did not hold, and goes on.
check() {
    what=$1
    shift
    if "$@" >"$work/check.out" 2>&1; then
        passed=$((passed + 1))
        printf '  ok    %s\n' "$what"
    else
        failed=$((failed + 1))
        printf '  WRONG %s\n' "$what"
        sed 's/^/        /' "$work/check.out" | head -n 20
    fi
}
# holds FILE JQ-EXPRESSION…: the JSON in the file is so; shows it where it is not.
holds() {
    file=$1
    shift
    jq -e "$@" "$file" >/dev/null || {
        cat "$file"
        return 1
    }
}
# Exit 3, partly done, is what papers with a secrecy stamp lead to.
partly() {
    "$@" || [ $? -eq 3 ]
}

fetch() { # URL [TOKEN]
    node -e 'fetch(process.argv[1], process.argv[2] ? { headers: { Authorization: `Bearer ${process.argv[2]}` } } : {}).then(async (r) => {
        if (!r.ok) throw new Error(r.status);
        process.stdout.write(await r.text());
    }).catch((why) => { console.error(String(why)); process.exit(1); })' "$@"
}

# A free port; the one that is asked for, if it is.
free_port() {
    node -e 'const s = require("net").createServer(), say = () => {
        console.log(s.address().port); s.close(); };
    s.once("error", () => s.listen(0, "127.0.0.1", say));
    s.listen(Number(process.argv[1]), "127.0.0.1", say);' "$1"
}

start_centre() {
    # Not by the function: $! must be the program, not a shell around it.
    "$bin/tram-centre" --data "$province" serve --listen "127.0.0.1:$port" \
        2>"$work/centre.log" >"$work/centre.out" &
    centre_pid=$!
    for _ in $(seq 100); do
        fetch "http://127.0.0.1:$port/api/v1/status" >/dev/null 2>&1 && return 0
        kill -0 "$centre_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/centre.log" >&2
    echo "demo: the centre does not answer" >&2
    exit 1
}

# ------------------------------------------------------- what was put in, and came out

# Takes files in; what was told is added to $work/told.jsonl.
take_in() {
    show tram-box intake "$@"
    partly box --json intake "$@" >"$work/new.jsonl"
    cat "$work/new.jsonl" >>"$work/told.jsonl"
    jq -r '"  \(.state)  \(.file)  \(.sha256[0:12])  \(.reason // "")"' "$work/new.jsonl"
}

# Every sample that is no archive was told, with the hash of the file itself.
told_truly() { # FILES…
    for f in "$@"; do
        case $f in *.zip) continue ;; esac
        sum=$(sha256sum "$f" | cut -d' ' -f1)
        jq -e -s --arg f "$f" --arg s "$sum" \
            'any(.[]; .file == $f and .sha256 == $s)' "$work/told.jsonl" >/dev/null || {
            echo "$f ($sum) was not told so"
            return 1
        }
    done
}

kept() { jq -r 'select(.state == "kept") | .document' "$work/told.jsonl" | sort -u; }
kept_count() { kept | wc -l | tr -d ' '; }

# Documents that a query finds, by a command.
found_by() {
    who=$1
    shift
    "$who" --json search "$@" --limit 100 | jq -r .document | sort -u
}

same_hits() { # QUERY AT-LEAST
    found_by box "$1" >"$work/at-box"
    found_by centre "$1" >"$work/at-centre"
    diff "$work/at-box" "$work/at-centre" || return 1
    [ "$(wc -l <"$work/at-centre")" -ge "$2" ] || {
        echo "only $(wc -l <"$work/at-centre") documents hold $1"
        return 1
    }
}

same_texts() {
    for id in $(kept); do
        box show "$id" --text >"$work/at-box" || return 1
        centre show "$id" --text >"$work/at-centre" || return 1
        cmp "$work/at-box" "$work/at-centre" || {
            echo "document $id differs"
            return 1
        }
        [ -s "$work/at-centre" ] || {
            echo "document $id is empty"
            return 1
        }
    done
}

same_originals() {
    for id in $(kept); do
        rm -rf "$work/originals"
        centre show "$id" --original "$work/originals/" >/dev/null || return 1
        sha256sum "$work"/originals/* | cut -d' ' -f1 | sort -u >"$work/at-centre"
        jq -r --argjson id "$id" 'select(.document == $id and .state == "kept") | .sha256' \
            "$work/told.jsonl" | sort -u >"$work/at-box"
        cmp "$work/at-box" "$work/at-centre" || {
            echo "the original of document $id differs"
            return 1
        }
    done
}

# Originals that came packed are restored within some seconds.
all_complete() { # COUNT
    for _ in $(seq 300); do
        fetch "http://127.0.0.1:$port/api/v1/status" >"$work/centre.json"
        jq -e --argjson n "$1" '.sites[0].complete == $n' "$work/centre.json" >/dev/null &&
            return 0
        sleep 0.2
    done
    cat "$work/centre.json"
    return 1
}

# Each document's first page as a small image that a viewer of PDF opens.
same_images() {
    for id in $(kept); do
        box show "$id" --image "$work/at-box.pdf" >/dev/null || return 1
        centre show "$id" --image "$work/at-centre.pdf" >/dev/null || return 1
        cmp "$work/at-box.pdf" "$work/at-centre.pdf" || return 1
        pdfinfo "$work/at-centre.pdf" | grep -q '^Pages: *1$' || return 1
        pdftoppm -r 50 -png -singlefile "$work/at-centre.pdf" "$work/at-centre" || return 1
        [ -s "$work/at-centre.png" ] || return 1
    done
}

secret_stays() {
    for sum in $(jq -r 'select(.state == "held") | .sha256' "$work/told.jsonl"); do
        rest=${sum#??}
        ! find "$province" -name "*$rest*" | grep . || return 1
    done
}

box_status() { box --json status >"$work/status.json"; }
send() { # EXPECTED-EXIT
    show tram-box sync --once
    rc=0
    box --json sync --once >"$work/sync.json" || rc=$?
    jq -r '"  \(.state): \(.bytes_out) bytes sent, \(.bytes_in) received\(if .reason then " (" + .reason + ")" else "" end)"' \
        "$work/sync.json"
    check "sync ends with $1" [ "$rc" = "$1" ]
}

all_is_there() {
    n=$(kept_count)
    box_status
    check "the box says: all $n documents are complete, nothing waits" \
        holds "$work/status.json" --argjson n "$n" \
        '.kept == $n and .complete == $n and (.waiting | add) == 0'
    check "the centre says: all $n documents are complete" all_complete "$n"
    check "the centre says: no backlog, all of it applied" \
        holds "$work/centre.json" '(.sites | length) == 1 and (.sites[0] | .last_contact_s_ago != null
            and .problems == [] and (.sequences | .last == .received
            and .received == .applied))'
    check 'a phrase without accents finds the same documents at both ends' \
        same_hits '"uy ban nhan dan"' 5
    check 'so do words with accents' same_hits 'quyết định' 1
    check "all $n documents have the same text at both ends" same_texts
    check "all $n originals have the same SHA-256 at the centre" same_originals
    check "all $n documents have their small images at both ends, and they open" same_images
}

# ------------------------------------------------------------------------- the story

set --
for f in "$samples"/*; do
    set -- "$@" "$f"
done
# The last three come in later, while the link is cut.
first=""
later=""
for f in "$@"; do
    if [ $# -gt 3 ]; then first="$first $f"; else later="$later $f"; fi
    shift
done

step "A province"
port=$(free_port "$([ "$mode" = serve ] && echo 8443 || echo 0)")
show 'tram-centre init --name "Tỉnh Minh Họa"'
centre init --name "Tỉnh Minh Họa"
show tram-centre serve --listen "127.0.0.1:$port"
start_centre
show 'tram-centre enrol --site "Xã Minh Họa" --url'" https://127.0.0.1:$port --out xa.json"
centre enrol --site "Xã Minh Họa" --url "https://127.0.0.1:$port" --out "$work/xa.json"

step "A commune"
show tram-box init --enrol xa.json
box init --enrol "$work/xa.json"

step "Papers are taken in and read, without any link"
: >"$work/told.jsonl"
# shellcheck disable=SC2086 # lists of names without spaces
take_in $first
# shellcheck disable=SC2086
check "each file was told with its own hash" told_truly $first
check "the paper with a secrecy stamp is held, and only that" \
    holds "$work/new.jsonl" -s 'map(select(.state != "kept")) | length == 1
        and .[0].state == "held" and (.[0].file | contains("mat-01"))'
show tram-box read
partly box read
box_status
check "all that was kept has been read, nothing has been sent" \
    holds "$work/status.json" --argjson n "$(kept_count)" \
    '.kept == $n and .read == $n and .sent == 0 and .held == 1'

step "The first contact"
send 0
all_is_there
check "the secret paper is not at the centre" secret_stays
show tram-centre search '"uy ban nhan dan"' --limit 3
centre search '"uy ban nhan dan"' --limit 3

step "The link is cut; the commune works on"
stop "$centre_pid"
centre_pid=""
before=$(kept_count)
# shellcheck disable=SC2086
take_in $later
# shellcheck disable=SC2086
check "each file was told with its own hash" told_truly $later
show tram-box read
partly box read
send 1
box_status
# shellcheck disable=SC2086
bytes=$(cat $later | wc -c | tr -d ' ')
waiting=$(jq '.waiting["5"]' "$work/status.json")
images=$(jq '.waiting["4"]' "$work/status.json")
check "the box says: $before documents received, $(kept_count) kept; small images ($images bytes) wait, and originals of $bytes bytes, packed into $waiting" \
    holds "$work/status.json" --argjson n "$(kept_count)" --argjson b "$before" \
    --argjson bytes "$bytes" '.kept == $n and .read == $n and .received == $b
        and .complete == $b and .waiting["5"] > 0 and .waiting["5"] < $bytes
        and .waiting["4"] > 0 and .waiting["1"] > 0'
show tram-box status
box status

step "The link is back"
start_centre
send 0
check "fewer bytes went out than the originals and small images alone have" \
    holds "$work/sync.json" --argjson bytes "$((bytes + images))" '.bytes_out < $bytes'
all_is_there

step "Both ends are looked at closely"
show tram-box verify
check "the box verifies" box verify
show tram-centre verify
check "the centre verifies" centre verify

step "A commune that never has a link: a stick is carried"
far=$work/xa-xa
stick=$work/usb
mkdir "$stick"
echo "somebody's report" >"$stick/bao cao.txt"
far() { "$bin/tram-box" --data "$far" "$@"; }
far_status() { far --json status >"$work/far.json"; }
far_found() { [ "$(found_by centre '"mo duong len ban"' | wc -l)" = 1 ]; }
show 'tram-centre enrol --site "Xã Vùng Xa" --url'" https://127.0.0.1:$port --out xa-xa.json"
centre enrol --site "Xã Vùng Xa" --url "https://127.0.0.1:$port" --out "$work/xa-xa.json"
far init --enrol "$work/xa-xa.json"
cat >"$work/far.jsonl" <<'END'
{"key": "1", "dossier": "HS-2026", "type": "administrative", "fields": {"subject": "Về việc mở đường lên bản"}, "pages": [{"text": "Kính gửi Ủy ban nhân dân tỉnh: đề nghị mở đường lên bản Suối Hoa."}]}
END
far import --source so-dang-ky "$work/far.jsonl"
far intake "$samples/to-trinh-lech.jpg" >/dev/null
partly far read
show tram-box courier export usb
check "the stick is written" far courier export "$stick"
far_status
check "the box says: sent, and not received" \
    holds "$work/far.json" '.kept == 2 and .sent == 2 and .received == 0'
show tram-centre courier import usb
centre courier import "$stick"
check "the province finds what the stick brought" far_found
show tram-box courier import usb
far courier import "$stick"
far_status
check "the box says: all of it received, applied and complete" \
    holds "$work/far.json" '.received == 2 and .applied == 2 and .complete == 2
        and (.waiting | add) == 0'
stick_is_clear() { [ "$(find "$stick" -type f | wc -l)" = 2 ] && [ -s "$stick/bao cao.txt" ]; }
check "the stick holds the receipts and what was on it before, and no more" stick_is_clear
centre courier import "$stick" >"$work/again"
check "the same stick again changes nothing" far courier import "$stick"

step "Both serve, and the commune keeps the province up to date by itself"
show tram-box serve --listen "$desk"
"$bin/tram-box" --data "$commune" --json serve --listen "$desk" >"$work/box.out" \
    2>"$work/box.log" &
box_pid=$!
for _ in $(seq 100); do
    grep -q address "$work/box.out" && break
    kill -0 "$box_pid" 2>/dev/null || break
    sleep 0.1
done
grep -q address "$work/box.out" || {
    cat "$work/box.log" >&2
    echo "demo: the box does not serve" >&2
    exit 1
}
address=$(jq -r .address "$work/box.out")
token=$(box --json accounts token demo read | jq -r .token)
desk_is_served() { fetch "$address" | grep -q desk.js; }
page_is_served() { fetch "http://127.0.0.1:$port/" | grep -q centre.js; }
desk_finds() {
    fetch "${address}api/v1/search?q=uy%20ban" "$token" | jq -e '.hits | length > 0' >/dev/null
}
arrives() { # QUERY: at the centre, within some seconds
    for _ in $(seq 100); do
        [ "$(found_by centre "$1" 2>/dev/null | wc -l)" -eq 1 ] && return 0
        sleep 0.2
    done
    box status
    return 1
}
less_than_40_mb() { [ "$1" -lt 40960 ]; }
check "the desk is served" desk_is_served
check "… and finds" desk_finds
check "the centre's page is served" page_is_served
show tram-box import --source so-dang-ky so-dang-ky.jsonl
cat >"$work/so-dang-ky.jsonl" <<'END'
{"key": "1", "dossier": "HS-2026", "type": "administrative", "fields": {"subject": "Về việc trồng cây đầu xuân"}, "pages": [{"text": "Kính gửi các thôn: phát động trồng cây đầu xuân Bính Ngọ."}]}
END
box import --source so-dang-ky "$work/so-dang-ky.jsonl"
check "a record that is imported now is at the centre without anybody's doing" \
    arrives '"trong cay dau xuan"'
for who in "tram-centre $centre_pid" "tram-box $box_pid"; do
    rss_kb=$(awk '/^VmRSS/ { print $2 }' "/proc/${who#* }/status")
    check "${who% *} serve takes less than 40 MB ($rss_kb kB)" less_than_40_mb "$rss_kb"
done

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] || exit 1
[ "$mode" = serve ] || exit 0

step "Both go on serving until Ctrl-C"
echo "  the commune's desk:  $address"
echo "  its first code:      $(jq -r .first_code "$work/box.out")  (makes the first administrator)"
echo "  the province's page: http://127.0.0.1:$port/"
echo "  commands: build/release/tram-box --data $commune …"
echo "            build/release/tram-centre --data $province …"
wait "$box_pid" || true
