"""derive - the derivation language of derivations.md, read and worked out in its own way.

Always true: shares no code with weir's programs. An expression is compiled against a form (or, for
             cells, against the other indicators) into a Node: what type it has, and a function that
             gives its value. What the types forbid raises Refused with the reason.
Values:      float, code as str, date as str, set of codes as frozenset, bool, or Missing(reason).
Answers:     {item: text, repeat: [{item: text}, ...]}; what is not there was not asked.
"""
import csv
import re
from pathlib import Path

WHOLE = re.compile(r"-?[0-9]+$")
TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|'(?P<code>[^']*)'|(?P<indicator>[A-Z][0-9][0-9])(?![0-9A-Za-z_])"
    r"|(?P<word>[a-z][a-z0-9_]*)|(?P<sign>->|!=|<=|>=|[=<>+\-*/(),;.:]))"
)
WORDS = {"and", "or", "not", "key", "keys", "min", "need", "else", "system"}
FUNCTIONS = {
    "mean", "sum", "ratio", "rev", "value", "missing", "chosen", "recode", "any", "every", "count", "pick",
}
REASONS = ("not_asked", "not_answered", "cannot_say", "refused", "not_known", "not_applicable")
ONE_NUMBER = {
    "n", "count", "proportion", "mean", "sd", "median", "sum", "share_negative", "share_positive",
    "alpha", "value", "difference", "ratio",
}


class Refused(Exception):
    """The expression must not be loaded; the text says why."""


class Missing:
    def __init__(self, reason):
        self.reason = reason

    def __repr__(self):
        return f"missing:{self.reason}"


def is_missing(value):
    return isinstance(value, Missing)


# ---------------------------------------------------------------- forms


class Item:
    def __init__(self, name, kind, repeat, codes, listed, question):
        self.name, self.kind, self.repeat = name, kind, repeat
        self.codes = codes  # every code of its list in order, missing ones too; None without a list
        self.listed = listed  # the list's name
        self.question = question  # asked, not calculated
        self.columns = {}  # column of the choices sheet -> {code: text}
        self.reasons = {}  # missing code -> reason
        self.row = {}

    def levels(self):
        return [code for code in self.codes if code not in self.reasons]

    def read(self, text):
        if text is None:
            return Missing("not_asked")
        if text.strip() == "":
            return Missing("not_answered")
        if self.kind == "codes":
            ticked = frozenset(text.split())
            for code in ticked:
                if code in self.reasons:
                    return Missing(self.reasons[code])
            return ticked
        if self.codes is not None and text in self.reasons:
            return Missing(self.reasons[text])
        return float(text) if self.kind == "number" else text


class Form:
    """One form of the pack, read from its three sheets and the lists beside them."""

    def __init__(self, directory, missing):
        self.directory = Path(directory)
        self.id = rows_of(self.directory / "settings.csv")[0]["form_id"]
        self.version = rows_of(self.directory / "settings.csv")[0]["version"]
        self.survey = rows_of(self.directory / "survey.csv")
        self.reasons = {code: missing.get(f"{self.id}.{code}", reason)
            for code, reason in missing.items() if WHOLE.match(code)}
        self.lists, self.extra = {}, {}
        for row in rows_of(self.directory / "choices.csv"):
            self.lists.setdefault(row["list_name"], []).append(row["name"])
            for column, text in row.items():
                if column.startswith("weir_"):
                    self.extra.setdefault((row["list_name"], column), {})[row["name"]] = text
        self.items, self.repeats = {}, []
        stack = []
        for row in self.survey:
            self.take(row, stack)

    def take(self, row, stack):
        words, name = row["type"].split(), row["name"]
        if words[0] == "begin":
            stack.append(name if words[1] == "repeat" else None)
            if words[1] == "repeat":
                self.repeats.append(name)
        elif words[0] == "end" and len(words) > 1:
            stack.pop()
        elif words[0] == "csv-external":
            self.lists[name] = [r["name"] for r in rows_of(self.directory / f"{name}.csv")]
        elif words[0] not in ("note", "end"):
            repeat = next((r for r in reversed(stack) if r), None)
            self.items[name] = self.item(row, words, repeat)

    def partners(self):
        """The list of the pack that a form is given, each organisation once."""
        rows = rows_of(self.directory.parent.parent / "partners.csv")
        return list(dict.fromkeys(row["id"] for row in rows))

    def item(self, row, words, repeat):
        if words[0] == "select_one_from_file":
            words = ["select_one", words[1]]
            self.lists.setdefault(words[1], self.partners())
        listed = words[1] if words[0].startswith("select") else row["weir_list"] or None
        codes = self.lists[listed] if listed else None
        reasons = {c: r for c, r in self.reasons.items() if codes and c in codes}
        kind = {"integer": "number", "decimal": "number", "date": "date"}.get(words[0], "text")
        if words[0] == "select_multiple":
            kind = "codes"
        elif listed:
            whole = all(WHOLE.match(c) for c in codes if c not in reasons)
            kind = "number" if whole and words[0] == "select_one" else "code"
        item = Item(row["name"], kind, repeat, codes, listed, words[0] != "calculate")
        item.reasons, item.row = reasons, row
        for (of, column), texts in self.extra.items():
            if of == listed:
                item.columns[column] = texts
        return item


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- values


class Here:
    """Where an expression is worked out: a record, the instances it stands in, key and cells."""

    def __init__(self, answers=None, inside=None, key=None, cells=None):
        self.answers, self.inside = answers or {}, inside or {}
        self.key, self.cells = key, cells or {}

    def within(self, repeat, instance):
        return Here(self.answers, {**self.inside, repeat: instance}, self.key, self.cells)


class Node:
    def __init__(self, kind, work, **more):
        self.kind, self.work = kind, work
        self.listed = more.get("listed")  # name of the choice list, of a code
        self.item = more.get("item")  # when it is nothing but an item
        self.literal = more.get("literal")
        self.levels = more.get("levels")  # of a recode
        self.arguments = more.get("arguments")  # of a mean, for alpha
        self.parts = more.get("parts")  # (what, left, right) of a difference or ratio
        self.reference = more.get("reference")  # (indicator, statistic)


def first_missing(*values):
    return next((v for v in values if is_missing(v)), None)


def both(parts):
    if any(p is False for p in parts):
        return False
    return first_missing(*parts) or True


def either(parts):
    if any(p is True for p in parts):
        return True
    return first_missing(*parts) or False


def enough(values, least_share, least_number):
    """The values that are there, or the first reason why there are too few."""
    there = [v for v in values if not is_missing(v)]
    needed = len(values)
    if least_number is not None:
        needed = least_number
    elif least_share is not None:
        needed = least_share * len(values)
    if len(there) < needed or not there:
        return first_missing(*values)
    return there


def divide(a, b):
    return Missing("not_applicable") if b == 0 else a / b


COMPARE = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}
ARITHMETIC = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": divide,
}


def strict(work, *nodes):
    """A function of values that is missing as soon as one of them is."""

    def value(here):
        values = [n.work(here) for n in nodes]
        return first_missing(*values) or work(*values)

    return value


# ---------------------------------------------------------------- the compiler


class Compiler:
    """form None: a cell expression. indicators: id -> row of the codebook. find: id -> Node."""

    def __init__(self, text, form=None, by="", indicators=None, find=None):
        self.form, self.by = form, by
        self.indicators, self.find = indicators or {}, find
        self.tokens, self.at = self.split(text), 0
        self.open = []  # repeats whose items can be named
        self.references = set()
        if form and by in form.items and form.items[by].repeat:
            self.open.append(form.items[by].repeat)

    @staticmethod
    def split(text):
        tokens, at = [], 0
        while text[at:].strip():
            match = TOKEN.match(text, at)
            if not match:
                raise Refused(f"cannot be read from '{text[at:at + 10]}' on")
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        return tokens + [("end", "")]

    def peek(self, *texts):
        kind, text = self.tokens[self.at]
        return kind in ("sign", "word") and text in texts

    def accept(self, *texts):
        if self.peek(*texts):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def expect(self, text):
        if not self.accept(text):
            raise Refused(f"'{text}' is missing before '{self.tokens[self.at][1]}'")

    def take(self, kind):
        found, text = self.tokens[self.at]
        if found != kind:
            raise Refused(f"a {kind} is missing before '{text}'")
        self.at += 1
        return text

    def whole(self):
        node = self.expression()
        if self.tokens[self.at][0] != "end":
            raise Refused(f"nothing is expected at '{self.tokens[self.at][1]}'")
        if node.item and not node.literal == "value":
            raise Refused("an item alone is written value(item)")
        if node.kind in ("codes", "text", "date"):
            raise Refused(f"a {node.kind} is no figure")
        return node

    def expression(self):
        return self.chain("or", either, self.conjunction)

    def conjunction(self):
        return self.chain("and", both, self.negation)

    def chain(self, word, join, part):
        parts = [part()]
        while self.accept(word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        for p in parts:
            self.need(p, "bool")
        return Node("bool", lambda here: join([p.work(here) for p in parts]))

    def negation(self):
        if self.accept("not"):
            inner = self.negation()
            self.need(inner, "bool")
            return Node("bool", strict(lambda v: not v, inner))
        return self.comparison()

    def comparison(self):
        left = self.addition()
        sign = self.accept(*COMPARE)
        if not sign:
            return left
        right = self.addition()
        if self.peek(*COMPARE):
            raise Refused("comparisons do not chain")
        self.comparable(sign, left, right)
        return Node("bool", strict(COMPARE[sign], left, right))

    def comparable(self, sign, left, right):
        equality = sign in ("=", "!=")
        if left.kind != right.kind or left.kind not in ("number", "date", "code"):
            raise Refused(f"a {left.kind} is not compared with a {right.kind}")
        if left.kind == "code":
            if not equality:
                raise Refused("codes have no order")
            self.same_list(left, right)
            self.same_list(right, left)
        for one, other in ((left, right), (right, left)):
            listed = one.item and one.item.codes
            if listed and equality and isinstance(other.literal, float):
                if other.literal not in [float(c) for c in one.item.levels()]:
                    raise Refused(f"{other.literal:g} is no code of {one.item.name}")

    def same_list(self, one, other):
        if one.literal is None or one.item:
            if other.listed and one.listed and one.listed != other.listed:
                raise Refused("the two items have different choice lists")
            return
        self.is_code(other.item, one.literal)

    @staticmethod
    def is_code(item, code):
        if item is None:
            return
        if code in item.reasons:
            raise Refused(f"'{code}' is a missing code of {item.name}; use missing()")
        if code not in item.codes:
            raise Refused(f"'{code}' is not a choice of {item.name}")

    def addition(self):
        return self.arithmetic(("+", "-"), self.product)

    def product(self):
        return self.arithmetic(("*", "/"), self.unary)

    def arithmetic(self, signs, part):
        left = part()
        while sign := self.accept(*signs):
            right = part()
            self.need(left, "number")
            self.need(right, "number")
            left = Node("number", strict(ARITHMETIC[sign], left, right), parts=(sign, left, right))
        return left

    def unary(self):
        if self.accept("-"):
            inner = self.unary()
            self.need(inner, "number")
            literal = -inner.literal if isinstance(inner.literal, float) else None
            return Node("number", strict(lambda v: -v, inner), literal=literal)
        return self.primary()

    def primary(self):
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return Node("number", lambda here: float(text), literal=float(text))
        if kind == "code":
            return Node("code", lambda here: text, literal=text)
        if kind == "indicator":
            return self.indicator(text)
        if kind == "sign" and text == "(":
            inner = self.expression()
            self.expect(")")
            return Node(inner.kind, inner.work, listed=inner.listed)
        if kind != "word":
            raise Refused(f"nothing can begin with '{text}'")
        if text in FUNCTIONS and self.peek("("):
            self.at += 1
            node = getattr(self, "call_" + text)()
            self.expect(")")
            return node
        if text == "key":
            return self.key_node()
        return self.item(text)

    def key_node(self):
        if not self.form or self.form.items.get(self.by) is None or self.form.items[self.by].kind != "codes":
            raise Refused("key is only for a `by` of a select_multiple")
        return Node("code", lambda here: here.key, listed=self.form.items[self.by].listed)

    def indicator(self, name):
        if self.accept("."):
            statistic = self.take("word")
            return self.cell(name, statistic)
        if not self.form or name not in self.indicators:
            raise Refused(f"there is no indicator {name} here")
        row = self.indicators[name]
        if row["form"] != self.form.id or row["by"]:
            raise Refused(f"{name} belongs to another form or has a by")
        inner = self.find(name)
        return Node(inner.kind, inner.work, listed=inner.listed)

    def cell(self, name, statistic):
        if self.form:
            raise Refused("a record expression names no statistics")
        names = [s.split(":")[0] for s in self.indicators.get(name, {}).get("statistics", "").split(";")]
        if statistic not in names or statistic not in ONE_NUMBER:
            raise Refused(f"{name} has no statistic {statistic}")
        reference = (name, statistic)
        self.references.add(reference)
        full = f"{name}.{statistic}"

        def work(here):
            cell = here.cells.get(here.key, {})
            return cell.get(full, Missing("not_asked"))

        return Node("number", work, reference=reference)

    def item(self, name, repeats=None):
        if not self.form:
            raise Refused("a cell expression names no items")
        found = self.form.items.get(name)
        if found is None or name in WORDS:
            raise Refused(f"no item {name} in form {self.form.id}")
        if found.repeat and found.repeat not in self.open:
            raise Refused(f"{name} is inside repeat {found.repeat} and used outside it")

        def work(here):
            answers = here.inside.get(found.repeat, {}) if found.repeat else here.answers
            return found.read(answers.get(name))

        return Node(found.kind, work, item=found, listed=found.listed)

    def need(self, node, *kinds):
        if node.kind not in kinds:
            raise Refused(f"a {node.kind} stands where a {' or '.join(kinds)} is needed")

    def arguments(self):
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        return found

    def some(self, count):
        found = self.arguments()
        if len(found) != count:
            raise Refused(f"{len(found)} arguments where {count} are needed")
        return found

    def several(self):
        found = self.arguments()
        for node in found:
            self.need(node, "number")
        share = number = None
        if self.accept(";"):
            word = self.accept("min", "need")
            if not word:
                raise Refused("min= or need= is missing")
            self.expect("=")
            value = float(self.take("number"))
            share, number = (value, None) if word == "min" else (None, value)
        return found, share, number

    def call_mean(self):
        found, share, number = self.several()

        def work(here):
            there = enough([n.work(here) for n in found], share, number)
            return there if is_missing(there) else sum(there) / len(there)

        return Node("number", work, arguments=found)

    def call_sum(self):
        found, share, number = self.several()

        def work(here):
            there = enough([n.work(here) for n in found], share, number)
            return there if is_missing(there) else sum(there)

        return Node("number", work)

    def call_ratio(self):
        above, below = self.some(2)
        self.need(above, "number")
        self.need(below, "number")
        return Node("number", strict(divide, above, below), parts=("ratio", above, below))

    def call_rev(self):
        node, low, high = self.some(3)
        self.need(node, "number")
        if not node.item or node.item.codes is None:
            raise Refused("rev takes a choice item")
        ends = sorted(float(c) for c in node.item.levels())
        if (low.literal, high.literal) != (ends[0], ends[-1]):
            raise Refused(f"{node.item.name} runs from {ends[0]:g} to {ends[-1]:g}")
        return Node("number", strict(lambda v: low.literal + high.literal - v, node))

    def call_value(self):
        (node,) = self.some(1)
        if not node.item:
            raise Refused("value takes an item")
        if node.kind in ("codes", "text"):
            raise Refused(f"value takes no {node.kind}")
        return Node(node.kind, node.work, item=node.item, listed=node.listed, literal="value")

    def call_missing(self):
        (node,) = self.some(1)
        return Node("bool", lambda here: is_missing(node.work(here)))

    def call_chosen(self):
        item, code = self.some(2)
        self.need(item, "codes")
        self.need(code, "code")
        if isinstance(code.literal, str):
            self.is_code(item.item, code.literal)
        elif code.listed != item.listed:
            raise Refused("the code is of another list")
        return Node("bool", strict(lambda ticked, c: c in ticked, item, code))

    def call_recode(self):
        node = self.item(self.take("word"))
        self.expect(",")
        kind, text = self.tokens[self.at]
        if kind == "word" and text != "else" and self.tokens[self.at + 1][1] == ")":
            self.at += 1
            return self.recode_column(node, text)
        return self.recode_pairs(node)

    def recode_column(self, node, column):
        texts = node.item.columns.get(column)
        if texts is None:
            raise Refused(f"the choices of {node.item.name} have no column {column}")
        levels = list(dict.fromkeys(texts[c] for c in node.item.levels() if texts.get(c)))

        def work(value):
            return texts.get(code_text(value)) or Missing("not_applicable")

        return Node("code", strict(work, node), levels=levels)

    def recode_pairs(self, node):
        pairs, other = [], None
        while True:
            if self.accept("else"):
                self.expect("->")
                other = self.unary()
                break
            left = self.unary()
            self.need(left, node.kind)
            if isinstance(left.literal, str):
                self.is_code(node.item, left.literal)
            self.expect("->")
            pairs.append((left.literal, self.unary()))
            if not self.accept(","):
                break
        rights = [r for _, r in pairs] + ([other] if other else [])
        if len({r.kind for r in rights}) != 1 or any(r.literal is None for r in rights):
            raise Refused("the right sides are not of one kind")

        def work(value):
            for left, right in pairs:
                if left == value:
                    return right.literal
            return other.literal if other else Missing("not_applicable")

        return Node(rights[0].kind, strict(work, node), levels=list(dict.fromkeys(r.literal for r in rights)))

    def repeat(self):
        name = self.take("word")
        if not self.form or name not in self.form.repeats:
            raise Refused(f"there is no repeat {name}")
        return name

    def inner(self, repeat, *kinds):
        self.open.append(repeat)
        node = self.expression()
        self.open.pop()
        if kinds:
            self.need(node, *kinds)
        return node

    @staticmethod
    def instances(here, repeat):
        return [here.within(repeat, one) for one in here.answers.get(repeat) or []]

    def over(self, join):
        repeat = self.repeat()
        self.expect(",")
        condition = self.inner(repeat, "bool")

        def work(here):
            parts = [condition.work(one) for one in self.instances(here, repeat)]
            return join(parts) if parts else Missing("not_asked")

        return Node("bool", work)

    def call_any(self):
        return self.over(either)

    def call_every(self):
        return self.over(both)

    def call_count(self):
        if self.accept("keys"):
            return self.count_keys()
        repeat = self.repeat()
        condition = None
        if self.accept(","):
            condition = self.inner(repeat, "bool")

        def work(here):
            found = self.instances(here, repeat)
            return float(len(found) if condition is None else sum(condition.work(o) is True for o in found))

        return Node("number", work)

    def count_keys(self):
        if self.form:
            raise Refused("count(keys, ...) is for cell expressions")
        self.expect(",")
        condition = self.expression()
        self.need(condition, "bool")

        def work(here):
            total = 0
            for key, cell in here.cells.items():
                if all(f"{i}.{s}" in cell for i, s in self.references):
                    total += condition.work(Here(key=key, cells=here.cells)) is True
            return float(total)

        return Node("number", work)

    def call_pick(self):
        repeat = self.repeat()
        self.expect(",")
        condition = self.inner(repeat, "bool")
        self.expect(",")
        chosen = self.inner(repeat)

        def work(here):
            for one in self.instances(here, repeat):
                if condition.work(one) is True:
                    return chosen.work(one)
            return Missing("not_asked")

        return Node(chosen.kind, work, listed=chosen.listed)


def code_text(value):
    return f"{value:.0f}" if isinstance(value, float) else value
