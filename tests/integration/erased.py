"""What a person leaves in a node's store, and where bytes of it are found.

find STORE CODE OUT [INCARNATION]
                     writes, a line each, name and hex: the pseudonym behind a study code; of each
                     of the person's entries in this incarnation (1) the beginning of its rules
                     part and of what is sealed in it, the roots of its files and the beginning of
                     their first chunk; and bytes out of the middle of what is held of the person
search OUT PATH...   prints each file that has one of them, and exits with 1 then

Rows are read as LMDB 0.9 has them in its pages, also in those that are free: node = data size u32,
flags u16, key size u16, key, data, little-endian; flag 1: the data are on pages of their own, whose
number stands there. The keys are those of node/vault.h and node/vault_tables.h.
"""
import re
import struct
import sys
from pathlib import Path

PARTS = {1: "rules", 2: "answers", 3: "detail", 4: "wrap_study", 5: "wrap_site"}
ROOTS = 6
MOST = 48
PAGE = 4096
PAGE_HEAD = 16
BIG = 1
FRAME = 1  # version in front of a row's content
CHECK = 8  # behind it


def contents(raw, key):
    """Of each row under a key that is this pattern: the key and the content."""
    for at in re.finditer(key, raw, re.S):
        if at.start() < 8:
            continue
        size, flags, key_size = struct.unpack_from("<IHH", raw, at.start() - 8)
        begin = at.end()
        if key_size != len(at.group()) or flags & ~BIG:
            continue
        if flags & BIG:
            begin = struct.unpack_from("<Q", raw, begin)[0] * PAGE + PAGE_HEAD
        row = raw[begin:begin + size]
        if len(row) == size and size >= FRAME + CHECK and row[0] == 1:
            yield at.group(), row[FRAME:-CHECK]


def roots_of(part):
    """See common/trust/roots.h."""
    return [part[at + 44:at + 76] for at in range(3, len(part), 76)]


def files_of(raw, root):
    """See node/sync_chunks.h."""
    for _, row in contents(raw, re.escape(root)):
        for _, chunk in contents(raw, re.escape(row[:16] + bytes(4))):
            yield "chunk", chunk[:MOST]


def entries_of(raw, person, incarnation):
    """Of lanes C and R."""
    place = re.escape(incarnation.to_bytes(4, "big")) + b"[\x01\x02]\x00{5}.{3}"
    for key, _ in contents(raw, re.escape(person) + place):
        for part, content in contents(raw, re.escape(key[16:]) + b"[\x01-\x06]"):
            if part[-1] in PARTS:
                yield PARTS[part[-1]], content[:MOST]
            elif part[-1] == ROOTS:
                for root in roots_of(content):
                    yield "root", root
                    yield from files_of(raw, root)


def held_of(raw, person):
    for key, _ in contents(raw, re.escape(person) + b".{16}"):
        for _, row in contents(raw, re.escape(key[16:])):
            # submissions have the same ids: their rows are short, begin otherwise and stay.
            if row[0] == 2:
                yield "held", row[len(row) // 2:len(row) // 2 + MOST]


def find(store, code, out, incarnation=1):
    raw = Path(store, "data.mdb").read_bytes()
    people = [row for _, row in contents(raw, re.escape(code.encode())) if len(row) == 16]
    if not people:
        sys.exit("no pseudonym of this code in the store")
    person = people[0]
    words = {("pseudonym", person), *entries_of(raw, person, int(incarnation)), *held_of(raw, person)}
    Path(out).write_text("".join(f"{name} {value.hex()}\n" for name, value in sorted(words)))
    print(len(words))


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
    find(*sys.argv[2:])
else:
    sys.exit(search(sys.argv[2], sys.argv[3:]))
