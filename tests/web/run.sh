#!/bin/sh
# The web faces in a headless browser: tests/web/run.sh [BUILD]
# TRAM_SCREENS=DIR keeps a picture of each page. Ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
TRAM_BUILD=$PWD/${1:-build/release}
export TRAM_BUILD
exec timeout -k 10 "${TRAM_TEST_TIMEOUT_S:-300}" node tests/web/desk.mjs
