#!/bin/sh
# Runs the test programs of a build, two at a time, and counts. Those of tests/slow.txt go
# first: one that takes minutes and begins last leaves a core idle.
#   tests/run.sh BUILD [PATTERN]
# Each program speaks TAP (cmocka); its output is shown when something failed.
# Ends with "N passed, N failed, N skipped"; exit 1 if anything failed.
set -u
cd "$(dirname "$0")/.."
build=$1
only=${2:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

export TRAM_BUILD="$PWD/$build" CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8
# To keep 30 frames of every allocation, as it would, is a sixth of the time under
# AddressSanitizer. A report that ends too early: run that one with ASAN_OPTIONS of its own.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:malloc_context_size=10}"
export UBSAN_OPTIONS=print_stacktrace=1

cat >"$out/one" <<'EOF'
#!/bin/sh
name=$(echo "$2" | tr / _)
start=$(date +%s.%N)
timeout -k 5 "${TRAM_TEST_TIMEOUT_S:-600}" "$2" >"$1/$name.out" 2>&1
rc=$?
end=$(date +%s.%N)
# cmocka tells a skipped test as "not ok … # SKIP"; it is neither.
sed -i -E 's/^not ok (.*# SKIP)/ok \1/' "$1/$name.out"
failed=$(grep -a -c '^not ok' "$1/$name.out")
[ $rc -ne 0 ] && [ "$failed" = 0 ] && echo "not ok - the program itself ended with $rc" >>"$1/$name.out"
awk -v a="$start" -v b="$end" -v n="$2" -v rc=$rc \
    'BEGIN { printf "%-4s %6.1f s  %s\n", rc == 0 ? "ok" : "FAIL", b - a, n }'
[ $rc -eq 0 ] || sed 's/^/    /' "$1/$name.out"
EOF
chmod +x "$out/one"
find "$build/tests" -type f -name 'test_*' ! -name '*.o' ! -name '*.d' | sort >"$out/all"
sed "s,^,$build/tests/," tests/slow.txt | grep -F -x -f "$out/all" >"$out/slow"
{ cat "$out/slow"; grep -F -x -v -f "$out/slow" "$out/all"; } |
    grep -E -e "${only:-.}" | xargs -r -n 1 -P 2 "$out/one" "$out"

passed=$(cat "$out"/*.out 2>/dev/null | grep -a '^ok' | grep -a -vc '# SKIP')
skipped=$(cat "$out"/*.out 2>/dev/null | grep -a '^ok' | grep -a -c '# SKIP')
failed=$(cat "$out"/*.out 2>/dev/null | grep -a -c '^not ok')
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
