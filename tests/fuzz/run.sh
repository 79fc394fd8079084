#!/bin/sh
# Runs the fuzz targets of a build, each for some seconds, one after the other.
#   tests/fuzz/run.sh BUILD SECONDS
# A target starts from a copy of its corpus, tests/fuzz/corpus/NAME. A finding is
# shown and its input kept in BUILD/findings. Ends with "N passed, N failed"; exit 1
# if anything failed.
set -u
cd "$(dirname "$0")/../.."
build=$1
seconds=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
passed=0
failed=0
for target in "$build"/tests/fuzz/fuzz_*; do
    case $target in *.o | *.d | *'*') continue ;; esac
    [ -x "$target" ] || continue
    name=${target##*/fuzz_}
    corpus=$out/$name
    mkdir -p "$corpus" "$build/findings"
    [ ! -d "tests/fuzz/corpus/$name" ] || cp -R "tests/fuzz/corpus/$name/." "$corpus"
    if "$target" -max_total_time="$seconds" -max_len="${FUZZ_BYTES_MAX:-16384}" \
        -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
        -artifact_prefix="$build/findings/$name-" "$corpus" >"$out/$name.log" 2>&1; then
        passed=$((passed + 1))
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log")
        echo "ok   $name: $runs runs in $seconds s"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 60 "$out/$name.log" | sed 's/^/    /'
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
