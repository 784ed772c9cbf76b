#!/usr/bin/env python3
"""send - sends what people.py or engine.mjs wrote, as ODK Collect does (../collect.py).

  send.py BASE DIR [--held NUMBER] [--log FILE]

BASE: http://HOST:PORT/key/TOKEN. Each submission of DIR/submissions.json goes off in its order.
--held: so many may be kept aside (202) for good or for a while; all others have to be 201.
Prints counts; ends with 1 and the node's words when a submission was not taken. --log: a line for
each submission with its status and the node's words.
"""
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from collect import Collect, Refused  # noqa: E402

TRIES, PAUSE_S = 20, 0.5


def send(client, xml, files):
    """Again while the node is busy, as the owner of the tablet would."""
    for _ in range(TRIES):
        try:
            return client.send(xml, files)
        except Refused as why:
            if not str(why).startswith(("status 429", "status 503")):
                return 0, str(why)
            said = str(why)
        except OSError as why:
            said = str(why)
        time.sleep(PAUSE_S)
    return 0, said


def main():
    words = sys.argv[1:]
    options = {"--held": "0", "--log": "/dev/null"}
    while len(words) > 2 and words[-2] in options:
        value, name = words.pop(), words.pop()
        options[name] = value
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    client, directory, lines = Collect(words[0]), Path(words[1]), []
    for sent in json.loads((directory / "submissions.json").read_text()):
        files = [(name, (directory / name).read_bytes()) for name in sent["files"]]
        status, said = send(client, (directory / sent["xml"]).read_bytes(), files)
        lines.append((status, f"{sent['form']} {sent['xml']} {status} {said}"))
    Path(options["--log"]).write_text("".join(f"{line}\n" for _, line in lines), encoding="utf-8")
    counts = Counter(status for status, _ in lines)
    print(f"{counts[201]} taken, {counts[202]} kept aside, {counts[0]} refused")
    for status, line in lines:
        if status == 0 or status == 202 and counts[202] > int(options["--held"]):
            print(line)
    return 1 if counts[0] or counts[202] > int(options["--held"]) else 0


if __name__ == "__main__":
    sys.exit(main())
