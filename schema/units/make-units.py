#!/usr/bin/env python3
"""Makes units.tsv: the administrative units, each with the time of its validity.

    schema/units/make-units.py PROVINCES_DB.git ADMINUNITS.git >schema/units/units.tsv

The two are clones of the public repositories that README.md names with their versions; nothing
else is read but acts.tsv, beside this file. A release of the first is the state of all units from
a date on; what differs from one to the next is a change on that date. The second tells what
became of the units of June 2025, and by names what became of some that ended before.
"""
import collections, csv, io, json, os, re, subprocess, sys, unicodedata

# Release, and the key in acts.tsv of what brought that state; several releases have one state.
RELEASES = [("v1.0.0", "-"), ("v1.0.1", "469"), ("v1.0.2", "510"), ("v1.0.3.1", "569"), ("v1.0.4.1", "721"),
            ("v2.0.0", "939"), ("v2.0.1", "1013"), ("v2.1.0", "1106"), ("v2.2.0", "1203"), ("v2.3.0", "1318"),
            ("v2.4.1", "1365"), ("v3.0.2", "202"), ("v3.1.0", "237"), ("v4.2.0", "237")]
REFORM = "v3.0.2"
ADMINUNITS = "780c279"
KINDS = {"tỉnh": "tinh", "thành phố": "tp", "quận": "q", "huyện": "h", "thị xã": "tx", "xã": "x", "phường": "p",
         "thị trấn": "tt", "đặc khu": "dk"}
# The releases' slips of the pen in names, seen in neighbouring releases: not renamings.
SLIPS = {("04136", "Nà Pó"): "Nà Bó", ("07540", "Xa Lý"): "Sa Lý"}
TONES = "\u0300\u0301\u0303\u0309\u0323"

def git(repository, *words):
    return subprocess.run(["git", "--git-dir=" + repository, *words], check=True, capture_output=True).stdout.decode("utf-8-sig")

def exact(name):
    """As schema/tokenizer.h: where the tone is written does not count; nor does a number's 0."""
    out = []
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name.lower())):
        letters = unicodedata.normalize("NFD", word.lstrip("0") or word)
        out.append("".join(c for c in letters if c not in TONES) + "".join(c for c in letters if c in TONES))
    return "".join(out)

def folded(name):
    return "".join(c for c in exact(name).replace("đ", "d") if not unicodedata.combining(c))

def release_read(repository, tag):
    """{code: (kind, name, parent)} of all levels."""
    paths = git(repository, "ls-tree", "-r", "--name-only", tag, "postgresql/").split()
    path = [p for p in paths if re.fullmatch(r"postgresql/(postgres_)?ImportData_vn_units\.sql", p)][0]
    units, table = {}, None
    value = r"'(?:[^']|'')*'|\d+"
    for line in git(repository, "show", f"{tag}:{path}").splitlines():
        insert = re.match(r"INSERT INTO (\w+)", line)
        table = insert.group(1) if insert else table
        if table not in ("provinces", "districts", "wards"):
            continue
        for row in re.findall(rf"\(((?:{value})(?:,(?:{value}))+)\)", line):
            cells = [c[1:-1].replace("''", "'") if c[0] == "'" else c for c in re.findall(value, row)]
            code, full = cells[0], " ".join(unicodedata.normalize("NFC", cells[3]).split())
            kind = next(k for k in KINDS if full.lower().startswith(k + " "))
            name = full[len(kind) + 1:]
            if name.lower().startswith(kind + " "):
                name = name[len(kind) + 1:]
            units[code] = (KINDS[kind], SLIPS.get((code, name), name), "-" if table == "provinces" else cells[6])
    return units

def states_read(repository):
    states = [release_read(repository, tag) for tag, _ in RELEASES]
    tags = [tag for tag, _ in RELEASES]
    before = tags.index(REFORM)
    for i in range(1, before):
        # A unit that one release alone knows was never there.
        for code in [c for c in states[i] if i + 1 < before and c not in states[i - 1] and c not in states[i + 1]]:
            del states[i][code]
        # A unit that a release forgot, of a code that a later one knows again, was there.
        for code in states[i - 1]:
            later = [s[code] for s in states[i + 1:before] if code in s]
            if code not in states[i] and later:
                states[i][code] = later[0]
    # One name, two spellings: the later stands; where only the tone's place differs, the first.
    for a, b in [(i, i - 1) for i in reversed(range(1, len(states)))] + [(i - 1, i) for i in range(1, len(states))]:
        for code, (kind, name, parent) in states[b].items():
            k, n, p = states[a].get(code, ("", "", ""))
            if folded(n) == folded(name) and (a < b) == (exact(n) == exact(name)):
                states[b][code] = (kind, n, parent)
    for state in states:
        for code, (kind, name, parent) in state.items():
            state[code] = (kind, re.sub(r"^0+(?=\d)", "", name), parent)
    return states

def reform_read(repository):
    """What the units of June 2025 became, by code; and each new commune's resolution."""
    became, acts = collections.defaultdict(list), {}
    for row in csv.DictReader(io.StringIO(git(repository, "show", f"{ADMINUNITS}:data/interim/convert_legacy_2025_simple.csv"))):
        old = "%05d" % float(row["wardCode"]) if row["wardCode"] else "%03d" % float(row["districtCode"])
        # One code is another in the decision itself (README.md).
        new = row["newWardCode"].replace("06970", "06978")
        if new not in became[old]:
            became[old].append(new)
        province, new = "%02d" % float(row["provinceCode"]), "%02d" % float(row["newProvinceCode"])
        if new not in became[province]:
            became[province].append(new)
    text = git(repository, "show", f"{ADMINUNITS}:data/raw/production.cas.so_3221_wards_2025-08-05.json")
    for commune in json.loads(text)["communes"]:
        acts[commune["code"].replace("06970", "06978")] = re.search(r"\d+", commune["decree"]).group()
    return became, acts

def earlier_read(repository):
    """{(province, folded kind and name): {folded kind and name of what it became}}."""
    out = collections.defaultdict(set)
    for row in csv.DictReader(io.StringIO(git(repository, "show", f"{ADMINUNITS}:data/alias_keywords/legacy/alias_ward.csv"))):
        province = next(row[k] for k in row if "province_key" in k)
        province = re.sub(r"^(tinh|thanhpho)", "", province)
        out[province, row["alias_keyword"]].add((row["district_key"], row["ward_key"]))
    return out

NAMES = {v: folded(k) for k, v in KINDS.items()}

def key_of(unit):
    return NAMES[unit[0]] + folded(unit[1])

def successor_before_2025(code, state, then, last, earlier):
    """Where a commune went that ended before 2025, by names; [] if they do not tell."""
    kind, name, district = state[code]
    province = state[district][2]
    places = earlier.get((folded(state[province][1]), key_of(state[code])), set())
    found = [c for c, u in then.items() if len(c) == 5 and c in last and u[2] in last
             and last[u[2]][2] == province and (key_of(last[u[2]]), key_of(last[c])) in places]
    return found if len(found) == 1 else []

def rows_make(states, became, acts_of, earlier):
    """(code, kind, name, parent, begun, ended, successors)"""
    tags = [tag for tag, _ in RELEASES]
    before = tags.index(REFORM)
    last, rows, begun = states[before - 1], [], {c: "-" for c in states[0]}
    for i in range(1, len(states) + 1):
        state, then = states[i - 1], states[i] if i < len(states) else None
        act = RELEASES[i][1] if then else "-"
        for code in sorted(state):
            if then is not None and then.get(code) == state[code]:
                continue
            ended, into = act, []
            if then is not None and tags[i] == REFORM:
                into = sorted(became.get(code, []))
                ended = {2: "202", 3: "203"}.get(len(code)) or acts_of[into[0]]
            elif then is not None:
                into = [code] if code in then else []
                if not into and len(code) == 5:
                    into = successor_before_2025(code, state, then, last, earlier)
                ended = "30" if act == "237" and len(code) == 2 else act
            rows.append((code, *state[code], begun[code], ended, " ".join(into) or "-"))
        for code in then or {}:
            if code not in state or then[code] != state[code]:
                begun[code] = act if tags[i] != REFORM or len(code) == 2 else acts_of[code]
                begun[code] = "30" if act == "237" and len(code) == 2 else begun[code]
    return rows

def main():
    provinces_db, adminunits = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    dates = {r[0]: r[1] for r in csv.reader(open(os.path.join(here, "acts.tsv")), delimiter="\t") if not r[0].startswith("#")}
    dates["-"] = ""
    rows = rows_make(states_read(provinces_db), *reform_read(adminunits), earlier_read(adminunits))
    rows.sort(key=lambda r: (len(r[0]), r[0], dates.get(r[4], "")))
    print("# Made by make-units.py; sources and marks in README.md. code, kind, name, parent, begun, ended, became")
    for row in rows:
        print("\t".join(row))

main()
