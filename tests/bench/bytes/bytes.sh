#!/bin/sh
# Bytes of a day of twenty papers, fifty days, on the wire of a real box and a real centre,
# beside packers and peers on the same days. Prints tables in Markdown. 1: a bound was
# missed. What a peer lacks here is said, and the peer left out.
#   bytes.sh BUILD [--days N] [--seed N] [--peers A,B…] [--pages DIR] [--short]
# --pages: pictures of a page each for the layout, instead of typeset ones.
# --short: ten days of one language, three pages.
set -eu
usage='[--days N] [--seed N] [--peers rsync,git,nncp,pouchdb] [--pages DIR] [--short]'
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
days=50 seed=1 peers=rsync,git,nncp,pouchdb languages="ours strange" each=8 pages=
while [ $# -gt 0 ]; do
    case $1 in
    --short) days=10 languages=ours each=1 ;;
    --days | --seed | --peers | --pages)
        [ $# -gt 1 ] || { echo "usage: $usage" >&2; exit 2; }
        eval "${1#--}=\$2"
        shift
        ;;
    *) echo "usage: $usage" >&2; exit 2 ;;
    esac
    shift
done
peers=$(echo "$peers" | tr , ' ')
scratch=$(mktemp -d)
trap 'kill $started 2>/dev/null || :; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
missed=0 started=
TRAM_BUILD=$(cd "$build" && pwd)
export TRAM_BUILD
# shellcheck source-path=SCRIPTDIR
. "$here/peers.sh"

FIFTY=50 # the days that the bound is for
BOUND=1.40
LAYOUT_BOUND=2000
SHAKE_BOUND=2500

# ------------------------------------------------------------------------ layout

# Bytes a page: mixed kinds, of three ages, read by the real reader.
typeset_pages() {
    papers=$((seed * 3))
    for age in clean light heavy; do
        "$build/tram-pages" --seed "$papers" --count "$each" --age "$age" --dpi 300 \
            --format jpg --out "$scratch/pages"
        papers=$((papers + 1)) # other texts
    done
    pages=$scratch/pages
}

measure_layout() {
    [ -n "$pages" ] || typeset_pages
    find "$pages" -name '*.jpg' -o -name '*.png' -o -name '*.tif' | sort |
        xargs "$build/bench-sync-layout" >"$scratch/layout" 2>"$scratch/layout.log" ||
        { tail -n 5 "$scratch/layout.log" >&2; exit 3; }
}

layout() { awk -F'\t' -v c="$1" 'NF == 5 { print c == "wire" ? $4 - $5 : $c }' "$scratch/layout"; }

# ------------------------------------------------------------------------- rows

# BYTES of all days as a row: bytes a day, and how many times the bound.
row() { # WHAT BYTES [HANDSHAKE LAYOUT]
    awk -v w="$1" -v n="$2" -v s="${3:-}" -v l="${4:-}" -v d="$days" -v b="$bound" \
        'BEGIN { printf "| %s | %d | %.2f | %s | %s |\n", w, n / d, n / b, s, l }'
}

verdict() { # WHAT VALUE BOUND
    if awk -v v="$2" -v b="$3" 'BEGIN { exit !(v <= b) }'; then
        echo "- $1: $2 (≤ $3) ok"
    else
        echo "- OVER: $1: $2 (≤ $3)"
        missed=$((missed + 1))
    fi
}

packed_each() { # COMMAND…: every day's frames alone
    for f in "$dir"/day-*.frames; do "$@" <"$f"; done | wc -c
}

sum() { awk -F'\t' -v c="$1" '/^[0-9]/ { s += $c } END { printf "%d", s }' "$dir/told"; }
empty() { awk -F'\t' -v w="empty-$1" '$1 == w { print $2 + $3 }' "$dir/told"; }

peer_row() { # NAME WHAT
    case " $peers " in *" $1 "*) ;; *) return 0 ;; esac
    if [ -s "$dir/$1.counted" ]; then
        row "$2" "$(cat "$dir/$1.counted")"
    elif [ -s "$dir/$1.lacks" ]; then
        echo "| $2 | left out: $(paste -sd' ' "$dir/$1.lacks") not here | | | |"
    else
        echo "| $2 | failed: $(tail -n 1 "$dir/$1.log") | | | |"
    fi
}

# ------------------------------------------------------------------------ a table

# The packers' bound, and all peers at once: bytes are measured, not time.
measure() { # LANGUAGE
    kind=$([ "$1" = ours ] || echo --strange)
    # shellcheck disable=SC2086 # or no word
    "$build/tram-days" "$dir" --days "$days" --seed "$seed" $kind
    cat "$dir"/day-*.raw >"$dir/all"
    bound=$(wc -c <"$dir/all")
    if command -v 7z >/dev/null; then
        7z a -m0=PPMd:o=16:mem=256m "$dir/all.7z" "$dir/all" >/dev/null
        bound=$(wc -c <"$dir/all.7z")
    else
        echo "7z is missing: times are of the contents themselves" >&2
    fi
    "$build/bench-sync-bytes" "$dir" "$days" >"$dir/told" 2>"$dir/log" ||
        { tail -n 5 "$dir/log" >&2; exit 3; }
    for peer in $peers; do
        peer_lacks "$peer" >"$dir/$peer.lacks"
        [ -s "$dir/$peer.lacks" ] && continue
        (peer_"$peer" || :) >"$dir/$peer.log" 2>&1 &
        started="$started $!"
    done
    wait
    started=
}

table() { # WORDS
    shake=$(($(empty tls) - $(empty clear)))
    wire=$(($(sum 5) + $(sum 6) - shake * days))
    printf '\n### %s, %s days\n\n' "$1" "$days"
    printf '| what | bytes a day | × PPMd of all contents | TLS handshake | layout a page |\n'
    printf '| --- | --- | --- | --- | --- |\n'
    row "contents" "$(wc -c <"$dir/all")"
    row "7z PPMd of all contents at once" "$bound"
    row "changesets of $(sum 2) frames" "$(sum 3)"
    row "**ours, both ways on the wire**" "$wire" "$shake" "$(layout wire)"
    row "… of it the sealed bundles" "$(sum 4)"
    row "zstd -19, a batch a day" "$(packed_each zstd -19 -c)"
    row "one long-lived zstd -19 stream" "$(cat "$dir"/day-*.frames | zstd -19 --long=27 -c | wc -c)"
    peer_row rsync "rsync -z (zstd 19) of the database"
    peer_row git "git push of text files"
    peer_row nncp "NNCP, a batch of zstd -19"
    peer_row pouchdb "PouchDB, pages as documents"
    echo
    if [ "$days" = $FIFTY ]; then
        verdict "ours, × PPMd, $1" "$(awk -v n="$wire" -v b="$bound" 'BEGIN { printf "%.3f", n / b }')" $BOUND
    else
        echo "- the bound of $BOUND × PPMd is for $FIFTY days"
    fi
    verdict "TLS handshake" "$shake" $SHAKE_BOUND
}

commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
printf '## Bytes of a day of twenty papers (tram %s, seed %s)\n\n' "$commit" "$seed"
printf 'TCP payload both ways, as a relay counts it; a contact a day. Our TLS handshakes (and goodbyes)\n'
printf 'are in a column of their own; the peers have no TLS.\n'
measure_layout
for language in $languages; do
    dir=$scratch/$language
    mkdir "$dir"
    measure "$language"
    if [ "$language" = ours ]; then
        table "texts like our samples"
    else
        table "texts that no dictionary has seen"
    fi
    rm -rf "$dir"
done
printf '\nLayout, %s pages read, a page: %s words, %s bytes packed, %s on the wire (all of it %s, without layout %s).\n\n' \
    "$(layout 1)" "$(layout 2)" "$(layout 3)" "$(layout wire)" "$(layout 4)" "$(layout 5)"
verdict "layout a page" "$(layout wire)" $LAYOUT_BOUND
printf '\n%s bounds missed\n' "$missed"
[ "$missed" = 0 ]
