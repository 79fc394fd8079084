#!/bin/sh
# The dictionary that comes with the program, on stdout: sentences and forms of our own
# sample papers, as they are typeset in tests/pages. The same bytes on every machine.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../tests/pages"
# Slots are cut out: what stands between them is what papers share.
sed -e '/^#/d' -e '/^= /d' -e '/^$/d' -e 's/{[^}]*}/\n/g' phrases.txt | awk 'length >= 8 && !seen[$0]++'
cat truth/*.txt
