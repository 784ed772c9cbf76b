#!/usr/bin/env python3
"""tablets - changes submissions, and writes them as sheets, for tablets.sh.

  tablets.py of DIR FORM                     paths of the submissions of a form, in their order
  tablets.py change IN OUT [NAME=VALUE...]   a copy; a leaf that is not there is no fault. Names more:
                                             instance=same|new, edits=yes (it corrects IN)
  tablets.py sheet HEADING FILE.xml... [NAME=VALUE...]
                                             a row for each, under the heading row of the file; these
                                             cells of the sheet alone are in every row
  tablets.py code CODES                      a study code that is none of these, of their form

Names are leaves of the form; a blank value empties the leaf.
"""
import csv
import json
import sys
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def of(directory, form):
    for sent in json.loads((Path(directory) / "submissions.json").read_text(encoding="utf-8")):
        if sent["form"] == form:
            yield str(Path(directory) / sent["xml"])


def change(source, to, words):
    root = ET.parse(source).getroot()
    wanted = dict(word.split("=", 1) for word in words)
    meta = root.find("meta")
    instance = meta.find("instanceID")
    if wanted.pop("edits", "") == "yes":
        ET.SubElement(meta, "deprecatedID").text = instance.text
    if wanted.pop("instance", "new") == "new":
        instance.text = f"uuid:{uuid.uuid4()}"
    for name, value in wanted.items():
        for leaf in root.iter(name):
            leaf.text = value or None
    ET.ElementTree(root).write(to, encoding="utf-8", xml_declaration=True)


def leaves(node, repeats, before=""):
    turns = {}
    for child in node:
        turns[child.tag] = turns.get(child.tag, 0) + 1
        if child.tag in repeats:
            yield from leaves(child, repeats, f"{child.tag}[{turns[child.tag]}]/")
        elif len(child):
            yield from leaves(child, repeats, before)
        else:
            yield before + child.tag, child.text or ""


def sheet(heading, words):
    """Further turns of a repeat are columns behind all others."""
    columns = Path(heading).read_text(encoding="utf-8").strip().split(",")
    repeats = {name.partition("[")[0] for name in columns if "[" in name}
    files = [word for word in words if "=" not in word]
    cells = dict(word.split("=", 1) for word in words if "=" in word)
    rows = [dict(leaves(ET.parse(file).getroot(), repeats)) | cells for file in files]
    known = {name.partition("[")[0] + name.partition("]")[2] for name in columns if "[" in name}
    for name in dict.fromkeys(name for row in rows for name in row if "[" in name):
        if name not in columns and name.partition("[")[0] + name.partition("]")[2] in known:
            columns.append(name)
    writer = csv.DictWriter(sys.stdout, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def new_code(codes):
    """The check character of node/code.h: the sum of place times number, modulo 31."""
    taken = {code.strip().replace("-", "") for code in Path(codes).read_text(encoding="utf-8").split()}
    for n in range(1, 1000):
        code = f"EXAM{n:03d}"
        code += ALPHABET[sum((i + 1) * ALPHABET.index(c) for i, c in enumerate(code)) % 31]
        if code not in taken:
            return f"{code[:4]}-{code[4:]}"
    return ""


def main():
    match sys.argv[1:]:
        case ["of", directory, form]:
            print(*of(directory, form), sep="\n")
        case ["change", source, to, *words]:
            change(source, to, words)
        case ["code", codes]:
            print(new_code(codes))
        case ["sheet", heading, *words]:
            sheet(heading, words)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
