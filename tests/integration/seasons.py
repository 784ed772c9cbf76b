"""A recount of what was loaded, beside a released table; shares nothing with the programs.

seasons.py answers LETTER FIRST ROWS SEED   a sheet of made-up people, codes LETTER+FIRST on
seasons.py small TABLE SITE SHEET...        figures of all sites but this one, which has none
seasons.py compare TABLE NOW... -- EARLIER...   figures of both waves, and what changed

A sheet is named WAVE-SITE.csv. A site of fewer than LEAST people is in no figure of its wave; what
else is hidden is small, or protects what is.
"""
import csv
import pathlib
import random
import statistics
import sys

LEAST = 10
LEVELS = ("1", "2", "3")
HIDDEN, NOT_TAKING_PART, NOT_APPLICABLE = "[c]", "[x]", "[z]"
ALWAYS_CHANGES = ("n",)
NEVER_CHANGES = ("interval_lo", "interval_hi")
ERROR_MOST = 1e-9


def answers(letter, first, rows, seed):
    draw = random.Random(int(seed))
    print("participant,poverty,religion,degree,age,gender")
    for i in range(int(first), int(first) + int(rows)):
        answer = draw.choices(LEVELS, weights=(5, 4, 3))[0]
        print(f"{letter}{i:04d},{answer},no,yes,{draw.randint(18, 80)},female")


def load(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sheets(paths):
    return {pathlib.Path(p).stem.split("-", 1)[1]: load(p) for p in paths}


def counted(by_site):
    """People of each site and of ALL; a small site is nowhere."""
    found = {site: rows if len(rows) >= LEAST else None for site, rows in by_site.items()}
    found["ALL"] = [row for rows in found.values() if rows for row in rows]
    return found


def figure(rows, indicator, level, statistic):
    """The true figure, None where it is not looked at here."""
    answered = [row["poverty"] for row in rows]
    chosen = {"W01": level, "W02": "1"}.get(indicator)
    numbers = [float(r["age" if indicator == "W04" else "poverty"]) for r in rows]
    if statistic == "n":
        return len(rows)
    if statistic == "count":
        return answered.count(chosen)
    if statistic == "proportion":
        return answered.count(chosen) / len(rows)
    known = {"mean": statistics.fmean, "sd": statistics.stdev, "median": statistics.median}
    return known[statistic](numbers) if statistic in known else None


def near(text, number):
    return abs(float(text) - number) <= ERROR_MOST * max(1, abs(number))


def check(row, text, people, what):
    """One printed figure: 1 when it was recounted, 0 when it is hidden."""
    if row["site"] not in people:
        assert text == NOT_TAKING_PART, f"{what}: {text} of a site that takes no part"
        return 0
    rows = people[row["site"]]
    if rows is None:
        assert text == HIDDEN, f"{what}: a small site has {text}"
        return 0
    true = figure(rows, row["indicator"], row["level"], row["statistic"])
    if true is None:
        return 0
    if row["statistic"] == "count" and 0 < true < LEAST:
        assert text == HIDDEN, f"{what}: a small count is shown"
    if text == HIDDEN:
        return 0
    assert near(text, true), f"{what}: {text}, not {true}"
    return 1


def small(table, site, *paths):
    people = counted(sheets(paths))
    assert people[site] is None
    looked = sum(check(row, row["value"], people, str(row)) for row in load(table))
    assert looked > 30, f"only {looked} figures were recounted"
    print(looked)


def change_of(row, same_sites):
    """What has to stand as the change of a row; a number is worked out from the printed ones."""
    now, then, kind = row["value"], row["earlier"], row["statistic"]
    if HIDDEN in (now, then):
        return HIDDEN
    if "[" in now + then or kind in NEVER_CHANGES:
        return NOT_APPLICABLE
    if row["site"] == "ALL" and kind not in ALWAYS_CHANGES and not same_sites:
        return NOT_APPLICABLE
    return float(now) - float(then)


def compare(table, *paths):
    middle = paths.index("--")
    now, then = counted(sheets(paths[:middle])), counted(sheets(paths[middle + 1 :]))
    same_sites = all((now[s] is None) == (then[s] is None) for s in now)
    assert not same_sites, "a site is small in one wave only, or the test looks at less"
    looked = changes = 0
    for row in load(table):
        looked += check(row, row["value"], now, f"now, {row}")
        looked += check(row, row["earlier"], then, f"earlier, {row}")
        wanted = change_of(row, same_sites)
        if isinstance(wanted, str):
            assert row["change"] == wanted, f"{row}: not {wanted}"
        else:
            assert abs(float(row["change"]) - wanted) <= ERROR_MOST, f"{row}: not {wanted}"
            changes += 1
    assert looked > 60 and changes > 15, f"only {looked} figures and {changes} changes"
    print(looked, changes)


if __name__ == "__main__":
    {"answers": answers, "small": small, "compare": compare}[sys.argv[1]](*sys.argv[2:])
