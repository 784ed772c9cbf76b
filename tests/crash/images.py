#!/usr/bin/env python3
"""images - disks that a power cut might have left, made from what record.c wrote down, and opened.

  images.py mark LOG SIDE C R          from here on so many entries of lanes C and R were promised
  images.py open LOG ROOT BASE OUT SIDE [--count N] [--seed S] [--deaf] -- COMMAND...

ROOT is the directory that was recorded, BASE a copy of it from before, OUT a place for images. N cuts are
drawn between any two records. COMMAND gets the directory of each image on a line and answers "ok C R" or
"failed SENTENCE". Prints `images`, `opened` and `lost` (images with fewer entries than had been promised at
the time of the cut), with the first reasons; ends with 1 unless all were opened and none lost any.

What may be on the disk after a cut, the model of this test:
  - what fsync or fdatasync of a file, or syncfs, came back from; a write through O_DSYNC likewise
  - of what was written since: any of the sectors of 512 bytes, in any order; sizes likewise
  - of names made, changed and removed since their directory was synced: the first so many, in order.
Every third image has none of what was pending, or all of it. With --deaf the disk does not keep what was
synced either: then images have to be found that do not open or lack something.
Only the standard library of Python 3.
"""
import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

HEAD = struct.Struct("=BHHQQ")
SECTOR_BYTES = 512
REASONS_SHOWN = 5


def records(log):
    data, at = Path(log).read_bytes(), 0
    while at < len(data):
        op, path_len, to_len, offset, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        path, to = data[at:at + path_len].decode(), data[at + path_len:at + path_len + to_len].decode()
        at += path_len + to_len
        yield chr(op), path, to, offset, data[at:at + size]
        at += size


def mark(log, side, *counts):
    body = " ".join(counts).encode()
    with open(log, "ab", buffering=0) as out:
        out.write(HEAD.pack(ord("M"), len(side), 0, 0, len(body)) + side.encode() + body)


def put(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def resize(content, size):
    del content[size:]
    content.extend(bytes(size - len(content)))


def sectors(offset, data):
    """Pieces of a write that a disk keeps whole."""
    at = 0
    while at < len(data):
        end = min(len(data), at + SECTOR_BYTES - (offset + at) % SECTOR_BYTES)
        yield offset + at, data[at:end]
        at = end


def name_change(names, change):
    kind, path, other = change
    if kind == "make":
        names[path] = other
    elif kind == "unlink":
        names.pop(path, None)
    else:
        for old in [n for n in names if n == path or n.startswith(path + "/")]:
            names[other + old[len(path):]] = names.pop(old)


class Disk:
    """names: path to file number, None for a directory; `now` is what programs see, `safe` what is synced."""

    def __init__(self, root, base, deaf):
        self.root, self.deaf = root, deaf
        self.safe, self.safe_names, self.now_names = [], {}, {}
        self.pending, self.pending_names = [], []
        for at in sorted(Path(base).rglob("*")):
            name = root + str(at)[len(base):]
            if at.is_dir():
                self.safe_names[name] = None
            elif at.is_file():
                self.safe_names[name] = len(self.safe)
                self.safe.append(bytearray(at.read_bytes()))
        self.now_names = dict(self.safe_names)

    def change(self, *change):
        name_change(self.now_names, change)
        self.pending_names.append(change)

    def opened(self, path, flags):
        if path not in self.now_names:
            self.safe.append(bytearray())
            self.change("make", path, len(self.safe) - 1)
        elif flags & os.O_TRUNC:
            self.pending.append((self.now_names[path], 0, None))

    def synced(self, path):
        number = self.now_names.get(path)
        if number is None:
            return self.names_synced(path)
        for one in self.pending:
            if one[0] == number:
                self.apply(self.safe[number], one)
        self.pending = [one for one in self.pending if one[0] != number]
        return None

    def names_synced(self, directory):
        """A change comes to the disk with all those before it."""
        last = 0
        for index, (_, path, other) in enumerate(self.pending_names):
            places = [path, other] if isinstance(other, str) else [path]
            if any(os.path.dirname(p) == directory for p in places):
                last = index + 1
        for change in self.pending_names[:last]:
            name_change(self.safe_names, change)
        del self.pending_names[:last]

    def all_synced(self):
        for one in self.pending:
            self.apply(self.safe[one[0]], one)
        for change in self.pending_names:
            name_change(self.safe_names, change)
        self.pending, self.pending_names = [], []

    @staticmethod
    def apply(content, one):
        _, offset, data = one
        if data is None:
            resize(content, offset)
        else:
            put(content, offset, data)

    def take(self, op, path, to, offset, data):
        if not path.startswith(self.root):
            return
        if op == "o":
            self.opened(path, offset)
        elif op == "m":
            self.change("make", path, None)
        elif op == "r":
            self.change("rename", path, to)
        elif op == "u":
            self.change("unlink", path, None)
        elif op in "sd":
            if op == "d" and not self.deaf:
                self.all_synced()
            elif not self.deaf:
                self.synced(path)
        elif path in self.now_names:
            self.pending.append((self.now_names[path], offset, data if op == "w" else None))

    def image(self, out, draw):
        """One disk of the many that a cut at this moment may leave."""
        share = draw.choice((0, 1, draw.random(), draw.random(), draw.random(), draw.random()))
        names = dict(self.safe_names)
        keep = {0: 0, 1: len(self.pending_names)}.get(share, draw.randint(0, len(self.pending_names)))
        for change in self.pending_names[:keep]:
            name_change(names, change)
        touched = {}
        for number, offset, data in self.pending:
            content = touched.setdefault(number, bytearray(self.safe[number]))
            pieces = [(offset, None)] if data is None else sectors(offset, data)
            for piece in pieces:
                if draw.random() < share:
                    self.apply(content, (number, *piece))
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        for name, number in sorted(names.items()):
            place = out + name[len(self.root):]
            if number is None:
                os.makedirs(place, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as file:
                    file.write(touched.get(number, self.safe[number]))


class Judge:
    def __init__(self, command):
        self.command = command
        self.begin()
        self.images = self.opened = self.lost = 0
        self.reasons = []

    def begin(self):
        self.program = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, directory, promised, where):
        self.program.stdin.write(directory + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline().split()
        self.images += 1
        if not answer:
            self.program.wait()
            self.begin()
        if answer[:1] != ["ok"]:
            self.reasons.append(f"{where}: {' '.join(answer) or 'the program ended'}")
            return
        self.opened += 1
        if any(int(there) < least for there, least in zip(answer[1:], promised)):
            self.lost += 1
            self.reasons.append(f"{where}: {answer[1:]} entries of {promised} that were promised")

    def end(self):
        self.program.stdin.close()
        ended = self.program.wait()
        print("\n".join(self.reasons[:REASONS_SHOWN] + [
            f"images {self.images}", f"opened {self.opened}", f"lost {self.lost}"]))
        return 0 if self.images and self.images == self.opened and not self.lost and ended == 0 else 1


def open_all(arguments):
    at = arguments.index("--")
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("log", "root", "base", "out", "side"):
        parser.add_argument(name)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deaf", action="store_true")
    options = parser.parse_args(arguments[:at])
    whole = list(records(options.log))
    mine = [i for i, r in enumerate(whole) if r[0] != "M" and r[1].startswith(options.root)]
    print(f"records {len(mine)}")
    draw = random.Random(options.seed)
    cuts = {}
    for _ in range(options.count):
        cut = draw.choice(mine)
        cuts[cut] = cuts.get(cut, 0) + 1
    disk, judge, promised = Disk(options.root, options.base, options.deaf), Judge(arguments[at + 1:]), [0, 0]
    for index, (op, path, to, offset, data) in enumerate(whole):
        if op == "M":
            promised = [int(n) for n in data.split()] if path == options.side else promised
            continue
        disk.take(op, path, to, offset, data)
        for _ in range(cuts.get(index, 0)):
            disk.image(options.out, draw)
            judge.ask(options.out, promised, f"after record {index} ({op} {path[len(options.root):]})")
    return judge.end()


if __name__ == "__main__":
    sys.exit(mark(*sys.argv[2:]) if sys.argv[1:2] == ["mark"] else open_all(sys.argv[2:]))
