#!/usr/bin/env python3
"""send - people answer through a node's door, one after the other, while its processes are killed.

  send.py BASE CODES SAID STOP   for each code a consent, then a visit; each is sent until it is taken.
                                 What was taken is written to SAID, a line each; ends when STOP exists.
  send.py BASE SAID              everything in SAID once more; prints how many are not known as they were.

BASE: http://HOST:PORT/key/TOKEN. The study is tests/integration/openrosa/study; all answers are examples.
A person waits between two tries, like a tablet with no network.
"""
import json
import os
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
import collect  # noqa: E402
from collect import Refused  # noqa: E402
from openrosa import Door  # noqa: E402

AGAIN_S = 0.2
NEXT_S = 0.02
ANSWER_S = 30  # a node gives up waiting for its own processes after 20
PERSON = uuid.UUID("00000000-0000-0000-0000-000000000000")


def until_taken(door, xml, stop):
    """gives whether it was; the same bytes each time."""
    while True:
        try:
            status, words = door.client().send(xml)
            if status != 201:
                raise SystemExit(f"kept aside: {status} {words}")
            return True
        except Refused as why:
            if not str(why).startswith("status 503"):
                raise SystemExit(f"refused: {why}")
        except TimeoutError as why:
            raise SystemExit(f"the door has not answered in {ANSWER_S} s") from why
        except (OSError, EOFError) as why:
            del why
        except Exception as why:
            # http.client: an answer that was cut.
            if type(why).__module__ != "http.client":
                raise
        if os.path.exists(stop):
            return False
        time.sleep(AGAIN_S)


def send(base, codes, said, stop):
    with open(said, "a", encoding="ascii") as out:
        for code in Path(codes).read_text(encoding="ascii").split():
            if os.path.exists(stop):
                return 0
            door = Door(base, [])
            visit = door.visit(code, f"uuid:{uuid.uuid5(PERSON, code)}")
            if not until_taken(door, door.consent(code), stop) or not until_taken(door, visit, stop):
                return 0
            out.write(json.dumps({"code": code, "xml": visit.decode()}) + "\n")
            out.flush()
            time.sleep(NEXT_S)
    print("the codes ran out", file=sys.stderr)
    return 1


def again(base, said):
    lost = 0
    for line in Path(said).read_text(encoding="ascii").splitlines():
        status, _ = Door(base, []).client().send(json.loads(line)["xml"].encode())
        lost += status != 201
    print(lost)
    return 0


if __name__ == "__main__":
    collect.TIMEOUT_S = ANSWER_S
    sys.exit(send(*sys.argv[1:]) if len(sys.argv) == 5 else again(*sys.argv[1:]))
