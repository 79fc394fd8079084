#!/bin/sh
# Bytes of a day of twenty papers, fifty days, on the wire of a real box and a real centre,
# beside packers on the same contents. Prints tables in Markdown.
#   bytes.sh BUILD [DAYS [SEED]]
set -eu
build=$1
days=${2:-50}
seed=${3:-1}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Bytes a day of a file, and how many times the bound.
row() { awk -v n="$2" -v d="$days" -v b="$bound" -v w="$1" 'BEGIN { printf "| %s | %d | %.2f |\n", w, n / d, n / b }'; }

packed_each() { # COMMAND…: every day's frames alone
    for f in "$dir"/day-*.frames; do "$@" <"$f"; done | wc -c
}

for language in ours strange; do
    rm -f "$dir"/*
    if [ $language = ours ]; then
        "$build/tram-days" "$dir" --days "$days" --seed "$seed"
        words="texts like our samples"
    else
        "$build/tram-days" "$dir" --days "$days" --seed "$seed" --strange
        words="texts that no dictionary has seen"
    fi
    cat "$dir"/day-*.raw >"$dir/all"
    bound=$(wc -c <"$dir/all")
    if command -v 7z >/dev/null; then
        7z a -m0=PPMd:o=16:mem=256m "$dir/all.7z" "$dir/all" >/dev/null
        bound=$(wc -c <"$dir/all.7z")
    else
        echo "7z is missing: times are of the contents themselves" >&2
    fi
    "$build/bench-sync-bytes" "$dir" "$days" >"$dir/told" 2>/dev/null
    sum() { awk -F'\t' -v c="$1" '/^[0-9]/ { s += $c } END { printf "%d", s }' "$dir/told"; }
    empty() { awk -F'\t' -v w="empty-$1" '$1 == w { print $2 + $3 }' "$dir/told"; }
    shake=$(($(empty tls) - $(empty clear)))
    wire=$(($(sum 5) + $(sum 6) - shake * days))

    printf '\n%s, %s days\n\n| what | bytes a day | × PPMd of all contents |\n| --- | --- | --- |\n' "$words" "$days"
    row "contents" "$(wc -c <"$dir/all")"
    row "7z PPMd of all contents at once" "$bound"
    row "changesets of $(sum 2) frames" "$(sum 3)"
    row "**ours, both ways on the wire, without TLS's handshakes**" "$wire"
    row "… of it the sealed bundles" "$(sum 4)"
    row "zstd -19, a batch a day" "$(packed_each zstd -19 -c)"
    row "one long-lived zstd -19 stream" "$(cat "$dir"/day-*.frames | zstd -19 --long=27 -c | wc -c)"
    printf '\nTLS handshake: %s bytes both ways (an empty contact over TLS less one in the clear)\n' "$shake"
done
