"""Tables of one wave by different sites: sums agree, and a site's own figures.

sites.py agree RECORDED OTHER OLD=NEW...   every count and n of OTHER is the sum of those of
                                           RECORDED whose site counts for it
sites.py base TABLE SITE=N...               n of W01 is this at the sites
"""
import csv
import sys


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(row):
    return 0 if row["value"] == "[w]" else int(row["value"])


def figures(rows):
    """By everything but the site: {what: {site: value}}."""
    found = {}
    for row in rows:
        if row["statistic"] not in ("n", "count") or row["value"] == "[x]":
            continue
        what = tuple(v for k, v in sorted(row.items()) if k not in ("site", "value"))
        found.setdefault(what, {})[row["site"]] = number(row)
    return found


def agree(recorded, other, *pairs):
    counts_for = dict(pair.split("=") for pair in pairs)
    old, new = figures(table(recorded)), figures(table(other))
    assert old and old.keys() == new.keys(), "the tables are of other figures"
    looked = 0
    for what, by_site in new.items():
        sums = {}
        for site, value in old[what].items():
            to = "ALL" if site == "ALL" else counts_for[site]
            sums[to] = sums.get(to, 0) + value
        assert sums == by_site, f"{what}: {sums}, not {by_site}"
        assert by_site["ALL"] == sum(v for k, v in by_site.items() if k != "ALL"), what
        looked += len(by_site)
    print(looked)


def base(path, *wanted):
    found = {
        row["site"]: row["value"]
        for row in table(path)
        if (row["indicator"], row["statistic"]) == ("W01", "n")
    }
    for site, people in (pair.split("=") for pair in wanted):
        assert found[site] == people, f"{found[site]} people of {site}, not {people}"


if __name__ == "__main__":
    {"agree": agree, "base": base}[sys.argv[1]](*sys.argv[2:])
