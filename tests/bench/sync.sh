#!/bin/sh
# The link and what goes over it, beside peers: first words, bytes, and a weak link. Prints
# the benches' tables in Markdown, and at the end what did not keep its bound.
#   sync.sh BUILD [--short] [--seed N]
# --short: the weak link, which hardly computes, while bytes are packed.
# 0: all bounds were kept; 1: some were not; 3: a part could not be measured.
set -u
build=$1
shift
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
began=$(date +%s)
rc=0

part() { # NAME COMMAND…
    name=$1
    shift
    { "$@" || echo "$name $?" >>"$scratch/codes"; } | tee "$scratch/$name.md"
}

bytes() { part bytes "$here/bytes/bytes.sh" "$build" "$@"; }
weak() { part weak "$build/bench-sync-link" --parts weak "$@"; }

: >"$scratch/codes"
part first "$build/bench-sync-link" --parts idle,first "$@"
case " $* " in
*" --short "*)
    bytes "$@" >/dev/null &
    weak "$@"
    wait
    cat "$scratch/bytes.md"
    ;;
*)
    bytes "$@"
    weak "$@"
    ;;
esac

printf '\n## Summary, after %s s\n\n' $(($(date +%s) - began))
cat "$scratch"/*.md | grep -E 'OVER|MISSED|left out|failed:' | sed 's/^- //; s/^/- /' >"$scratch/told"
[ -s "$scratch/told" ] || [ -s "$scratch/codes" ] || echo "- every bound was kept"
cat "$scratch/told"
while read -r name code; do
    [ "$code" = 1 ] || echo "- $name: could not be measured"
    [ "$code" = 1 ] || rc=3
    [ $rc != 0 ] || rc=1
done <"$scratch/codes"
exit $rc
