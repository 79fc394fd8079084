#!/bin/sh
# Installs the peers that the benches compare with; nothing else needs them.
#   reading: tesseract (the program), ocrmypdf and unpaper (its --clean)
#   small:   webp, libavif-bin, djvulibre-bin, libjxl-tools
#   link:    rsync
#   bytes:   p7zip-full (PPMd, the bound), zstd
set -eu

missing=""
for p in tesseract-ocr ocrmypdf unpaper webp libavif-bin djvulibre-bin libjxl-tools rsync p7zip-full zstd; do
    [ "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null)" = "install ok installed" ] ||
        missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "deps-bench: installing$missing"
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
# A bench runs without its peers too, and says which are missing.
# shellcheck disable=SC2086 # a list of names
{
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends $missing >/dev/null
} || echo "deps-bench: could not install$missing" >&2
