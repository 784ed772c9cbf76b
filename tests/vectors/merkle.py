#!/usr/bin/env python3
"""Makes merkle.txt: roots and proofs straight from the recursive definitions of RFC 6962, section 2.1.

Leaf i is the text "leaf i". Lines:
  root SIZE HEX
  inclusion SIZE INDEX [HEX...]
  consistency OLD SIZE [HEX...]
"""
import hashlib


def sha(data):
    return hashlib.sha256(data).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(d):
    if not d:
        return sha(b"")
    if len(d) == 1:
        return sha(b"\0" + d[0])
    k = split(len(d))
    return sha(b"\1" + root(d[:k]) + root(d[k:]))


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return path(m, d[:k]) + [root(d[k:])]
    return path(m - k, d[k:]) + [root(d[:k])]


def subproof(m, d, known):
    if m == len(d):
        return [] if known else [root(d)]
    k = split(len(d))
    if m <= k:
        return subproof(m, d[:k], known) + [root(d[k:])]
    return subproof(m - k, d[k:], False) + [root(d[:k])]


def line(*parts):
    print(*[p.hex() if isinstance(p, bytes) else p for p in parts])


leaves = [b"leaf %d" % i for i in range(300)]
for size in list(range(0, 14)) + [255, 256, 257, 300]:
    d = leaves[:size]
    line("root", size, root(d))
    for index in range(size) if size < 14 else [0, 1, 127, 128, 254, size - 1]:
        line("inclusion", size, index, *path(index, d))
    for old in range(1, size + 1) if size < 14 else [1, 2, 3, 128, 129, 255, size]:
        line("consistency", old, size, *subproof(old, d, True))
