"""What a person leaves in a node's store, and where bytes of it are found.

find STORE CODE OUT  writes, a line each, name and hex: the pseudonym behind a study code, and the
                     beginning of each part of the person's entries that is sealed
search OUT PATH...   prints each file that has one of them, and exits with 1 then
"""
import re
import sys
from pathlib import Path

SEALED = {2: "answers", 3: "detail", 4: "wrap_study", 5: "wrap_site"}
MOST = 48


def find(store, code, out):
    raw = Path(store, "data.mdb").read_bytes()
    found = re.search(re.escape(code.encode()) + b"\x01(.{16})", raw, re.S)
    if not found:
        sys.exit("no pseudonym of this code in the store")
    person = found.group(1)
    lines = {("pseudonym", person.hex())}
    places = set(re.findall(re.escape(person) + b"(\x00\x00\x00\x01[\x01-\x03]\x00{5}.{3})", raw, re.S))
    for place in places:
        for at in re.finditer(re.escape(place) + b"([\x01-\x0a])\x01", raw, re.S):
            kind = at.group(1)[0]
            if kind in SEALED:
                lines.add((SEALED[kind], raw[at.end():at.end() + MOST].hex()))
    Path(out).write_text("".join(f"{name} {value}\n" for name, value in sorted(lines)))
    print(len(lines))


def search(words, paths):
    wanted = [line.split() for line in Path(words).read_text().splitlines()]
    bad = 0
    for top in paths:
        for path in [Path(top)] if Path(top).is_file() else sorted(Path(top).rglob("*")):
            if not path.is_file() or path.is_symlink():
                continue
            raw = path.read_bytes()
            for name, value in wanted:
                if bytes.fromhex(value) in raw:
                    print(f"{path} {name}")
                    bad = 1
    return bad


if sys.argv[1] == "find":
    find(*sys.argv[2:5])
else:
    sys.exit(search(sys.argv[2], sys.argv[3:]))
