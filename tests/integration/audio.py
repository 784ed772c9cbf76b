#!/usr/bin/env python3
"""audio - sends records with large files to a node's door, for audio.sh.

  audio.py send BASE CODES COUNT BYTES   so many people, each with a record and a file of so many bytes
  audio.py memory PID                    "NAME ANONYMOUS-KIB PEAK-KIB": what the process has of its own,
                                         and the most it had, mapped files of its own among it

Codes, answers and files are examples.
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from openrosa import Door  # noqa: E402


def send(base, codes, count, size):
    door = Door(base, Path(codes).read_text(encoding="utf-8").split())
    for n in range(count):
        name = f"sound{n}.m4a"
        xml = door.visit(door.person(), photo=name)
        status, words = door.client().send(xml, [(name, os.urandom(size))])
        if status != 201:
            sys.exit(f"record {n}: {status} {words}")
    print(f"sent {count * size} bytes in {count} files")


def memory(pid):
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    print(fields["Name"].strip(), *(fields[key].split()[0] for key in ("RssAnon", "VmHWM")))


def main():
    match sys.argv[1:]:
        case ["send", base, codes, count, size]:
            send(base, codes, int(count), int(size))
        case ["memory", pid]:
            memory(pid)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
