#!/bin/sh
# Search over a million pages of about a kilobyte beside FTS5's bm25() and Xapian, on the
# same pages in one run. Prints tables in Markdown. 1: a bound was missed.
#   search.sh BUILD [--pages N] [--questions N] [--seed N] [--no-fts5] [--no-xapian]
set -eu
build=$1
shift
xapian=yes
for word in "$@"; do
    [ "$word" = --no-xapian ] && xapian=
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
missed=0
"$build/bench-search" "$scratch" "$@" || missed=$?
if [ -z "$xapian" ]; then
    exit "$missed"
elif [ -x "$build/bench-search-xapian" ]; then
    "$build/bench-search-xapian" "$scratch"
else
    echo "Xapian: not here (make deps-bench installs libxapian-dev)"
fi
exit "$missed"
