#!/usr/bin/env python3
"""audio - sends records with large files to a node's door, for audio.sh.

  audio.py send BASE CODES COUNT BYTES   so many people, each with a record and a file of so many bytes
  audio.py recorded BASE CODE yes|no photo|signature [BYTES]
                                         somebody who permits being recorded, or not, and is, in this
                                         question: the answer's status
  audio.py held BASE CODE                a record of the person with an answer out of its bounds, and one of a
                                         version that nobody knows: the status of each
  audio.py memory PID                    KiB that the process has of its own; mapped files are not
  audio.py watch PID END                 the most of that until there is a file END

Codes, answers and files are examples.
"""
import os
import sys
import time
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


def recorded(base, code, permits, question, size=1000):
    door = Door(base, [code])
    status, words = door.client().send(door.consent(code, more=[("record_audio", permits)]))
    if status != 201:
        sys.exit(f"the consent: {status} {words}")
    status, words = door.client().send(door.visit(code, **{question: "sound.m4a"}), [("sound.m4a", os.urandom(int(size)))])
    print(status)


def held(base, code):
    door = Door(base, [code])
    for xml in (door.visit(code, score="99"), door.visit(code, version="77")):
        print(door.client().send(xml)[0])


def memory(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0


def watch(pid, end):
    most = 0
    while not Path(end).exists():
        most = max(most, memory(pid))
        time.sleep(0.02)
    print(most)


def main():
    match sys.argv[1:]:
        case ["send", base, codes, count, size]:
            send(base, codes, int(count), int(size))
        case ["recorded", base, code, permits, question, *size]:
            recorded(base, code, permits, question, *size)
        case ["held", base, code]:
            held(base, code)
        case ["memory", pid]:
            print(memory(pid))
        case ["watch", pid, end]:
            watch(pid, end)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
