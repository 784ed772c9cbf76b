#!/usr/bin/env python3
"""approvals - what approvals took and cost at a site, into the truth about it.

  approvals.py APPROVALS.csv TRUTH.json...

APPROVALS.csv: lines site,submitted,decided,cost; site empty: of the whole study. Days run from Monday
to Friday, from the first day that anything a site needed was asked for to the day the last of it was
decided; what the study as a whole paid is shared by all sites of TRUTH alike. The items approval_days
and approval_cost of a site's profile get what comes of it, since nobody types them.
"""
import csv
import datetime
import json
import sys


def working_days(first, last):
    days = (first + datetime.timedelta(n) for n in range((last - first).days))
    return sum(day.weekday() < 5 for day in days)


def figures(rows, site, sites):
    mine = [row for row in rows if row[0] in ("", site)]
    day = datetime.date.fromisoformat
    days = working_days(min(day(row[1]) for row in mine), max(day(row[2]) for row in mine))
    return days, sum(int(row[3]) / (1 if row[0] else sites) for row in mine)


def main():
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            truth = json.load(file)
        days, cost = figures(rows, truth["site"], len(sys.argv) - 2)
        for record in truth["records"]:
            if record["form"] == "site_profile":
                record["answers"].update(approval_days=str(days), approval_cost=repr(cost))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(truth, file, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
