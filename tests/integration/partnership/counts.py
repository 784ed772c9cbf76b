#!/usr/bin/env python3
"""counts - what a site knows and no form says, out of a truth of people.py.

  counts.py TRUTH entered   the sheet of `weir-node counts set`: eligible, approached, not eligible
  counts.py TRUTH coded     that of `weir-node counts set --coded`: what coders found in texts

What the node counts itself (completed, consented, withdrawn) is not among them.
"""
import csv
import json
import sys

WAVE = "1"
STAFF_SHARE = 0.6  # of what the truth has for both forms together
ROLES = ("care-team", "local-staff")


def split(total, share):
    first = round(total * share)
    return first, total - first


def entered(counts):
    for name in ("eligible", "approached", "not_eligible", "declined"):
        staff, users = split(counts[name], STAFF_SHARE)
        for form, group, number in (("staff_p1", "staff", staff), ("user_p2", "user", users)):
            if name != "approached":
                yield name, form, group, "", number
                continue
            for role, part in zip(ROLES, split(number, 0.5)):
                yield name, form, group, role, part


def coded(truth):
    found = truth["coded"]
    read, read_of_users = split(found["worse_read"], STAFF_SHARE)
    harm, harm_of_users = split(found["harm"], STAFF_SHARE)
    yield "worse_read", "staff_p1", "staff", "", read
    yield "worse_read", "user_p2", "user", "", read_of_users
    yield "harm", "staff_p1", "staff", "", harm
    yield "harm", "user_p2", "user", "", harm_of_users
    yield "own_read", "user_p2", "user", "", found["own_read"]
    for theme in found["new_themes"]:
        yield "theme", "user_p2", "user", theme, 1
    # Of the outcome list: not new, so it counts in no figure.
    yield "theme", "user_p2", "user", "home", 2


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in ("entered", "coded"):
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="utf-8") as file:
        truth = json.load(file)
    rows = entered(truth["counts"]) if sys.argv[2] == "entered" else coded(truth)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["wave", "name", "form", "group", "detail", "number"])
    writer.writerows([WAVE, *row] for row in rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
