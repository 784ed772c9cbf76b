#!/usr/bin/env python3
"""consents - a made-up sheet of the consent form of the example study.

  consents.py PACK first|later CODE...

first: a row a code, with every event that begins, by every role, in turn; the rest are plain consents.
later: codes 1 and 2 again: reaffirmed and changed.
Columns are those of the form, but for files and what the form works out.
"""
import csv
import sys
from pathlib import Path

LEFT_OUT = ("begin group", "end group", "note", "calculate", "image")
CONSULTEE = {"given_by": "consultee-personal", "giver_relation": "friend", "giver_name": "Example Name",
    "capacity": "assessed-lacks", "capacity_date": "2027-03-01", "capacity_assessor": "example nurse"}
PARENT = {"given_by": "parent", "giver_relation": "mother", "giver_name": "Example Parent",
    "turns_sixteen": "2031-05-01"}
KINDS = (
    {},
    {"permit_quote_verbatim": "no", "permit_link": "no"},
    {"event": "refused"},
    dict(CONSULTEE, event="advice-supports", assent="given"),
    dict(CONSULTEE, event="advice-against", given_by="consultee-nominated", assent="not-sought"),
    dict(PARENT, event="given", assent="given"),
    dict(PARENT, event="refused", assent="dissent"),
    {"mode": "verbal-witnessed", "witness": "Example Witness"},
)
LATER = ({"event": "reaffirmed"}, {"event": "changed", "permit_use_aggregate": "no"})


def row(names, code, changed):
    cells = {"participant": code, "form_version_shown": "1", "language": "en", "approached_by": "local-staff",
        "approacher": "local-1",
        "taken_by": "local-1", "mode": "written", "given_by": "self", "capacity": "presumed", "event": "given",
        "given_at": "2027-03-05T10:00:00.000Z", "valid_until": "2030-01-01"}
    cells.update({name: "yes" for name in names if name.startswith("permit_")})
    cells["permit_store_identifiable"] = "no"
    cells.update(changed)
    if cells["event"] in ("refused", "advice-against") or cells.get("assent") == "dissent":
        cells = {name: text for name, text in cells.items()
            if not name.startswith("permit_") and name != "valid_until"}
    if cells["given_by"].startswith("consultee"):
        cells.setdefault("assent", "not-sought")
    return [cells.get(name, "") for name in names]


def main():
    if len(sys.argv) < 4 or sys.argv[2] not in ("first", "later"):
        print(__doc__, file=sys.stderr)
        return 2
    with open(Path(sys.argv[1]) / "forms/consent/survey.csv", newline="", encoding="utf-8") as file:
        names = [item["name"] for item in csv.DictReader(file) if item["type"] not in LEFT_OUT]
    kinds = KINDS if sys.argv[2] == "first" else LATER
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for i, code in enumerate(sys.argv[3:]):
        if i < len(kinds) or sys.argv[2] == "first":
            writer.writerow(row(names, code, kinds[i] if i < len(kinds) else {}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
