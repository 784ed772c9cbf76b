#!/usr/bin/env python3
"""boundaries - submissions with a distinct marker in every site-only item, and where markers turn up.

  boundaries.py make PACK OUT CODES NOW   NOW: YYYY-MM-DDTHH:MM. For people.py's people the forms of
                 PACK, with a marker in every item that is site-only and takes words, a date or a
                 file. OUT: *.xml, files, submissions.json for send.py, `words` for words.py
                 ("site MARKER", "name FILENAME", "code STUDYCODE"), `digests` (of every marker, raw bytes in hex).
  boundaries.py crafted OUT CODE          three submissions, crafted-*.xml, of another client, in
                 which a site-only answer stands where one for the hub stands.
  boundaries.py long OUT CODE LETTERS     one user_p2 with so long a site-only text: long-LETTERS.xml
  boundaries.py sheet OUT CODE HEADING    the same person's answers as a sheet with these columns: sheet.csv
  boundaries.py contact OUT CODE          lines for `contact add`: the code, and words that are added to `words`
  boundaries.py digests FILE PATH...      ends with 1 when a digest stands in a file below the paths
Items whose answer is a code of a list (contact_way, contact_again, upset) cannot be marked; they are
named by `make`. Everything here is an example.
"""
import csv
import datetime
import hashlib
import json
import random
import sys
import tempfile
import uuid
from xml.etree import ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "partnership")]
from people import Box, Form, Site, picture  # noqa: E402
from words import files_below, streams, word  # noqa: E402

MARKED = ("text", "date", "image")
PERSONS = (b"weir-instance-v1", b"weir-row-v1", b"weir-form-v1", b"weir-entry-v1")
# One consent for each way through the form; together they meet every site-only item.
WAYS = (
    {"mode": "verbal-witnessed", "given_by": "parent", "capacity": "presumed", "contact_way": "phone"},
    {"mode": "electronic-drawn", "given_by": "self", "capacity": "assessed", "contact_way": "email"},
    {"mode": "written", "given_by": "self", "capacity": "presumed", "contact_way": "letter"},
    {"mode": "returned-questionnaire", "given_by": "self", "capacity": "presumed", "contact_way": "through"},
)


def fields(tree):
    for row, children in tree:
        if children is None:
            yield row
        else:
            yield from fields(children)


def site_only(form):
    return [row for row in fields(form.tree) if row["weir_goes"] == "site" and row["name"] != "participant"]


class Marks:
    def __init__(self):
        self.words, self.names, self.seen, self.dates = [], [], set(), 0

    def new(self, form, row, files, chance):
        self.seen.add((form.id, row["name"]))
        if row["type"] == "date":
            self.dates += 1
            mark = f"2031-07-{self.dates:02d}"
        else:
            mark = word()
        if row["type"] == "image":
            inside = word()
            self.names.append(mark)
            self.words.append(inside)
            files[mark + ".png"] = picture(chance) + inside.encode()
            return mark + ".png"
        self.words.append(mark)
        return f"{mark}@{mark}.example" if row["name"] == "contact_email" else mark


def fill(marks, form, answers, chance, only):
    """Markers into the site-only items that `only` names: those the way through the form meets."""
    files = {}
    for row in site_only(form):
        if row["type"] in MARKED and row["name"] in only:
            answers[row["name"]] = marks.new(form, row, files, chance)
    return files


def met(way):
    names = {"person_name", "contact_note", {"phone": "contact_phone", "email": "contact_email",
        "letter": "contact_address", "through": "contact_through"}[way["contact_way"]]}
    if way["mode"] == "verbal-witnessed":
        names.add("witness")
    if way["given_by"] != "self":
        names |= {"giver_name", "giver_relation"}
    if way["given_by"] == "parent":
        names.add("turns_sixteen")
    if way["capacity"] != "presumed":
        names.add("capacity_assessor")
    names |= {"electronic-drawn": {"signature"}, "written": {"paper_copy"},
        "returned-questionnaire": {"paper_copy"}}.get(way["mode"], set())
    return names


def consent(site, marks, participant, way):
    form = site.forms["consent"]
    answers, _ = site.consent(participant, way["given_by"] == "parent", False, None)
    for name in {row["name"] for row in site_only(form)} - {"participant"}:
        answers.pop(name, None)
    answers.update(way, permit_store_identifiable="yes",
        witnessed="yes" if way["mode"] == "verbal-witnessed" else "no")
    if way["capacity"] != "presumed":
        codes = [c for c in form.codes("capacity") if c != "presumed"]
        answers.update(capacity=codes[0], capacity_date=site.now.date().isoformat())
    return answers, fill(marks, form, answers, site.chance, met(way))


def user(site, marks, participant):
    form = site.forms["user_p2"]
    answers = site.user(participant, "user")
    answers["upset"] = "yes"
    return answers, fill(marks, form, answers, site.chance, {"upset_note"})


def codes_of(path):
    return [c.replace("-", "").replace(" ", "") for c in Path(path).read_text().split("\n") if c.strip()]


def digests_of(mark):
    data = mark.encode()
    yield from (hashlib.new(n, data).digest() for n in ("md5", "sha1", "sha256", "sha512"))
    for size in (16, 32, 64):
        yield hashlib.blake2b(data, digest_size=size).digest()
        for person in PERSONS:
            yield hashlib.blake2b(data, digest_size=size, person=person.ljust(16, b"\0")).digest()


def make(pack, out, codes, now):
    forms = {f.id: f for f in map(Form, sorted((Path(pack) / "forms").iterdir()))}
    chance, marks, out = random.Random(1), Marks(), Path(out)
    out.mkdir()
    site = Site("exa", forms, chance, datetime.datetime.fromisoformat(now), codes, "local-1")
    box = Box(out, chance)
    for participant, way in zip(codes, WAYS):
        box.add(forms["consent"], *consent(site, marks, participant, way))
        box.add(forms["user_p2"], *user(site, marks, participant))
    box.add(forms["consent"], *consent(site, marks, codes[4], WAYS[0]))
    box.add(forms["staff_p1"], site.staff(codes[4]))
    box.add(forms["site_profile"], site.profile())
    for participant in codes[5:8]:
        box.add(forms["consent"], *consent(site, marks, participant, WAYS[2]))
    (out / "submissions.json").write_text(json.dumps(box.sent))
    lines = [f"site {m}\n" for m in marks.words] + [f"name {m}\n" for m in marks.names]
    lines += [f"code {c}\ncode {c[:4]}-{c[4:]}\n" for c in codes[:8]]
    (out / "words").write_text("".join(lines))
    (out / "digests").write_text("".join(d.hex() + "\n" for m in marks.words + marks.names for d in digests_of(m)))
    wanted = {(f.id, r["name"], r["type"]) for f in forms.values() for r in site_only(f)}
    left = sorted(f"{f}.{n}" for f, n, t in wanted if (f, n) not in marks.seen and t.split()[0] in MARKED)
    print(f"{len(marks.seen)} site-only items are marked, {len(box.sent)} submissions;",
        "codes of lists:", *sorted(f"{f}.{n}" for f, n, t in wanted if t.split()[0] not in MARKED))
    if left:
        raise SystemExit(f"no marker in {left}")


def user_xml(out, change):
    """The first user_p2 of OUT, its code, number and site-only text changed."""
    sent = json.loads((Path(out) / "submissions.json").read_text())
    first = next(s for s in sent if s["form"] == "user_p2")
    text = (Path(out) / first["xml"]).read_text(encoding="utf-8")
    return change(text.replace(first["instance"], f"uuid:{uuid.uuid4()}"))


def between(text, name, new):
    head, _, rest = text.partition(f"<{name}>")
    if not rest:
        raise SystemExit(f"no {name}")
    return f"{head}<{name}>{new}" + rest[rest.index(f"</{name}>"):]


def crafted(out, code):
    mark = word()
    with open(Path(out) / "words", "a", encoding="ascii") as words:
        words.write(f"site {mark}\n")
    ways = {
        # in a repeat, in a group of another name, and below an answer for the hub
        "repeat": lambda t: t.replace("<outcome>", f"<outcome><upset_note>{mark}</upset_note>", 1),
        "twice": lambda t: t.replace("<meta>", f"<words2><upset_note>{mark}</upset_note></words2><meta>", 1),
        "version": lambda t: t.replace('version="1"', 'version="77"', 1).replace(
            "<meta>", f"<extra>{mark}</extra><meta>", 1),
    }
    for name, change in ways.items():
        text = user_xml(out, lambda t: change(between(t, "participant", code)))
        if mark not in text:
            raise SystemExit(f"{name}: the marker is not in it")
        (Path(out) / f"crafted-{name}.xml").write_text(text, encoding="utf-8")


def long(out, code, letters):
    text = user_xml(out, lambda t: between(between(t, "participant", code), "upset_note", "q" * letters))
    (Path(out) / f"long-{letters}.xml").write_text(text, encoding="utf-8")


def sheet(out, code, heading):
    """A column is NAME or REPEAT[N]/NAME; of a form that is filled in once."""
    root = ElementTree.fromstring(user_xml(out, lambda t: between(t, "participant", code)))
    columns, row, mark = [], [], word()
    for column in next(csv.reader([Path(heading).read_text().strip().lstrip("\ufeff")])):
        place, _, rest = column.partition("[1]")
        count = len(root.findall(f".//{place}")) if rest else 1
        columns += [f"{place}[{i + 1}]{rest}" if rest else place for i in range(count)]
    for column in columns:
        repeat, _, name = column.rpartition("/")
        place, _, number = repeat.partition("[")
        found = root.findall(f".//{place}") if place else [root]
        at = int(number.rstrip("]")) - 1 if number else 0
        value = found[at].find(f".//{name}") if at < len(found) else None
        row.append(mark if name == "upset_note" else (value.text or "") if value is not None else "")
    with open(Path(out) / "sheet.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, row])
    with open(Path(out) / "words", "a", encoding="ascii") as words:
        words.write(f"site {mark}\n")


def contact(out, code):
    """Four lines for `contact add`, of words that are looked for."""
    marks = [word() for _ in range(3)]
    with open(Path(out) / "words", "a", encoding="ascii") as words:
        words.write("".join(f"contact {m}\n" for m in marks))
    print(code, *marks, sep="\n")


def search(listed, paths):
    wanted = [bytes.fromhex(line) for line in Path(listed).read_text().split()]
    wanted += [d.hex().encode() for d in wanted]
    found, files = 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            if path.endswith(".pcap"):
                streams(path, scratch)
        for file in files_below(list(paths) + [scratch]):
            data, files = Path(file).read_bytes(), files + 1
            hits = sum(d in data for d in wanted)
            found += hits
            if hits:
                print(file, hits)
    print(f"searched {files} files for {len(wanted)} digests, {found} hits")
    return 1 if found else 0


def main():
    command, *a = sys.argv[1:] or [""]
    if command == "make" and len(a) == 4:
        make(a[0], a[1], codes_of(a[2]), a[3])
    elif command == "crafted" and len(a) == 2:
        crafted(*a)
    elif command == "contact" and len(a) == 2:
        contact(*a)
    elif command == "long" and len(a) == 3:
        long(a[0], a[1], int(a[2]))
    elif command == "sheet" and len(a) == 3:
        sheet(*a)
    elif command == "digests" and len(a) > 1:
        return search(a[0], a[1:])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
