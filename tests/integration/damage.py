#!/usr/bin/env python3
"""damage - changes one byte of every page of an LMDB file behind its two meta pages.

  damage.py DATA.MDB

The byte lies near the end of the page, where the values are; page headers stay as they were, so
the store opens and only what its rooms check can tell.
"""
import sys

PAGE_BYTES, META_PAGES, FROM_END_BYTES = 4096, 2, 20

with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    for page in range(META_PAGES, len(data) // PAGE_BYTES):
        data[(page + 1) * PAGE_BYTES - FROM_END_BYTES] ^= 0x55
    file.seek(0)
    file.write(data)
