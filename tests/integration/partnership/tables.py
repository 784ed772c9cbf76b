#!/usr/bin/env python3
"""tables - truths of people.py as the plain lines that the program tables reads.

  tables.py TRUTH...

A line a fact, its parts separated by tabs:
  record FORM SITE          begins a record that counts
  answer NAME N VALUE       N: instance of the repeat that the item stands in, from 1, else 0
  instance REPEAT N         there is such an instance, whatever it holds
  count PATH NUMBER         of a record of counts (common/study/counts.h)
Words are cut to one line: only whether they are there matters to a figure.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import counts  # noqa: E402


def put(*parts):
    print("\t".join(" ".join(str(p).split()) if i else p for i, p in enumerate(parts)))


def record(form, site, answers):
    put("record", form, site)
    for name, value in answers.items():
        if not isinstance(value, list):
            put("answer", name, 0, "" if value is None else value)
            continue
        for number, instance in enumerate(value, 1):
            put("instance", name, number)
            for inner, one in instance.items():
                put("answer", inner, number, "" if one is None else one)


def main():
    for path in sys.argv[1:]:
        truth = json.loads(Path(path).read_text(encoding="utf-8"))
        for one in truth["records"]:
            if one["counts"]:
                record(one["form"], truth["site"], one["answers"])
        put("record", "system", truth["site"])
        for rows in (counts.entered(truth["counts"]), counts.coded(truth)):
            for name, form, group, detail, number in rows:
                put("count", "/".join(filter(None, (name, form, group, detail))), number)
        for name in ("completed", "consented", "withdrawn"):
            put("count", f"{name}/-/-", truth["counts"][name])


if __name__ == "__main__":
    main()
