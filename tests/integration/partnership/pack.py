#!/usr/bin/env python3
"""pack - a copy of a study pack that a test can run through.

  pack.py PACK COPY [--opens FORM=YYYY-MM-DD]... [--rule RNN|all]...

COPY may be PACK itself. What is changed, and nothing else:
  study.ini     confirmed_by is filled; --opens moves the first day of a form in wave 1, so that all
                forms are open on one day.
  rules.ini     rules that a test would have to do much for are switched off (all but BUILT and
                those of --rule), and keys of the others (UNFED) left out; with `--rule all` every
                rule and key stays as it is. Disclosure control asks for nothing but two
                approvers, so that every figure is shown.
  codebook.csv  min_n is 1, and `missing` stands behind n wherever it may, so that the reasons are
                released and compared as well.
"""
import csv
import shutil
import sys
from pathlib import Path

BUILT = ("R01", "R02", "R03", "R04", "R07", "R08", "R10", "R12", "R13", "R14", "R18", "R19")
# Keys of those that would ask for more papers.
UNFED = ("mode.approval", "mode.witness")
ALL = "all"
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


def rules(path, built):
    section, lines = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        key = line.partition("=")[0].strip()
        if line.startswith("["):
            section = line[1:-1]
            if section == "disclosure":
                break
        elif ALL in built:
            pass
        elif not key or line.startswith("#") or key in UNFED:
            continue
        elif section.startswith("R") and section not in built and key == "on":
            line = "on = no"
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
    opens, built = {}, set(BUILT)
    while len(words) > 2 and words[-2] in ("--opens", "--rule"):
        value = words.pop()
        if words.pop() == "--rule":
            built.add(value)
        else:
            form, _, day = value.partition("=")
            opens[form] = day
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, copy = map(Path, words)
    if not copy.exists() or not copy.samefile(source):
        shutil.copytree(source, copy)
    study(copy / "study.ini", opens)
    rules(copy / "rules.ini", built)
    codebook(copy / "codebook.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
