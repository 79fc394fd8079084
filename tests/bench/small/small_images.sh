#!/bin/sh
# Small images beside other codecs, on pages with known text: bytes a page, letters
# wrong (CER, micro-averaged, per cent) when our reader reads the original and the
# decoded image, and how much worse the worst page became (points).
#   small_images.sh BUILD [--pages N] [--peers LIST] [FOLDER…]
# FOLDER: what ../shared/pages holds; "made" is made by tram-pages with a seed of
# now's. LIST: of webp avif djvu jxl, with commas; "none" for none. A program that is
# not there is left out, and said.
set -u
cd "$(dirname "$0")/../../.."
build=$1
shift
pages_max=1000
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
    avif) avifenc -s 6 --min "$2" --max "$2" "$3" "$4" >/dev/null && avifdec "$4" "$5" >/dev/null ;;
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

for f in $folders; do
    truth=$shared/$f
    pictures=$truth
    if [ "$f" = made ]; then
        truth=$out/made.pages
        pictures=$truth
        for age in clean light heavy; do
            "$build/tram-pages" --seed "$seed" --count 3 --age $age --name "$age-" --out "$truth" >/dev/null || exit 1
        done
        echo "bench-small: made with seed $seed"
    fi
    [ -d "$pictures" ] || continue
    [ ! -d "$truth/gt" ] || { pictures=$truth/pages; truth=$truth/gt; }
    mkdir -p "$out/$f/original" "$out/$f/small"
    for s in $settings; do mkdir -p "$out/$f/$s"; done
    find "$pictures" -maxdepth 1 \( -name '*.png' -o -name '*.jpg' -o -name '*.tif' \) | sort |
        head -n "$pages_max" >"$out/list"
    while read -r picture; do
        id=$(basename "${picture%.*}")
        wc -c <"$picture" >>"$out/$f/original.bytes"
        read_page "$picture" "$out/$f/original/$id.txt"
        "$build/tram-ocr" --small "$out/$id.pdf" "$picture" >/dev/null 2>&1 ||
            { echo "bench-small: no small image of $picture"; continue; }
        wc -c <"$out/$id.pdf" >>"$out/$f/small.bytes"
        [ -e "$truth/$id.txt" ] || continue
        read_page "$out/$id.pdf" "$out/$f/small/$id.txt"
        [ -z "$settings" ] || case $picture in # all peers code the same pixels
        *.png) cp "$picture" "$out/page.png" ;;
        *.jpg) jpegtopnm "$picture" 2>/dev/null | pnmtopng >"$out/page.png" 2>/dev/null ;;
        *.tif) tifftopnm "$picture" 2>/dev/null | pnmtopng >"$out/page.png" 2>/dev/null ;;
        esac
        for s in $settings; do
            rm -f "$out/coded" "$out/decoded.png"
            c=$out/coded.${s%%:*}
            [ "${s%%:*}" != cjb2 ] || c=$out/coded.djvu
            code "${s%%:*}" "${s#*:}" "$out/page.png" "$c" "$out/decoded.png" || continue
            wc -c <"$c" >>"$out/$f/$s.bytes"
            read_page "$out/decoded.png" "$out/$f/$s/$id.txt"
        done
    done <"$out/list"
    for s in original small $settings; do
        "$build/score-texts" "$truth" "$out/$f/$s" | sort >"$out/$f/$s.all"
        # Only pages that were taken.
        ls "$out/$f/original" | sed 's/\.txt$//' | sort | join - "$out/$f/$s.all" >"$out/$f/$s.score"
    done
done
printf '%-7s %-14s %8s %8s %8s %8s %8s\n' folder codec kB original small mean worst
for f in $folders; do
    [ -d "$out/$f" ] || continue
    for s in original small $settings; do row "$f" "$s"; done
done
