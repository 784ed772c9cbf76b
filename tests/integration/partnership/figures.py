#!/usr/bin/env python3
"""figures - every indicator of a study pack from the plain truth, by a way of its own.

  figures.py make PACK TRUTH...        all figures as CSV, in the columns of a released table
  figures.py compare RELEASED... EXPECTED [--without ID,ID]
                                       every row of both, cell by cell; one or more releases
  figures.py examples PACK             the golden cases of examples.csv
  figures.py self                      what the formulas give for cases known from print

Python 3 standard library only; nothing is shared with weir's programs. TRUTH: a file of people.py
for each site. What derivations.md leaves open is decided here; the programs print the same:

Columns      indicator, site, every `by` of the codebook in its order, level, statistic, value. ALL
             stands for all sites together and where a row is not broken down.
Numbers      whole ones in full, others with 12 significant digits; shares from 0 to 1 whatever the
             unit; a bool printed as `value` is 1 or 0.
Symbols      n is always a number. With n = 0 every other figure is [w]; one that cannot be worked
             out from those who answered (sd of one, alpha without spread) is [z].
Names        interval_lo and interval_hi, of the figure named just before `interval`. For a share of
             a distribution they stand at its level.
missing      one row a reason, the reason as level, in the order not_asked, not_answered,
             cannot_say, refused, not_known, not_applicable, zeros included. With a repeat in `by`
             only instances are counted. Printed where `statistics` names it, and nowhere else.
Who counts   records whose person permits both the site's table and the pooled one. Of a codebook
             row only those of its stakeholder groups; others are not in `missing` either.
by           select_multiple: every code of the list. An item of a repeat: a key has rows at a site
             where one instance has it, with or without value, and in ALL where any site has.
Pooling      w = eligible people of the site over those of all sites where somebody has a value in
             that cell (population); 1 / sites (equal). A form without `eligible` and system counts:
             one heap. Only `proportion`, `mean` and what is worked out from them are weighted;
             count, distribution, sd, median, sum, shares below and above 0, alpha are of the heap.
             Weighted proportion: Wilson with Kish's effective number 1 / sum(w^2 / n) in place of n.
             Weighted mean: variance sum(w^2 s^2 / n), t with Satterthwaite's degrees of freedom
             (sum a)^2 / sum(a^2 / (n - 1)), a = w^2 s^2 / n. A difference of means takes the terms of
             both sides, so at one site it is Welch's; one person alone in a term: [z].
Difference of proportions: Newcombe's hybrid score interval from the two (weighted) Wilson intervals.
difference   n has the two bases, the level says whose: n of level O02 and n of level O05.
ratio        n is the second argument. Keys that one reference of the expression lacks are left out
             of both counts. "Has" means that the statistic is there as a number.
rank         at each site and, from the pooled figures, in ALL; keys without a figure: [w].
value        at sites only; ALL has n and what else is asked.
funnel:item  Target: sum(value x base) / sum(base) over sites that have both. Standard error at a site
             with base b: percent_100, sqrt(T (100 - T) / b); a unit "per N", sqrt(T N / b). z = (value
             - T) / se; z outside the 10th and 90th percentile (rule 7) is put on it; factor = mean of
             z^2. Limits T -+ z se sqrt(max(1, factor)), z = 1.959964 and 3.090232, cut at 0 and, for
             percent_100, at 100. Rows: funnel_lo_95, funnel_hi_95, funnel_lo_998, funnel_hi_998 at each
             site; funnel_target and funnel_factor in ALL. A site without base: [z].
alpha        records that have all arguments; fewer than two or no spread: [z].
system       n, count, proportion (interval) from the counts of the truth, summed over forms and
             groups; ALL from the sums. F04 has a row an item, the level is FORM/ITEM: every question
             that goes hub or open, of each form whose records count; refused counts as answered.
"""
import csv
import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from derive import (  # noqa: E402
    REASONS, Compiler, Form, Here, Missing, Refused, code_text, first_missing, is_missing, rows_of,
)
from quantile import Z_975, Z_999, t_975, t_between  # noqa: E402

ALL = "ALL"
NOBODY, NOT_APPLICABLE = "[w]", "[z]"
RELATIVE_ERROR_MOST = 1e-9
EXACT = {"n", "count", "missing", "rank"}
FUNNEL_TAIL = 0.10


# ---------------------------------------------------------------- the pack


class Pack:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.ini = self.read_ini(self.directory / "study.ini")
        self.forms = {}
        for path in sorted((self.directory / "forms").iterdir()):
            form = Form(path, self.ini["missing"])
            self.forms[form.id] = form
        self.codebook = {row["id"]: row for row in rows_of(self.directory / "codebook.csv")}
        self.sites = {row["id"]: row for row in rows_of(self.directory / "sites.csv")}
        self.pooling = self.ini["plan"]["pooling"]
        self.bys = []
        for row in self.codebook.values():
            for name in filter(None, row["by"].split(" x ")):
                if name not in self.bys:
                    self.bys.append(name)
        self.nodes = {}

    @staticmethod
    def read_ini(path):
        sections, here = {}, None
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                here = sections.setdefault(line.strip()[1:-1], {})
            elif line.strip() and not line.startswith("#"):
                key, _, value = line.partition("=")
                here[key.strip()] = value.strip()
        return sections

    def node(self, name):
        if name not in self.nodes:
            row = self.codebook[name]
            self.nodes[name] = self.compile(row["derivation"], row["form"], row["by"])[0]
        return self.nodes[name]

    def compile(self, text, form, by):
        compiler = Compiler(text, self.forms.get(form), by, self.codebook, self.node)
        return compiler.whole(), compiler

    def where(self, group, form):
        """Does a record of this form belong to the group? As a function of its answers."""
        section = self.ini[f"group.{group}"]
        if section["form"] != form.id:
            return lambda answers: False
        if not section.get("where"):
            return lambda answers: True
        node = Compiler(section["where"], form).whole()
        return lambda answers: node.work(Here(answers)) is True

    def eligible(self, form, site):
        column = self.ini.get(f"form.{form}", {}).get("eligible")
        return float(self.sites[site][column]) if column else None


# ---------------------------------------------------------------- formulas


def wilson(share, base):
    middle = share + Z_975**2 / (2 * base)
    half = Z_975 * math.sqrt(share * (1 - share) / base + Z_975**2 / (4 * base * base))
    scale = 1 + Z_975**2 / base
    low = 0.0 if share <= 0 else (middle - half) / scale
    high = 1.0 if share >= 1 else (middle + half) / scale
    return low, high


def newcombe(p1, lo1, hi1, p2, lo2, hi2):
    d = p1 - p2
    return d - math.hypot(p1 - lo1, hi2 - p2), d + math.hypot(hi1 - p1, p2 - lo2)


def average(values):
    return math.fsum(values) / len(values)


def variance(values):
    if len(values) < 2:
        return None
    middle = average(values)
    return math.fsum((v - middle) ** 2 for v in values) / (len(values) - 1)


def median(values):
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def quantile_7(values, share):
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def cronbach(rows):
    """rows: the arguments of each complete record. From the covariance matrix: k/(k-1)(1 - tr/sum)."""
    k = len(rows[0]) if rows else 0
    if len(rows) < 2 or k < 2:
        return None
    columns = list(zip(*rows))
    middles = [average(c) for c in columns]
    matrix = [
        [
            math.fsum((a - ma) * (b - mb) for a, b in zip(one, other)) / (len(rows) - 1)
            for other, mb in zip(columns, middles)
        ]
        for one, ma in zip(columns, middles)
    ]
    total = math.fsum(math.fsum(line) for line in matrix)
    trace = math.fsum(matrix[i][i] for i in range(k))
    return k / (k - 1) * (1 - trace / total) if total > 1e-12 else None


def interval_of_difference(left_terms, right_terms, difference):
    """terms: (weight, variance, n) of each site. Satterthwaite; with one term a side, Welch."""
    parts = []
    for weight, spread, n in left_terms + right_terms:
        if spread is None:
            return None
        parts.append((weight * weight * spread / n, n - 1))
    total = math.fsum(a for a, _ in parts)
    if total == 0:
        return difference, difference
    df = total * total / math.fsum(a * a / free for a, free in parts)
    half = t_975(df) * math.sqrt(total)
    return difference - half, difference + half


# ---------------------------------------------------------------- one cell


class Cell:
    """The values of one indicator in one site (or all) and key, by site."""

    def __init__(self, by_site, weights):
        self.by_site = {s: u for s, u in by_site.items() if u}
        self.units = [unit for units in self.by_site.values() for unit in units]
        self.values = [v for v, _ in self.units if not is_missing(v)]
        self.n = len(self.values)
        self.there = {s: [v for v, _ in u if not is_missing(v)] for s, u in self.by_site.items()}
        self.there = {s: v for s, v in self.there.items() if v}
        total = math.fsum(weights(s) for s in self.there)
        self.weights = {s: weights(s) / total for s in self.there} if total else {}

    def pooled(self):
        """Weighted mean of the sites' means (of truths: proportions)."""
        return math.fsum(w * average([float(v) for v in self.there[s]]) for s, w in self.weights.items())

    def effective(self):
        return 1 / math.fsum(w * w / len(self.there[s]) for s, w in self.weights.items())

    def terms(self):
        return [(w, variance(self.there[s]), len(self.there[s])) for s, w in self.weights.items()]

    def alpha(self):
        complete = [args for _, args in self.units if args and not any(is_missing(a) for a in args)]
        return cronbach(complete)


class Sheet:
    """The rows that are printed."""

    def __init__(self, pack):
        self.pack, self.rows = pack, []

    def put(self, indicator, site, keys, level, statistic, value):
        keys = [keys.get(by, ALL) for by in self.pack.bys]
        self.rows.append([indicator, site, *keys, level, statistic, number(value)])

    def write(self, out):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["indicator", "site", *self.pack.bys, "level", "statistic", "value"])
        writer.writerows(self.rows)


def number(value):
    if value is None:
        return NOT_APPLICABLE
    if isinstance(value, str):
        return value
    value = float(value)
    if abs(value) < 1e15 and value == round(value):
        return f"{value + 0.0:.0f}"
    return f"{value:.12g}"


class Judge:
    def __init__(self, pack, truths):
        self.pack, self.truths = pack, truths
        self.sites = [t["site"] for t in truths]
        self.sheet = Sheet(pack)
        self.numbers = {}  # (indicator, site) -> {key: {statistic: number}}, for cells
        self.cells = {}  # (indicator, site) -> {key: Cell}
        self.makers = {
            "n": self.put_n, "missing": self.put_missing, "count": self.put_count,
            "proportion": self.put_pooled, "mean": self.put_pooled, "sd": self.put_sd,
            "median": self.put_median, "sum": self.put_sum, "share_negative": self.put_side,
            "share_positive": self.put_side, "alpha": self.put_alpha,
            "distribution": self.put_distribution, "interval": self.put_interval,
            "value": self.put_value, "rank": self.put_nothing, "funnel": self.put_nothing,
        }

    def everything(self):
        for name, row in self.pack.codebook.items():
            if row["derivation"].startswith("system:"):
                self.system_indicator(name, row)
            elif row["form"] in self.pack.forms:
                self.record_indicator(name, row)
            else:
                self.cell_indicator(name, row)
        return self.sheet

    # record expressions

    def weights(self, form):
        def weight(site):
            people = self.pack.eligible(form, site)
            if self.pack.pooling == "equal":
                return 1.0
            if self.pack.pooling == "population" and people is not None:
                return people
            return None

        return weight

    def units(self, row, truth):
        """key -> [(value, values of the mean's arguments)] of one site."""
        form, node = self.pack.forms[row["form"]], self.pack.node(row["id"])
        groups = [self.pack.where(g, form) for g in row["stakeholder"].split(";")]
        found = {}
        for record in truth["records"]:
            if record["form"] != form.id or not record["counts"]:
                continue
            if not any(belongs(record["answers"]) for belongs in groups):
                continue
            for key, here in self.places(form, row["by"], record["answers"]):
                arguments = [a.work(here) for a in node.arguments or []]
                found.setdefault(key, []).append((node.work(here), arguments))
        return found

    def places(self, form, by, answers):
        here = Here(answers)
        if not by:
            return [((), here)]
        if " x " not in by and form.items[by].repeat:
            repeat = form.items[by].repeat
            instances = answers.get(repeat) or []
            return [((one[by],), here.within(repeat, one)) for one in instances]
        if " x " not in by and form.items[by].kind == "codes":
            return [((code,), Here(answers, key=code)) for code in form.items[by].levels()]
        keys = [form.items[name].read(answers.get(name)) for name in by.split(" x ")]
        return [] if first_missing(*keys) else [(tuple(code_text(k) for k in keys), here)]

    def record_indicator(self, name, row):
        units = {t["site"]: self.units(row, t) for t in self.truths}
        by = [b for b in row["by"].split(" x ") if b]
        for site in [*self.sites, ALL]:
            inside = self.sites if site == ALL else [site]
            keys = sorted({k for s in inside for k in units[s]}) if by else [()]
            cells = {k: Cell({s: units[s].get(k, []) for s in inside}, self.weight_of(row, units, k))
                for k in keys}
            self.cells[name, site] = cells
            self.numbers[name, site] = {}
            for key, cell in cells.items():
                self.put_cell(row, site, dict(zip(by, key)), cell)
            self.put_ranks(row, site, by, cells)
        if "funnel:" in row["statistics"]:
            self.put_funnel(name, row)

    def weight_of(self, row, units, key):
        weight = self.weights(row["form"])

        def of(site):
            known = weight(site)
            if known is not None:
                return known
            return float(sum(not is_missing(v) for v, _ in units[site].get(key, [])))

        return of

    def put_cell(self, row, site, keys, cell):
        before = None
        for statistic in row["statistics"].split(";"):
            base = statistic.split(":")[0]
            self.makers[base](row, site, keys, cell, before if base == "interval" else base)
            before = base

    def put(self, row, site, keys, statistic, value, level=""):
        if not is_missing(value):
            self.sheet.put(row["id"], site, keys, level, statistic, value)
        if value is not None and not isinstance(value, str) and not level:
            known = self.numbers[row["id"], site].setdefault(tuple(keys.values()), {})
            known[f"{row['id']}.{statistic}"] = float(value)

    def put_or_nobody(self, row, site, keys, cell, statistic, work, level=""):
        self.put(row, site, keys, statistic, work() if cell.n else NOBODY, level)

    def put_nothing(self, *_):
        """Worked out when all cells are known."""

    def put_n(self, row, site, keys, cell, _):
        self.put(row, site, keys, "n", cell.n)

    def put_missing(self, row, site, keys, cell, _):
        for reason in REASONS:
            count = sum(is_missing(v) and v.reason == reason for v, _ in cell.units)
            self.put(row, site, keys, "missing", count, reason)

    def put_count(self, row, site, keys, cell, _):
        self.put_or_nobody(row, site, keys, cell, "count", lambda: sum(v is True for v in cell.values))

    def put_pooled(self, row, site, keys, cell, statistic):
        self.put_or_nobody(row, site, keys, cell, statistic, cell.pooled)

    def put_sd(self, row, site, keys, cell, _):
        self.put_or_nobody(row, site, keys, cell, "sd", lambda: root(variance(cell.values)))

    def put_median(self, row, site, keys, cell, _):
        self.put_or_nobody(row, site, keys, cell, "median", lambda: median(cell.values))

    def put_sum(self, row, site, keys, cell, _):
        self.put_or_nobody(row, site, keys, cell, "sum", lambda: math.fsum(cell.values))

    def put_side(self, row, site, keys, cell, statistic):
        sign = -1 if statistic == "share_negative" else 1
        self.put_or_nobody(row, site, keys, cell, statistic,
            lambda: sum(sign * v > 0 for v in cell.values) / cell.n)

    def put_alpha(self, row, site, keys, cell, _):
        self.put_or_nobody(row, site, keys, cell, "alpha", cell.alpha)

    def put_value(self, row, site, keys, cell, _):
        if site != ALL:
            self.put_or_nobody(row, site, keys, cell, "value",
                lambda: cell.values[0] if isinstance(cell.values[0], str) else float(cell.values[0]))

    def levels(self, row):
        """[(level as printed, does a value belong to it)]."""
        node = self.pack.node(row["id"])
        if node.levels:
            return [(code_text(c), lambda v, c=c: v == c) for c in node.levels]
        if node.item and node.item.codes is not None:
            return [(c, lambda v, c=c: code_text(v) == c) for c in node.item.levels()]
        low, high = int(row["scale_lo"]), int(row["scale_hi"])

        def rounded(value):
            return min(high, max(low, math.floor(value + 0.5)))

        return [(str(c), lambda v, c=c: rounded(v) == c) for c in range(low, high + 1)]

    def put_distribution(self, row, site, keys, cell, _):
        for level, fits in self.levels(row):
            count = sum(fits(v) for v in cell.values)
            self.put_or_nobody(row, site, keys, cell, "count", lambda: count, level)
            self.put_or_nobody(row, site, keys, cell, "proportion", lambda: count / cell.n, level)

    def put_interval(self, row, site, keys, cell, of):
        if of == "distribution":
            for level, fits in self.levels(row):
                share = sum(fits(v) for v in cell.values) / cell.n if cell.n else None
                self.put_bounds(row, site, keys, cell, lambda: wilson(share, cell.n), level)
        elif of == "proportion":
            self.put_bounds(row, site, keys, cell, lambda: wilson(cell.pooled(), cell.effective()))
        elif of == "mean":
            self.put_bounds(row, site, keys, cell,
                lambda: interval_of_difference(cell.terms(), [], cell.pooled()))
        else:
            raise SystemExit(f"{row['id']}: an interval of {of}")

    def put_bounds(self, row, site, keys, cell, work, level=""):
        low, high = (work() or (None, None)) if cell.n else (NOBODY, NOBODY)
        self.put(row, site, keys, "interval_lo", low, level)
        self.put(row, site, keys, "interval_hi", high, level)

    def put_ranks(self, row, site, by, cells):
        statistics = row["statistics"].split(";")
        if "rank" not in statistics:
            return
        figures = {k: cell.pooled() for k, cell in cells.items() if cell.n}
        for key in cells:
            place = NOBODY
            if key in figures:
                place = 1 + sum(v > figures[key] and not close(v, figures[key]) for v in figures.values())
            self.put(row, site, dict(zip(by, key)), "rank", place)

    # sites against limits

    def put_funnel(self, name, row):
        statistic = next(s for s in row["statistics"].split(";") if s.startswith("funnel:"))
        base_item = self.pack.forms[row["form"]].items[statistic.split(":")[1]]
        points = {}
        for truth in self.truths:
            value = self.numbers[name, truth["site"]].get((), {}).get(f"{name}.value")
            base = self.base_of(truth, row["form"], base_item)
            if value is not None and base:
                points[truth["site"]] = (value, base)
        limits, target, factor = funnel(points, row["unit"])
        for site in self.sites:
            for label in ("lo_95", "hi_95", "lo_998", "hi_998"):
                there = self.cells[name, site][()].n
                value = limits.get(site, {}).get(label) if there else NOBODY
                self.put(row, site, {}, f"funnel_{label}", value)
        nobody = not self.cells[name, ALL][()].n
        self.put(row, ALL, {}, "funnel_target", NOBODY if nobody else target)
        self.put(row, ALL, {}, "funnel_factor", NOBODY if nobody else factor)

    @staticmethod
    def base_of(truth, form, item):
        for record in truth["records"]:
            if record["form"] == form and record["counts"]:
                value = item.read(record["answers"].get(item.name))
                return None if is_missing(value) else value
        return None

    # cell expressions

    def cell_indicator(self, name, row):
        node, compiler = self.pack.compile(row["derivation"], None, row["by"])
        for site in [*self.sites, ALL]:
            self.numbers[name, site] = {}
            cells = {}
            for reference, _ in compiler.references:
                for key, known in self.numbers[reference, site].items():
                    cells.setdefault(key, {}).update(known)
            if not row["by"]:
                self.put_joined(row, site, {}, node, Here(key=(), cells=cells))
                continue
            needed = {f"{i}.{s}" for i, s in compiler.references}
            for key in sorted(k for k, cell in cells.items() if needed <= set(cell)):
                self.put_joined(row, site, {row["by"]: key[0]}, node, Here(key=key, cells=cells))

    def put_joined(self, row, site, keys, node, here):
        sign, left, right = node.parts
        statistics = row["statistics"].split(";")
        if "ratio" in statistics:
            base, value = right.work(here), node.work(here)
            self.put(row, site, keys, "n", 0 if is_missing(base) else base)
            if is_missing(value):
                value = NOBODY if not base else None
            self.put(row, site, keys, "ratio", value)
            return
        value = node.work(here)
        sides = [self.cells[part.reference[0], site][here.key] for part in (left, right)]
        for part, side in zip((left, right), sides):
            self.put(row, site, keys, "n", side.n, part.reference[0])
        self.put(row, site, keys, "difference", value)
        if "interval" in statistics:
            if left.reference[1] == "mean":
                bounds = interval_of_difference(sides[0].terms(), sides[1].terms(), value)
            else:
                bounds = newcombe(*(x for s in sides for x in
                    (s.pooled(), *wilson(s.pooled(), s.effective()))))
            low, high = bounds or (None, None)
            self.put(row, site, keys, "interval_lo", low)
            self.put(row, site, keys, "interval_hi", high)

    # counts of nodes and coders

    def system_indicator(self, name, row):
        kind = row["derivation"].removeprefix("system:")
        per_site = {t["site"]: self.system_parts(kind, t) for t in self.truths}
        for site in [*self.sites, ALL]:
            self.numbers[name, site] = {}
            inside = self.sites if site == ALL else [site]
            levels = list(dict.fromkeys(level for s in inside for level in per_site[s]))
            for level in levels:
                parts = [per_site[s][level] for s in inside if level in per_site[s]]
                base = sum(n for _, n in parts)
                if isinstance(parts[0][0], set):
                    upper = len(set().union(*(u for u, _ in parts)))
                else:
                    upper = sum(u for u, _ in parts)
                self.put_system(row, site, level, upper, base)

    def put_system(self, row, site, level, upper, base):
        statistics = row["statistics"].split(";")
        self.put(row, site, {}, "n", base, level)
        share = upper / base if base else NOBODY
        if "count" in statistics:
            self.put(row, site, {}, "count", upper if base else NOBODY, level)
        if "proportion" in statistics:
            self.put(row, site, {}, "proportion", share, level)
        if "interval" in statistics:
            low, high = wilson(share, base) if base else (NOBODY, NOBODY)
            self.put(row, site, {}, "interval_lo", low, level)
            self.put(row, site, {}, "interval_hi", high, level)

    def system_parts(self, kind, truth):
        """level -> (upper, base) of one site."""
        c = truth["counts"]
        plain = {
            "response": lambda: (c["completed"], c["approached"] - c["not_eligible"]),
            "approach": lambda: (c["approached"], c["eligible"]),
            "consent": lambda: (c["consented"], c["approached"]),
            "kept": lambda: (c.get("seen_in_both", 0), c.get("seen_earlier", 0)),
            "withdrawn": lambda: (c["withdrawn"], c["consented"]),
            "coded_harm": lambda: (truth["coded"]["harm"], truth["coded"]["worse_read"]),
            "coded_new": lambda: (set(truth["coded"]["new_themes"]), truth["coded"]["own_read"]),
        }
        return self.items_missing(truth) if kind == "item_missing" else {"": plain[kind]()}

    def items_missing(self, truth):
        found = {}
        without = {"not_answered", "cannot_say", "not_known"}
        for form in self.pack.forms.values():
            records = [r for r in truth["records"] if r["form"] == form.id and r["counts"]]
            for item in form.items.values():
                if not records or not item.question or item.row["weir_goes"] not in ("hub", "open"):
                    continue
                values = [item.read(i.get(item.name)) for r in records for i in instances(r["answers"], item)]
                asked = [v for v in values if not (is_missing(v) and v.reason == "not_asked")]
                upper = sum(is_missing(v) and v.reason in without for v in asked)
                found[f"{form.id}/{item.name}"] = (upper, len(asked))
        return found


def instances(answers, item):
    return (answers.get(item.repeat) or []) if item.repeat else [answers]


def root(value):
    return None if value is None else math.sqrt(value)


def close(one, other):
    return abs(one - other) <= 1e-12 * max(abs(one), abs(other))


def funnel(points, unit):
    """points: site -> (value, base). Limits by site, target and factor; None where there are none."""
    bases = math.fsum(b for _, b in points.values())
    if not bases:
        return {}, None, None
    target = math.fsum(v * b for v, b in points.values()) / bases
    error = {s: funnel_error(target, b, unit) for s, (_, b) in points.items()}
    if any(e == 0 for e in error.values()):
        return {}, target, None
    z = {s: (v - target) / error[s] for s, (v, _) in points.items()}
    low, high = (quantile_7(list(z.values()), q) for q in (FUNNEL_TAIL, 1 - FUNNEL_TAIL))
    factor = average([min(high, max(low, one)) ** 2 for one in z.values()])
    wide = math.sqrt(max(1.0, factor))
    most = 100.0 if unit == "percent_100" else math.inf
    limits = {}
    for site, e in error.items():
        limits[site] = {}
        for name, quantile in (("95", Z_975), ("998", Z_999)):
            limits[site][f"lo_{name}"] = max(0.0, target - quantile * e * wide)
            limits[site][f"hi_{name}"] = min(most, target + quantile * e * wide)
    return limits, target, factor


def funnel_error(target, base, unit):
    if unit == "percent_100":
        return math.sqrt(target * (100 - target) / base)
    per = next((w.replace(",", "") for w in unit.split("per ")[1:] for w in w.split()[:1]), "")
    if not per.isdigit():
        raise SystemExit(f"no standard error is known for the unit '{unit}'")
    return math.sqrt(target * float(per) / base)


# ---------------------------------------------------------------- comparing, checking


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if header[-1] != "value":
        raise SystemExit(f"{path}: the last column is {header[-1]}")
    found = {}
    for line, row in enumerate(rows, 2):
        # A breakdown that a row does not have may have no column in another table.
        key = frozenset((n, v) for n, v in zip(header[:-1], row[:-1]) if v != ALL or n == "site")
        if len(row) != len(header) or key in found:
            raise SystemExit(f"{path}: row {line} is short or there twice")
        found[key] = row[-1]
    return found


def words_of(key):
    order = ["indicator", "site", "level", "statistic"]
    row = dict(key)
    broken = [f"{n}={v}" for n, v in sorted(row.items()) if n not in order and v != ALL]
    return " ".join([row["indicator"], row["site"], *broken, row["level"], row["statistic"]])


def same(one, other, exact):
    if one == other:
        return True
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return not exact and abs(a - b) <= RELATIVE_ERROR_MOST * max(1.0, abs(a), abs(b))


def compare(released_paths, expected_path, without):
    """Rows that say that nobody is missing for a reason may be left out."""
    released, expected, wrong = {}, table(expected_path), []
    for path in released_paths:
        one = table(path)
        wrong += [f"{words_of(key)}: released twice" for key in one if key in released]
        released.update(one)
    for key in sorted({*released, *expected}, key=words_of):
        row = dict(key)
        if row["indicator"] in without:
            continue
        one, other = released.get(key), expected.get(key)
        if None in (one, other) and row["statistic"] == "missing" and (one or other) == "0":
            continue
        if one is None or other is None:
            wrong.append(f"{words_of(key)}: {'not released' if one is None else 'not expected'}: {one or other}")
        elif not same(one, other, row["statistic"] in EXACT):
            wrong.append(f"{words_of(key)}: {one}, expected {other}")
    indicators = {dict(k)["indicator"] for k in expected} - without
    return wrong, f"{len(expected)} figures of {len(indicators)} indicators are equal"


def result_of(pack, row):
    answers = json.loads(row["answers"])
    key, cells = answers.pop("key", None), answers.pop("cells", {})
    place = answers.pop("instance", None)
    try:
        node, _ = pack.compile(row["expression"], row["form"], row["by"])
    except Refused:
        return "invalid"
    here = Here(answers, key=key, cells=cells)
    if place:
        here = here.within(place[0], answers[place[0]][place[1]])
    value = node.work(here)
    if isinstance(value, (bool, Missing)):
        return repr(value) if is_missing(value) else str(value).lower()
    return f"'{value}'" if isinstance(value, str) else f"{value:.12g}"


def examples(pack):
    rows = rows_of(pack.directory / "examples.csv")
    wrong = []
    for row in rows:
        got = result_of(pack, row)
        if got != row["result"]:
            wrong.append(f"{row['case']}: {got}, expected {row['result']}")
    return wrong, f"{len(rows)} golden cases agree"


def self_check():
    """Cases known from print: tables of t; Newcombe 1998 II, table II; Wilson's 81 of 263."""
    wrong = []

    def near(what, got, expected, most=5e-5):
        if abs(got - expected) > most:
            wrong.append(f"{what}: {got}, expected {expected}")

    for df, t in ((1, 12.70620), (4, 2.77645), (10, 2.22814), (30, 2.04227), (120, 1.97993)):
        near(f"t with {df} degrees of freedom", t_975(df), t)
    near("tail of t", 0.5 - t_between(2.0, 5), 0.050970, 1e-6)
    low, high = wilson(81 / 263, 263)
    near("Wilson's lower bound of 81 of 263", low, 0.2553)
    near("Wilson's upper bound of 81 of 263", high, 0.3662)
    p, q = 56 / 70, 48 / 80
    low, high = newcombe(p, *wilson(p, 70), q, *wilson(q, 80))
    near("Newcombe's lower bound of 56/70 - 48/80", low, 0.0524)
    near("Newcombe's upper bound of 56/70 - 48/80", high, 0.3339)
    near("alpha of two equal items", cronbach([(1.0, 1.0), (2.0, 2.0), (4.0, 4.0)]), 1.0)
    return wrong, "the formulas give what is in print"


def main():
    arguments = sys.argv[1:]
    without = set()
    if "--without" in arguments:
        at = arguments.index("--without")
        without = set(filter(None, arguments[at + 1].split(",")))
        del arguments[at : at + 2]
    match arguments:
        case ["make", pack, *truths] if truths:
            loaded = [json.loads(Path(t).read_text(encoding="utf-8")) for t in truths]
            Judge(Pack(pack), loaded).everything().write(sys.stdout)
            return 0
        case ["compare", *released, expected] if released:
            wrong, words = compare(released, expected, without)
        case ["examples", pack]:
            wrong, words = examples(Pack(pack))
        case ["self"]:
            wrong, words = self_check()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for line in wrong:
        print(line)
    print(f"{len(wrong)} differences" if wrong else words)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
