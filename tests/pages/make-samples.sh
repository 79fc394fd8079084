#!/bin/sh
# Makes the sample pages again, from fixed seeds: tests/pages/make-samples.sh [DIR]
# The same fonts give the same bytes; the committed ones were made on Debian 12.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-tests/pages/samples}
truth=$(dirname "$out")/truth # apart, so that the folder of samples can be taken in as it is
pages=${TRAM_BUILD:-build/release}/tram-pages
mkdir -p "$out" "$truth"
rm -f "$out"/*.png "$out"/*.jpg "$out"/*.tif "$out"/*.pdf "$out"/*.zip \
    "$truth"/*.txt "$truth"/*.json

page() {
    name=$1
    shift
    "$pages" --small --out "$out" --name "$name" "$@"
}

# Scanned well, in grey.
page quyet-dinh-01 --seed 101 --kind decision --font "Liberation Serif"
page dang-uy-thong-bao --seed 107 --kind party --variant TB --font "TeX Gyre Termes"
page so-ho-tich-khai-sinh --seed 103 --kind register --variant birth --font "Noto Serif"
page danh-sach-01 --seed 104 --kind list --variant names --font "Carlito"
page giay-khai-sinh --seed 105 --kind certificate --variant birth --font "Liberation Serif"

# In colour, signed and sealed.
page cong-van-dau-do --seed 106 --kind letter --variant CV --age light --tone colour \
    --seal yes --format jpg --font "Liberation Serif"

# Laid askew on the scanner; then the worst that the cupboard holds.
page to-trinh-lech --seed 108 --kind letter --variant TTr --age light --tone grey \
    --seal no --skew 2.4 --format jpg --font "DejaVu Serif"
page thong-bao-cu --seed 125 --kind letter --variant TB --age heavy --tone grey \
    --format jpg --font "FreeSerif"

# Several pages in one file: a photocopy, a scanner's PDF, a PDF of letters.
page chuyen-pho-to --seed 109 --kind letter --variant BC --age light --tone bilevel \
    --seal no --pages 3 --format tif --font "Liberation Serif"
page ke-hoach-mot-anh --seed 110 --kind letter --variant KH --tone grey --format pdf \
    --font "Liberation Sans"
page cong-van-hai-trang --seed 111 --kind letter --variant CV --pages 2 \
    --format pdf-text --font "Liberation Serif"

# A paper that must not leave the desk.
page mat-01 --seed 112 --kind letter --variant BC --secrecy mat --tone colour \
    --format png --font "Liberation Serif"

# Two pages in an archive. Its truth is that of the same paper as one file.
page hai-trang --seed 113 --kind decision --pages 2 --tone bilevel --format tif \
    --font "TeX Gyre Termes"
rm "$out/hai-trang.tif"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$pages" --small --out "$scratch" --name hai-trang --seed 113 --kind decision --pages 2 \
    --tone bilevel --format png --font "TeX Gyre Termes"
touch -d 2026-01-01T00:00:00Z "$scratch"/*.png
(cd "$scratch" && TZ=UTC zip -q -X hai-trang.zip hai-trang-1.png hai-trang-2.png)
mv "$scratch/hai-trang.zip" "$out/"
mv "$out"/*.txt "$out"/*.json "$truth/"
