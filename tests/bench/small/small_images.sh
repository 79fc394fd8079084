#!/bin/sh
# Small images beside other codecs, on pages with known text: bytes a page, letters
# wrong (CER, micro-averaged, per cent) when our reader reads the original and the
# decoded image, and how much worse the worst page became (points).
#   small_images.sh BUILD [--pages N] [--peers LIST] [FOLDER…]
# FOLDER: what ../shared/pages holds; "made" is made by tram-pages with a seed of
# now's. N: pages of a folder, spread over it (3; 0: all). LIST: of webp avif djvu jxl,
# with commas; "none" for none. A program that is not there is left out, and said. Each
# peer is shown at two settings, between which its letters wrong reach ours or do not.
set -u
cd "$(dirname "$0")/../../.." || exit 1
build=$1
shift
pages_max=3
peers=webp,avif,djvu,jxl
folders=""
while [ $# -gt 0 ]; do
    case $1 in
    --pages) pages_max=$2; shift ;;
    --peers) peers=$2; shift ;;
    *) folders="$folders $1" ;;
    esac
    shift
done
[ -n "$folders" ] || folders="clean light heavy table real made"
shared=../shared/pages
seed=$(date +%s)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM

read_page() { # PICTURE TEXT
    "$build/tram-ocr" "$1" >"$2" 2>/dev/null || : # a page refused is read all wrong
}

# Each codec: PICTURE (the page as PNG), CODED, DECODED.png. The second name is its
# setting.
code() {
    case $1 in
    webp) cwebp -quiet -q "$2" "$3" -o "$4" && dwebp -quiet "$4" -o "$5" ;;
    avif) avifenc -s 8 --min "$2" --max "$2" "$3" "$4" >/dev/null && avifdec "$4" "$5" >/dev/null ;;
    djvu) pngtopnm "$3" >"$5.pnm" && c44 -slice "$2" "$5.pnm" "$4" &&
        ddjvu -format=ppm "$4" "$5.ppm" && pnmtopng "$5.ppm" >"$5" ;;
    jxl) cjxl --quiet -d "$2" "$3" "$4" && djxl --quiet "$4" "$5" ;;
    cjb2) pngtopnm "$3" | ppmtopgm | pgmtopbm -threshold -value 0.6 >"$5.pbm" &&
        cjb2 -dpi 200 "$5.pbm" "$4" && ddjvu -format=pbm "$4" "$5.out" && pnmtopng "$5.out" >"$5" ;;
    esac 2>/dev/null
}

program() {
    case $1 in webp) echo cwebp ;; avif) echo avifenc ;; djvu) echo c44 ;; jxl) echo cjxl ;; cjb2) echo cjb2 ;; esac
}

settings=""
for p in $(echo "$peers" | tr , ' '); do
    case $p in
    webp) s="webp:25 webp:5" ;;
    avif) s="avif:48 avif:56" ;;
    djvu) s="djvu:72 djvu:84 cjb2:lossless" ;;
    jxl) s="jxl:5 jxl:9" ;;
    *) continue ;;
    esac
    if command -v "$(program "$p")" >/dev/null; then
        settings="$settings $s"
    else
        echo "bench-small: no $(program "$p") here"
    fi
done

row() { # FOLDER NAME: from $out/FOLDER/{original,NAME}.score and NAME.bytes
    join "$out/$1/original.score" "$out/$1/$2.score" 2>/dev/null |
        awk -v folder="$1" -v name="$2" -v bytes="$(awk '{ s += $1; n++ } END { print n ? s / n : 0 }' "$out/$1/$2.bytes")" '
        { n += $2; was += $3; is += $5; d = ($5 - $3) * 100 / $2; if (!seen++ || d > worst) { worst = d; page = $1 } }
        END { if (seen) printf "%-7s %-14s %8.1f %8.2f %8.2f %+8.2f %+8.2f  %s\n", folder, name, bytes / 1000,
              was * 100 / n, is * 100 / n, (is - was) * 100 / n, worst, page }'
}

as_png() { # PICTURE: all peers code the same pixels
    case $1 in
    *.png) cat "$1" ;;
    *.jpg) jpegtopnm "$1" | pnmtopng ;;
    *.tif) tifftopnm "$1" | pnmtopng ;;
    esac 2>/dev/null
}

# By our own small image and each peer's, read and weighed.
page() { # FOLDER PICTURE
    id=$(basename "${2%.*}")
    work=$out/$1.$id
    mkdir "$work"
    "$build/tram-ocr" --small "$work/small.pdf" "$2" >/dev/null 2>&1 ||
        { echo "bench-small: no small image of $2"; return; }
    wc -c <"$2" >>"$out/$1/original.bytes"
    wc -c <"$work/small.pdf" >>"$out/$1/small.bytes"
    read_page "$2" "$out/$1/original/$id.txt"
    read_page "$work/small.pdf" "$out/$1/small/$id.txt"
    [ -z "$settings" ] || as_png "$2" >"$work/page.png"
    for s in $settings; do
        c=$work/coded.${s%%:*}
        [ "${s%%:*}" != cjb2 ] || c=$work/coded.djvu
        rm -f "$c" "$work/decoded.png"
        code "${s%%:*}" "${s#*:}" "$work/page.png" "$c" "$work/decoded.png" || continue
        wc -c <"$c" >>"$out/$1/$s.bytes"
        read_page "$work/decoded.png" "$out/$1/$s/$id.txt"
    done
    rm -rf "$work"
}

printf '%-7s %-14s %8s %8s %8s %8s %8s\n' folder codec kB original small mean worst
for f in $folders; do
    truth=$shared/$f
    pictures=$truth
    if [ "$f" = made ]; then
        truth=$out/made.pages
        pictures=$truth
        n=0
        for age in clean light worn; do
            n=$((n + 1)) # names tell kind and seed
            "$build/tram-pages" --seed "$((seed + n))" --count 3 --age $age --out "$truth" >/dev/null || exit 1
        done
        echo "bench-small: made with seeds from $seed + 1"
    fi
    [ -d "$pictures" ] || continue
    [ ! -d "$truth/gt" ] || { pictures=$truth/pages; truth=$truth/gt; }
    mkdir -p "$out/$f/original" "$out/$f/small"
    for s in $settings; do mkdir -p "$out/$f/$s"; done
    find "$pictures" -maxdepth 1 \( -name '*.png' -o -name '*.jpg' -o -name '*.tif' \) | sort |
        while read -r p; do
            id=$(basename "${p%.*}")
            [ ! -e "$truth/$id.txt" ] || echo "$p"
        done | awk -v max="$pages_max" '{ all[NR] = $0 }
            END { if (max == 0 || max > NR) max = NR
                  for (i = 0; i < max; i++) print all[int((i + 0.5) * NR / max) + 1] }' >"$out/list"
    while read -r picture; do # two at a time
        page "$f" "$picture" &
        read -r picture && page "$f" "$picture" &
        wait
    done <"$out/list"
    for s in original small $settings; do
        "$build/score-texts" "$truth" "$out/$f/$s" | sort >"$out/$f/$s.all"
        # Only pages that were taken.
        ls "$out/$f/original" | sed 's/\.txt$//' | sort | join - "$out/$f/$s.all" >"$out/$f/$s.score"
    done
    for s in original small $settings; do row "$f" "$s"; done
done
