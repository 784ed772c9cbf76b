#!/usr/bin/env python3
"""send - sends what people.py or engine.mjs wrote, as ODK Collect does.

  send.py BASE DIR [--held NUMBER] [--log FILE]

BASE: http://127.0.0.1:PORT/key/TOKEN. First HEAD BASE/submission, which has to be 204; then each
submission of DIR/submissions.json by POST, in order, over one connection. Files go along until the
announced length is full, then in further requests that repeat the XML, all but the last marked
*isIncomplete*. --held: so many may be kept aside (202); all others have to be 201.
Prints counts; ends with 1 and the node's words when a submission was not taken. --log: a line for each
submission with its status and the node's words.
"""
import http.client
import json
import re
import sys
import time
import urllib.parse
from email.utils import formatdate
from pathlib import Path

AGENT = "org.odk.collect.android/v2026.2.1 Dalvik/2.1.0 (Linux; U; Android 14; Example)"
BOUNDARY = "----example-boundary-5d1c2f"
TRIES, TIMEOUT_S = 20, 60
TYPES = {"png": "image/png", "jpg": "image/jpeg", "csv": "text/csv"}


class Collect:
    def __init__(self, base):
        self.url = urllib.parse.urlsplit(base)
        self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=TIMEOUT_S)
        status, headers, _ = self.ask("HEAD", None, {})
        if status != 204:
            raise SystemExit(f"send: HEAD was answered with {status}, not 204")
        self.limit = int(headers.get("X-OpenRosa-Accept-Content-Length", 10_000_000))

    def ask(self, method, body, headers):
        """Tries again as Collect's owner would: when the node is busy or cannot be reached."""
        path = f"{self.url.path}/submission?deviceID=collect%3Aexample"
        common = {"User-Agent": AGENT, "X-OpenRosa-Version": "1.0", "Date": formatdate(usegmt=True)}
        for _ in range(TRIES):
            try:
                self.connection.request(method, path, body, {**common, **headers})
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status not in (429, 503):
                    return answer.status, answer.headers, text
            except (OSError, http.client.HTTPException):
                self.connection.close()
            time.sleep(0.5)
        raise SystemExit("send: the node did not answer in time")

    def send(self, xml, files):
        """Status and words of the last request."""
        batches = self.batches(xml, files)
        for number, batch in enumerate(batches, 1):
            parts = [("xml_submission_file", "submission.xml", "text/xml", xml)]
            parts += [(f.name, f.name, TYPES.get(f.suffix[1:], "application/octet-stream"), f.read_bytes())
                for f in batch]
            body = b"".join(map(part, parts))
            if number < len(batches):
                body += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"*isIncomplete*\"\r\n\r\nyes\r\n"
                    ).encode()
            body += f"--{BOUNDARY}--\r\n".encode()
            status, _, text = self.ask("POST", body,
                {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
            if status not in (201, 202):
                break
        words = re.search(r"<message[^>]*>([^<]*)<", text.decode("utf-8", "replace"))
        return status, words.group(1) if words else ""

    def batches(self, xml, files):
        found, room = [[]], self.limit - len(xml)
        for file in files:
            size = file.stat().st_size
            if found[-1] and size > room:
                found.append([])
                room = self.limit - len(xml)
            found[-1].append(file)
            room -= size
        return found


def part(of):
    name, filename, kind, body = of
    head = (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n"
        f"Content-Type: {kind}\r\n\r\n")
    return head.encode() + body + b"\r\n"


def main():
    words = sys.argv[1:]
    options = {"--held": "0", "--log": "/dev/null"}
    while len(words) > 2 and words[-2] in options:
        value, name = words.pop(), words.pop()
        options[name] = value
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    directory, statuses, refused = Path(words[1]), {}, []
    client = Collect(words[0])
    with open(options["--log"], "w", encoding="utf-8") as log:
        for sent in json.loads((directory / "submissions.json").read_text()):
            xml = (directory / sent["xml"]).read_bytes()
            status, said = client.send(xml, [directory / f for f in sent["files"]])
            statuses[status] = statuses.get(status, 0) + 1
            log.write(f"{sent['form']} {sent['xml']} {status} {said}\n")
            if status not in (201, 202):
                refused.append(f"{sent['form']} {sent['xml']}: {status} {said}")
    print(", ".join(f"{count} answered with {status}" for status, count in sorted(statuses.items())))
    for line in refused[:10]:
        print(line)
    if statuses.get(202, 0) > int(options["--held"]):
        print(f"{statuses[202]} were kept aside where {options['--held']} may be")
        return 1
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
