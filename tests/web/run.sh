#!/bin/sh
# The web faces in a headless browser: tests/web/run.sh [BUILD]
# TRAM_SCREENS=DIR keeps a picture of each page. Ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
TRAM_BUILD=$PWD/${1:-build/release}
export TRAM_BUILD

passed=0
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for face in signin desk suspects today views centre; do
    rc=0
    timeout -k 10 "${TRAM_TEST_TIMEOUT_S:-300}" node "tests/web/$face.mjs" >"$out" || rc=$?
    grep -v '^[0-9]* passed' "$out" || true
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$out" || echo "0 passed, 0 failed")
    passed=$((passed + ${counts%% *}))
    counts=${counts#*, }
    failed=$((failed + ${counts%% *}))
    # One that counts no failure and still fails is one more.
    [ "$rc" = 0 ] || [ "${counts%% *}" != 0 ] || failed=$((failed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
