# shellcheck shell=sh disable=SC2154
# Peers of the bytes' bench, on the days of tram-days in $dir. peer_NAME, in a shell of its
# own, carries $days of them through bench-relay, one contact a day, and writes the bytes of
# TCP payload, both ways, to $dir/NAME.counted; 1: it failed, and there is no such file.
# Sourced by bytes.sh, whose $build, $dir, $days and $here it uses.

# What a peer needs that is not here; empty: it is all there.
peer_lacks() { # NAME
    case $1 in
    rsync) needs="rsync jq sqlite3" ;;
    git) needs="git jq" ;;
    nncp) needs="nncp-cfgnew nncp-cfgdir nncp-file nncp-call nncp-toss nncp-daemon zstd" ;;
    pouchdb) needs=node ;;
    esac
    for program in $needs; do
        command -v "$program" >/dev/null || echo "$program"
    done
    [ "$1" != pouchdb ] || [ -d node_modules/pouchdb ] || echo "npm's pouchdb"
}

each_day() { # FUNCTION: with the day's number and its name, day-01…
    for day in $(seq "$days"); do
        "$1" "$day" "$dir/$(printf 'day-%02d' "$day")" || return 1
    done
}

# Sets $port, which carries to $server, where nobody listens yet.
relay_begin() { # NAME
    : >"$dir/$1.relay"
    "$build/bench-relay" >"$dir/$1.relay" &
    relay=$!
    until [ -s "$dir/$1.relay" ] || ! kill -0 "$relay"; do sleep 0.05; done
    read -r port server <"$dir/$1.relay"
}

# Every day to the server that was started, then CHECK…, then both end.
relay_days() { # NAME SERVER'S-PID CHECK…
    name=$1 served=$2
    shift 2
    done=no
    trap 'kill "$served" "$relay" 2>/dev/null' EXIT
    trap 'exit 1' TERM
    "$build/bench-relay" wait "$server" && each_day "${name}_day" && "$@" && done=yes
    kill -TERM "$served" "$relay"
    wait "$served" "$relay" || :
    [ $done = yes ] && awk 'NR == 2 { print $1 + $2 }' "$dir/$name.relay" >"$dir/$name.counted"
}

# ------------------------------------------------------------------------- rsync

rsync_day() {
    jq -nr -f "$here/rows.jq" "$2.jsonl" | sqlite3 "$dir/rsync/office.db" &&
        rsync --compress --compress-choice=zstd --compress-level=19 --ignore-times \
            "$dir/rsync/office.db" "rsync://127.0.0.1:$port/arrived/"
}

peer_rsync() {
    mkdir -p "$dir/rsync/arrived"
    relay_begin rsync
    cat >"$dir/rsync/conf" <<END
use chroot = no
uid = $(id -u)
gid = $(id -g)
[arrived]
path = $dir/rsync/arrived
read only = no
END
    rsync --daemon --no-detach --address=127.0.0.1 --port="$server" --config="$dir/rsync/conf" &
    relay_days rsync $! cmp "$dir/rsync/office.db" "$dir/rsync/arrived/office.db"
}

# --------------------------------------------------------------------------- git

# Loose objects, as `git add` makes them, so that a push packs as it does after work.
git_day() {
    jq -nr --argjson day "$1" -f "$here/files.jq" "$2.jsonl" |
        git -C "$dir/git/office" -c fastimport.unpackLimit=100000 fast-import --quiet &&
        git -C "$dir/git/office" push --quiet "git://127.0.0.1:$port/arrived" main
}

peer_git() {
    mkdir -p "$dir/git"
    git init --quiet --bare "$dir/git/office"
    git init --quiet --bare "$dir/git/arrived"
    relay_begin git
    git daemon --listen=127.0.0.1 --port="$server" --base-path="$dir/git" --export-all \
        --enable=receive-pack --reuseaddr &
    relay_days git $! git_arrived
}

git_arrived() {
    [ "$(git -C "$dir/git/office" rev-parse main)" = "$(git -C "$dir/git/arrived" rev-parse main)" ]
}

# -------------------------------------------------------------------------- NNCP

nncp_make() { # NAME: its keys and what it knows, as a directory
    nncp-cfgnew -nocomments >"$dir/nncp/$1.hjson" &&
        nncp-cfgdir -cfg "$dir/nncp/$1.hjson" -dump "$dir/nncp/$1" &&
        echo "$dir/nncp/$1.spool" >"$dir/nncp/$1/spool" &&
        echo "$dir/nncp/$1.log" >"$dir/nncp/$1/log" &&
        mkdir -p "$dir/nncp/$1.spool"
}

nncp_meet() { # NAME OTHER
    cp -r "$dir/nncp/$2/neigh/self" "$dir/nncp/$1/neigh/$2"
    rm -rf "$dir/nncp/$1/neigh/$2/exec"
}

# Encrypted packets do not shrink: the day goes in packed, as well as one batch can be.
nncp_day() {
    zstd -19 -q -c "$2.frames" >"$2.zst" &&
        nncp-file -cfg "$dir/nncp/box" -quiet -noprogress "$2.zst" centre: &&
        nncp-call -cfg "$dir/nncp/box" -quiet -noprogress -onlinedeadline 1 centre \
            "127.0.0.1:$port" &&
        nncp-toss -cfg "$dir/nncp/centre" -quiet -noprogress
}

peer_nncp() {
    mkdir -p "$dir/nncp/arrived"
    nncp_make box && nncp_make centre && nncp_meet box centre && nncp_meet centre box ||
        return 1
    echo "$dir/nncp/arrived" >"$dir/nncp/centre/neigh/box/incoming"
    relay_begin nncp
    nncp-daemon -cfg "$dir/nncp/centre" -quiet -noprogress -bind "127.0.0.1:$server" &
    relay_days nncp $! nncp_arrived
}

nncp_arrived() {
    [ "$(find "$dir/nncp/arrived" -name '*.zst' | wc -l)" = "$days" ]
}

# ----------------------------------------------------------------------- PouchDB

pouchdb_day() {
    node "$here/../pouchdb/day.mjs" "$dir/pouchdb/office" "http://127.0.0.1:$port/arrived" \
        "$2.jsonl"
}

peer_pouchdb() {
    mkdir -p "$dir/pouchdb"
    relay_begin pouchdb
    node "$here/../pouchdb/server.mjs" 127.0.0.1 "$server" "$dir/pouchdb/arrived" &
    relay_days pouchdb $! true
}
