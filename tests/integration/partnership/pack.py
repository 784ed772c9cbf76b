#!/usr/bin/env python3
"""pack - a copy of a study pack that a test can run through.

  pack.py PACK COPY [--opens FORM=YYYY-MM-DD]...

COPY may be PACK itself. What is changed, and nothing else:
  study.ini     confirmed_by is filled; --opens moves the first day of a form in wave 1, so that all
                forms are open on one day.
  rules.ini     rules that this version has not built are switched off, and keys of built rules that
                it cannot carry out are left out (BUILT); disclosure control asks for nothing but two
                approvers, so that every figure is shown.
  codebook.csv  min_n is 1, and `missing` stands behind n wherever it may, so that the reasons are
                released and compared as well.
"""
import csv
import shutil
import sys
from pathlib import Path

COMMON = ("title", "on", "outcome", "actions", "source")
BUILT = {
    "R01": ("approval.any", "accept", "not_required.reason", "at"),
    "R03": ("approval.", "latest"),
    "R04": ("stop",),
    "R07": ("accept",),
    "R08": ("data.answers", "use.site", "use.pooled", "unanswered"),
    "R10": ("consent.until",),
    "R18": ("checks",),
}
DISCLOSURE = "[disclosure]\nuse = default\napprovers = 2 people\n"


def study(path, opens):
    section, lines = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition("=")[0].strip()
        if line.startswith("["):
            section = line
        if section == "[legal]" and key == "confirmed_by":
            line = "confirmed_by = A. Example, information governance, 2027-01-10"
        if section == "[wave.1]" and key.removesuffix(".opens") in opens and key.endswith(".opens"):
            line = f"{key} = {opens[key.removesuffix('.opens')]}"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def is_built(rule, key):
    return key in COMMON or any(key == k or k.endswith(".") and key.startswith(k) for k in BUILT[rule])


def rules(path):
    section, lines = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition("=")[0].strip()
        if line.startswith("["):
            section = line[1:-1]
            if section == "disclosure":
                break
        elif not key or line.startswith("#"):
            continue
        elif section.startswith("R") and section not in BUILT and key == "on":
            line = "on = no"
        elif section in BUILT and not is_built(section, key):
            continue
        elif section == "rules" and key == "unlisted":
            line = "unlisted = off"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n" + DISCLOSURE, encoding="utf-8")


def codebook(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    at = {name: i for i, name in enumerate(header)}
    for row in rows:
        row[at["min_n"]] = "1"
        statistics = row[at["statistics"]].split(";")
        of_records = ";" not in row[at["form"]] and not row[at["derivation"]].startswith("system:")
        if of_records and "missing" not in statistics:
            statistics.insert(1, "missing")
        row[at["statistics"]] = ";".join(statistics)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main():
    words = sys.argv[1:]
    opens = {}
    while len(words) > 2 and words[-2] == "--opens":
        form, _, day = words.pop().partition("=")
        opens[form] = day
        words.pop()
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, copy = map(Path, words)
    if not copy.exists() or not copy.samefile(source):
        shutil.copytree(source, copy)
    study(copy / "study.ini", opens)
    rules(copy / "rules.ini")
    codebook(copy / "codebook.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
