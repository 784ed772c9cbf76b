#!/usr/bin/env python3
"""words - random words in a sheet, and where they turn up as bytes.

  words.py make N PREFIX SHEET WORDS   N rows of the form attitudes with two text answers more,
                                       `remark` for the hub and `note` for the site alone; each
                                       holds a random word of 24 letters. WORDS: lines
                                       "remark WORD" and "note WORD"
  words.py search WORDS KIND PATH...   words of this kind in all files below the paths, as they
                                       are, in base64 (three alignments, both alphabets) and in
                                       hexadecimal digits, both cases; a capture (*.pcap) is
                                       also searched stream by stream, put in order
  words.py patterns WORDS KIND         the same patterns, one a line

search prints "FILE HITS" for each file with hits and "searched N files, M bytes, H hits";
it ends with 1 when there is a hit.
"""
import base64
import os
import secrets
import string
import struct
import subprocess
import sys
import tempfile

WORD_LETTERS = 24
PCAP_HEADER_BYTES, PACKET_HEADER_BYTES, ETHERNET_BYTES = 24, 16, 14


def word():
    return "".join(secrets.choice(string.ascii_letters) for _ in range(WORD_LETTERS))


def make(count, prefix, sheet, words):
    with open(sheet, "w", encoding="ascii") as rows, open(words, "w", encoding="ascii") as list_:
        rows.write("participant,poverty,religion,degree,age,gender,remark,note\n")
        for i in range(count):
            remark, note = word(), word()
            rows.write(f"{prefix}{i + 1:04d},{1 + i % 3},no,yes,{20 + i % 50},female,{remark},{note}\n")
            list_.write(f"remark {remark}\nnote {note}\n")


def base64_inside(text, shift):
    """The digits that stand for `text` wherever it begins at this place of a group of three."""
    digits = base64.b64encode(b"\0" * shift + text).decode()
    first = (shift * 8 + 5) // 6
    return digits[first : (shift + len(text)) * 8 // 6]


def forms(text):
    data = text.encode()
    found = {text, data.hex(), data.hex().upper()}
    for shift in range(3):
        digits = base64_inside(data, shift)
        found |= {digits, digits.translate(str.maketrans("+/", "-_"))}
    return found


def patterns(words, kind):
    with open(words, encoding="ascii") as lines:
        wanted = [line.split()[1] for line in lines if line.split()[0] == kind]
    return sorted(set().union(*(forms(one) for one in wanted)))


def packets(path):
    """The payload of each TCP packet: (stream, sequence number, bytes). pcap of Ethernet frames."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = PCAP_HEADER_BYTES
    while at + PACKET_HEADER_BYTES <= len(data):
        length = struct.unpack(order + "I", data[at + 8 : at + 12])[0]
        ip = data[at + PACKET_HEADER_BYTES + ETHERNET_BYTES : at + PACKET_HEADER_BYTES + length]
        at += PACKET_HEADER_BYTES + length
        if len(ip) < 40 or ip[0] >> 4 != 4 or ip[9] != 6:
            continue
        tcp = ip[(ip[0] & 15) * 4 : struct.unpack(">H", ip[2:4])[0]]
        payload = tcp[(tcp[12] >> 4) * 4 :]
        if payload:
            yield ip[12:20] + tcp[:4], struct.unpack(">I", tcp[4:8])[0], payload


def streams(path, into):
    """Each direction of each connection as one file, its bytes in order, none of them twice."""
    parts = {}
    for stream, number, payload in packets(path):
        parts.setdefault(stream, []).append((number, payload))
    for i, segments in enumerate(parts.values()):
        start = segments[0][0]
        segments = sorted(((n - start) & 0xFFFFFFFF, p) for n, p in segments)
        with open(os.path.join(into, f"stream-{i}"), "wb") as file:
            for number, payload in segments:
                file.seek(number)
                file.write(payload)
    return len(parts)


def files_below(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            for name in names:
                file = os.path.join(folder, name)
                if os.path.isfile(file) and not os.path.islink(file):
                    yield file


def hits(pattern_file, file):
    run = subprocess.run(
        ["grep", "-a", "-o", "-F", "-f", pattern_file, file],
        stdout=subprocess.PIPE,
        env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
        check=False,
    )
    if run.returncode > 1:
        raise SystemExit(f"{file}: cannot be read")
    return run.stdout.count(b"\n")


def search(words, kind, paths):
    files, size, found = 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        pattern_file = os.path.join(scratch, "patterns")
        with open(pattern_file, "w", encoding="ascii") as out:
            out.write("\n".join(patterns(words, kind)) + "\n")
        for path in paths:
            if path.endswith(".pcap"):
                streams(path, scratch)
        for file in files_below(list(paths) + [scratch]):
            if file == pattern_file:
                continue
            count = hits(pattern_file, file)
            files, size, found = files + 1, size + os.path.getsize(file), found + count
            if count:
                print(os.path.basename(file) if file.startswith(scratch) else file, count)
    print(f"searched {files} files, {size} bytes, {found} hits")
    return 1 if found else 0


def main():
    command, *a = sys.argv[1:] or [""]
    if command == "make" and len(a) == 4:
        make(int(a[0]), a[1], a[2], a[3])
        return 0
    if command == "search" and len(a) > 2:
        return search(a[0], a[1], a[2:])
    if command == "patterns" and len(a) == 2:
        print("\n".join(patterns(a[0], a[1])))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
