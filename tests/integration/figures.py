#!/usr/bin/env python3
"""figures - looks at released.csv from outside; shares nothing with the programs.

  figures.py show RELEASED             the released tables, for people
  figures.py compare RELEASED EXPECTED every row of both, cell by cell
  figures.py outsider RELEASED AUDIT   what can be worked out about each hidden count, against
                                       the limits in AUDIT

outsider uses every row of the answer indicators (bases, counts, shares, intervals, means, spreads,
medians) as an equation or an inequality about the counts, and finds the least and the most that
each hidden count can be: an exact simplex over fractions, so nothing is lost to rounding.
Ends with 1 and one line a difference when something is not as it should be.
"""
import csv
import math
import sys
from fractions import Fraction

HEADER = ["indicator", "site", "gender", "degree", "level", "statistic", "value"]
HIDDEN = "[c]"
# The answer codes, and the indicators that are figures of them: whole sites, then by group.
LEVELS = (1, 2, 3)
DISTRIBUTION, SHARE_OF_FIRST, SCORE = ("W01", "W11"), ("W02", "W12"), ("W03", "W13")
RELATIVE_ERROR_MOST = 1e-9
AUDIT_WIDTH_LEAST = 10
SPAN_LEAST = Fraction(1, 2)
Z_95 = 1.959963984540054  # the normal quantile of 0.975


def read(path, header=None):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    if header and rows[0] != header:
        raise SystemExit(f"{path}: the header is {','.join(rows[0])}")
    return rows[0], rows[1:]


def by_key(path, rows):
    table = {}
    for number, row in enumerate(rows, 2):
        key = tuple(row[:6])
        if len(row) < 7 or key in table:
            raise SystemExit(f"{path}: row {number} is short or there twice")
        table[key] = row[6]
    return table


def same(released, expected):
    try:
        one, other = float(released), float(expected)
    except ValueError:
        return released == expected
    if released == expected:
        return True
    return abs(one - other) <= RELATIVE_ERROR_MOST * max(abs(one), abs(other))


def compare(released_path, expected_path):
    _, rows = read(released_path, HEADER)
    _, wanted = read(expected_path)
    released, expected = by_key(released_path, rows), by_key(expected_path, wanted)
    wrong = [f"missing: {','.join(key)}" for key in expected if key not in released]
    wrong += [f"not expected: {','.join(key)}" for key in released if key not in expected]
    for key, value in expected.items():
        exact = key[5] in ("n", "count")
        if key in released and not (
            released[key] == value if exact else same(released[key], value)
        ):
            wrong.append(f"{','.join(key)}: {released[key]}, expected {value}")
    hidden = sum(value == HIDDEN for value in released.values())
    return wrong, f"{len(released)} figures equal the expected ones, {hidden} of them hidden"


class Sums:
    """Equations about unknown counts, none of which is negative."""

    def __init__(self):
        self.index, self.rows = {}, []

    def unknown(self, name):
        return self.index.setdefault(name, len(self.index))

    def equal(self, terms, total):
        """terms: name -> weight; a name may be any hashable thing."""
        self.rows.append(({self.unknown(n): Fraction(w) for n, w in terms.items() if w}, Fraction(total)))

    def at_least(self, terms, total):
        spare = ("spare", len(self.rows))
        self.equal({**terms, spare: -1}, total)

    def at_most(self, terms, total):
        spare = ("spare", len(self.rows))
        self.equal({**terms, spare: 1}, total)

    def independent(self):
        """The same equations without those that say nothing new; each solved for one unknown."""
        solved = []
        for terms, total in self.rows:
            row = dict(terms)
            for pivot, other, value in solved:
                weight = row.get(pivot)
                if weight:
                    row = subtract(row, other, weight)
                    total -= weight * value
            if not row:
                if total != 0:
                    raise SystemExit("the released figures contradict each other")
                continue
            pivot = next(iter(row))
            scale = row[pivot]
            row, total = {k: v / scale for k, v in row.items()}, total / scale
            for i, (p, other, value) in enumerate(solved):
                weight = other.get(pivot)
                if weight:
                    solved[i] = (p, subtract(other, row, weight), value - weight * total)
            solved.append((pivot, row, total))
        return solved


def subtract(row, other, weight):
    result = dict(row)
    for key, value in other.items():
        left = result.get(key, 0) - weight * value
        if left:
            result[key] = left
        else:
            result.pop(key, None)
    return result


class Simplex:
    """Least and most of one unknown under Sums, by the two-phase method with Bland's rule."""

    def __init__(self, sums):
        self.columns = len(sums.index)
        self.table, self.basis = [], []
        for _, row, total in sums.independent():
            sign = 1 if total >= 0 else -1
            line = [Fraction(0)] * self.columns
            for column, weight in row.items():
                line[column] = sign * weight
            self.table.append(line + [sign * total])
        self.find_start()

    def find_start(self):
        count = len(self.table)
        for i, line in enumerate(self.table):
            line[-1:-1] = [Fraction(int(i == j)) for j in range(count)]
        self.basis = [self.columns + i for i in range(count)]
        costs = [Fraction(0)] * self.columns + [Fraction(1)] * count
        if self.minimise(costs, self.columns + count) != 0:
            raise SystemExit("no counts agree with the released figures")
        for i in range(count):
            if self.basis[i] >= self.columns:
                column = next(j for j in range(self.columns) if self.table[i][j])
                self.pivot(i, column)
        self.table = [line[: self.columns] + line[-1:] for line in self.table]

    def pivot(self, row, column):
        scale = self.table[row][column]
        line = self.table[row] = [v / scale for v in self.table[row]]
        for i, other in enumerate(self.table):
            weight = other[column]
            if i != row and weight:
                self.table[i] = [a - weight * b if b else a for a, b in zip(other, line)]
        self.basis[row] = column

    def minimise(self, costs, columns):
        while True:
            column = self.improving(costs, columns)
            if column is None:
                return sum(costs[b] * line[-1] for b, line in zip(self.basis, self.table))
            ratios = [
                (line[-1] / line[column], self.basis[i], i)
                for i, line in enumerate(self.table)
                if line[column] > 0
            ]
            if not ratios:
                return None
            self.pivot(min(ratios)[2], column)

    def improving(self, costs, columns):
        basic = set(self.basis)
        for j in range(columns):
            if j in basic:
                continue
            gain = costs[j] - sum(costs[b] * line[j] for b, line in zip(self.basis, self.table) if line[j])
            if gain < 0:
                return j
        return None

    def limits(self, column):
        costs = [Fraction(int(j == column)) for j in range(self.columns)]
        least = self.minimise(costs, self.columns)
        most = self.minimise([-c for c in costs], self.columns)
        return least, None if most is None else -most


def wilson(count, base):
    share, q = count / base, 1 + Z_95**2 / base
    middle = (share + Z_95**2 / (2 * base)) / q
    half = Z_95 * math.sqrt(share * (1 - share) / base + Z_95**2 / (4 * base**2)) / q
    return middle - half, middle + half


def count_of_interval(value, base, side):
    for count in range(base + 1):
        if abs(wilson(count, base)[side] - value) <= 1e-9:
            return count
    raise SystemExit("an interval belongs to no whole count")


def add_answers(sums, figures, cell, base):
    """All that the figures of one cell say about its counts."""
    names = {level: (cell, level) for level in LEVELS}
    mean = None
    for (kind, level, statistic), value in figures.items():
        if statistic == "n" or value.startswith("["):
            continue
        number = float(value)
        if kind == "score":
            if statistic == "mean":
                mean = round(number * base)
                sums.equal({names[v]: v for v in LEVELS}, mean)
            elif statistic == "median":
                low, high = math.floor(number), math.ceil(number)
                sums.at_least({names[v]: 1 for v in LEVELS if v <= high}, Fraction(base, 2))
                sums.at_least({names[v]: 1 for v in LEVELS if v >= low}, Fraction(base, 2))
            continue
        if statistic == "count":
            count = int(value)
        elif statistic == "proportion":
            count = round(number * base)
        else:
            count = count_of_interval(number, base, int(statistic == "interval_hi"))
        sums.equal({names[level]: 1}, count)
    spread = figures.get(("score", None, "sd"), HIDDEN)
    if mean is not None and not spread.startswith("["):
        squares = round(float(spread) ** 2 * (base - 1) + Fraction(mean * mean, base))
        sums.equal({names[v]: v * v for v in LEVELS}, squares)


def kind_of(indicator, level):
    if indicator in DISTRIBUTION:
        return "answers", int(level) if level else None
    if indicator in SHARE_OF_FIRST:
        return "answers", LEVELS[0]
    if indicator in SCORE:
        return "score", None
    return None, None


def gather(rows):
    """cell -> {(kind, level, statistic): value}, and the base of each cell."""
    cells, bases = {}, {}
    for indicator, site, gender, degree, level, statistic, value in rows:
        kind, at = kind_of(indicator, level)
        cell = (site, gender, degree)
        if statistic == "n" and not value.startswith("["):
            bases[cell] = int(value)
        elif kind:
            figures = cells.setdefault(cell, {})
            key = (kind, at, statistic)
            if figures.get(key, HIDDEN) == HIDDEN:
                figures[key] = value
    return cells, bases


def is_part(cell, whole):
    return cell != whole and all(w in ("ALL", c) for c, w in zip(cell, whole))


def is_finest(cell, cells):
    return not any(is_part(other, cell) for other in cells)


def sums_of(rows):
    cells, bases = gather(rows)
    sums = Sums()
    finest = [cell for cell in cells if is_finest(cell, cells)]
    for cell, figures in cells.items():
        if cell not in bases:
            continue
        sums.equal({(cell, level): 1 for level in LEVELS}, bases[cell])
        add_answers(sums, figures, cell, bases[cell])
        parts = [part for part in finest if is_part(part, cell)]
        for level in LEVELS if parts else ():
            sums.equal({(cell, level): 1, **{(part, level): -1 for part in parts}}, 0)
    return sums


def hidden_counts(rows):
    for indicator, site, gender, degree, level, statistic, value in rows:
        if indicator in DISTRIBUTION and statistic == "count" and value == HIDDEN:
            yield (site, gender, degree), int(level)


def outsider(released_path, audit_path):
    _, rows = read(released_path, HEADER)
    header, audit = read(audit_path)
    wanted = {}
    for row in audit:
        r = dict(zip(header, row))
        wanted[((r["site"], r["gender"], r["degree"]), int(r["level"]))] = r
    sums = sums_of(rows)
    simplex = Simplex(sums)
    wrong, found = [], set(hidden_counts(rows))
    wrong += [f"{name(k)}: is not hidden" for k in wanted if k not in found]
    wrong += [f"{name(k)}: is hidden, not expected" for k in found if k not in wanted]
    for key in sorted(found & set(wanted)):
        least, most = simplex.limits(sums.index[key])
        wrong += judge(key, wanted[key], least, most)
    return wrong, f"{len(found)} hidden counts are as open to an outsider as expected"


def judge(key, wanted, least, most):
    if most is None:
        return [f"{name(key)}: has no upper limit; the check does not see all that is released"]
    wrong, count = [], int(wanted["count"])
    if (least, most) != (int(wanted["lowest"]), int(wanted["highest"])):
        wrong.append(f"{name(key)}: lies in {least} to {most}, expected {wanted['lowest']} to {wanted['highest']}")
    if not least <= count <= most:
        wrong.append(f"{name(key)}: {count} is not in {least} to {most}")
    if wanted["why"] != "primary":
        return wrong
    if most - least < AUDIT_WIDTH_LEAST:
        wrong.append(f"{name(key)}: can be worked out to within {most - least}")
    if least > 0 and (count - least < SPAN_LEAST * count or most - count < SPAN_LEAST * count):
        wrong.append(f"{name(key)}: {least} to {most} is too close to {count}")
    return wrong


def name(key):
    (site, gender, degree), level = key
    return f"{site} {gender} {degree} level {level}"


def show(released_path):
    _, rows = read(released_path, HEADER)
    tables = {}
    for indicator, site, gender, degree, level, statistic, value in rows:
        group = " ".join(v for v in (gender, degree) if v != "ALL")
        table = tables.setdefault(indicator, {})
        column = f"{statistic} {level}".strip()
        table.setdefault((site, group), {})[column] = brief(value)
    for indicator, table in tables.items():
        columns = [c for c in columns_of(table) if not c.startswith("interval")]
        grouped = any(group for _, group in table)
        print(f"\n{indicator}")
        print(f"  {'site':<12}" + (f"{'group':<14}" if grouped else "") + "".join(f"{short(c):>10}" for c in columns))
        for (site, group), figures in table.items():
            line = "".join(f"{figures.get(c, ''):>10}" for c in columns)
            print(f"  {site:<12}" + (f"{group:<14}" if grouped else "") + line)
    print(f"\n  [c] hidden to protect people; {len(rows)} figures, intervals are in released.csv")


def columns_of(table):
    columns = {}
    for figures in table.values():
        columns.update(dict.fromkeys(figures))
    return list(columns)


def short(column):
    return column.replace("proportion", "share")


def brief(value):
    return f"{float(value):.3f}" if "." in value else value


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "show":
        show(arguments[1])
        return 0
    if len(arguments) != 3 or arguments[0] not in ("compare", "outsider"):
        print(__doc__, file=sys.stderr)
        return 2
    wrong, words = {"compare": compare, "outsider": outsider}[arguments[0]](*arguments[1:])
    for line in wrong:
        print(line)
    print(words if not wrong else f"{len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
