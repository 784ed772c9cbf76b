#!/usr/bin/env python3
"""damage - changes bytes of an LMDB file behind the back of the programs.

  damage.py DATA.MDB
      one byte of every page behind the two meta pages. It lies near the end of the page, where the
      values are; page headers stay as they were, so the store opens and only what its rooms check
      can tell.
  damage.py part DATA.MDB INCARNATION LANE SEQ PART
      one bit of one stored part of an entry, at a node or at a hub (of each of its nodes): LANE
      C, R or A; PART rules, answers or wrap (a key for the study).
"""
import struct
import sys

PAGE_BYTES, META_PAGES, FROM_END_BYTES = 4096, 2, 20
PAGE_HEAD_BYTES, INSIDE_BYTES, BIG = 16, 20, 1
WRITER_BYTES = 32  # before the rest of the key, at a hub
LANES, PARTS = {"C": 1, "R": 2, "A": 3}, {"rules": 1, "answers": 2, "wrap": 4}


def damage_pages(data):
    for page in range(META_PAGES, len(data) // PAGE_BYTES):
        data[(page + 1) * PAGE_BYTES - FROM_END_BYTES] ^= 0x55


def damage_part(data, incarnation, lane, seq, part):
    # A node of a leaf: length u32 in two halves, flags u16, key length u16, key, value; or the
    # number of the pages that a large value has to itself.
    key = struct.pack(">IBQB", int(incarnation), LANES[lane], int(seq), PARTS[part])
    found = at = 0
    while (at := data.find(key, at)) >= 0:
        heads = {n: struct.unpack("<HH", data[at - n - 4 : at - n]) for n in (0, WRITER_BYTES)}
        value = at + len(key)
        at = value
        flags = [f for n, (f, size) in heads.items() if size == n + len(key) and f in (0, BIG)]
        if not flags:
            continue
        flags = flags[0]
        if flags == BIG:
            (page,) = struct.unpack("<Q", data[value : value + 8])
            value = page * PAGE_BYTES + PAGE_HEAD_BYTES
        data[value + INSIDE_BYTES] ^= 1
        found += 1
    if not found:
        sys.exit("no such part")


arguments = sys.argv[1:]
is_part = arguments[0] == "part"
with open(arguments[1] if is_part else arguments[0], "r+b") as file:
    content = bytearray(file.read())
    if is_part:
        damage_part(content, *arguments[2:])
    else:
        damage_pages(content)
    file.seek(0)
    file.write(content)
