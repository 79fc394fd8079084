#!/bin/sh
# Installs the peers that the benches compare with; nothing else needs them.
#   reading: tesseract (the program), ocrmypdf and unpaper (its --clean)
#   small:   webp, libavif-bin, djvulibre-bin, libjxl-tools
#   link:    rsync, npm's pouchdb
#   search:  libxapian-dev (its peer program is compiled when it is there)
#   bytes:   p7zip-full (PPMd, the bound), zstd, rsync, git, nncp, npm's pouchdb
set -eu
cd "$(dirname "$0")/../.."

missing=""
for p in tesseract-ocr ocrmypdf unpaper webp libavif-bin djvulibre-bin libjxl-tools rsync p7zip-full zstd \
    git nncp libxapian-dev; do
    [ "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null)" = "install ok installed" ] ||
        missing="$missing $p"
done
# A bench runs without its peers too, and says which are missing.
if [ -n "$missing" ]; then
    echo "deps-bench: installing$missing"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    # shellcheck disable=SC2086 # a list of names
    {
        $as_root apt-get update -qq &&
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
                --no-install-recommends $missing >/dev/null
    } || echo "deps-bench: could not install$missing" >&2
fi

# By the lock's hashes, beside what is there; `npm ci` would take away what the build uses.
if ! [ -d node_modules/pouchdb ]; then
    echo "deps-bench: fetching npm's pouchdb by hash"
    npm install --no-save --ignore-scripts --include=dev --silent ||
        echo "deps-bench: could not install pouchdb" >&2
fi
