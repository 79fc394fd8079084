#!/bin/sh
# Installs what the build and the tests need and what is not there yet: Debian's
# packages by name, then npm's by version and integrity hash (package-lock.json),
# without running any of their scripts.
set -eu
cd "$(dirname "$0")/.."

packages="
    build-essential pkg-config git ca-certificates nodejs npm jq
    libsodium-dev libssl-dev libzstd-dev libseccomp-dev libmicrohttpd-dev libjansson-dev libpcre2-dev libutf8proc-dev
    libtesseract-dev libleptonica-dev libtiff-dev libpng-dev libarchive-dev libqpdf-dev libjxl-dev libxlsxwriter-dev
    tesseract-ocr-vie tesseract-ocr-osd poppler-utils poppler-data fonts-urw-base35
    libcmocka-dev libmimalloc-dev libjpeg62-turbo-dev clang lld libclang-rt-14-dev clang-format clang-tidy
    libpango1.0-dev fonts-liberation2 fonts-dejavu-core fonts-noto-core
    fonts-freefont-ttf fonts-texgyre fonts-crosextra-carlito
    jbig2dec qpdf sqlite3 zip unzip chromium python3-jsonschema python3-openpyxl"

missing=""
for p in $packages; do
    case $p in nodejs | npm)
        # Another way of installing Node.js is as good.
        command -v "$([ "$p" = nodejs ] && echo node || echo npm)" >/dev/null && continue
        ;;
    esac
    [ "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null)" = "install ok installed" ] ||
        missing="$missing $p"
done
if [ -n "$missing" ]; then
    echo "deps: installing$missing"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing >/dev/null
fi

stamp=node_modules/.tram-lock
if ! cmp -s package-lock.json "$stamp"; then
    echo "deps: fetching npm packages by hash"
    npm ci --ignore-scripts --omit=dev --silent # the others are the benches' own
    cp package-lock.json "$stamp"
fi
echo "deps: all there"
