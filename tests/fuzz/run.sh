#!/bin/sh
# Runs the fuzz targets of a build, each for some seconds, two at a time.
#   tests/fuzz/run.sh BUILD SECONDS
# FUZZ_WIRE_S gives the parsers of what comes over the link a time of their own.
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
mkdir -p "$build/findings"

cat >"$out/one" <<'EOF'
#!/bin/sh
# one BUILD OUT SECONDS TARGET
name=${4##*/fuzz_}
seconds=$3
case $name in
bundle | receipt | claim | enrolment | message | sealed | http_head | courier)
    seconds=${FUZZ_WIRE_S:-$seconds} ;;
esac
corpus=$2/$name
mkdir -p "$corpus"
[ ! -d "tests/fuzz/corpus/$name" ] || cp -R "tests/fuzz/corpus/$name/." "$corpus"
if "$4" -max_total_time="$seconds" -max_len="${FUZZ_BYTES_MAX:-16384}" \
    -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$1/findings/$name-" "$corpus" >"$2/$name.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2/$name.log")
    echo "ok   $name: $runs runs in $seconds s" | tee "$2/$name.ok"
else
    { echo "FAIL $name" && tail -n 60 "$2/$name.log" | sed 's/^/    /'; } | tee "$2/$name.fail"
fi
EOF
chmod +x "$out/one"
find "$build/tests/fuzz" -type f -name 'fuzz_*' ! -name '*.o' ! -name '*.d' | sort |
    xargs -r -n 1 -P 2 "$out/one" "$build" "$out" "$seconds"

passed=$(find "$out" -maxdepth 1 -name '*.ok' | wc -l)
failed=$(find "$out" -maxdepth 1 -name '*.fail' | wc -l)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
