#!/bin/sh
# Format check and clang-tidy's opinion; changes nothing.
set -u
cd "$(dirname "$0")/.."
rc=0
git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror || rc=1
git ls-files '*.c' | grep -v '^tests/' | xargs -P 2 -n 8 sh -c 'exec clang-tidy --quiet \
    --checks="-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-narrowing-conversions,-bugprone-assignment-in-if-condition,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling" \
    "$@" -- -std=c17 -D_GNU_SOURCE -I. -Inode_modules/better-sqlite3/deps/sqlite3 \
    -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK "-DTRAM_VERSION=\"lint\"" \
    "-DDESK_DIR=\"build/release/desk\"" "-DPAGE_DIR=\"build/release/page\"" \
    "-DDICTIONARY_DIR=\"build/release/sync\""' tidy 2>/dev/null || rc=1
exit $rc
