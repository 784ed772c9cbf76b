#!/usr/bin/env python3
"""form250 - a form of 250 questions, a study pack around it, and submissions of it.

  form250.py sheets DIR              survey.csv, choices.csv, settings.csv
  form250.py pack DIR                a pack with this form and the consent form of ops/study
  form250.py consents HEADING CODES  a sheet for `weir-node import`: each of these people permits all
  form250.py requests BASE HOST CODES COUNT FILE
                                     COUNT requests for bench_load: HTTP POSTs to BASE/submission

CODES: a file of study codes, used by turns. Everything is made from fixed seeds; instance ids differ.
"""
import csv
import random
import shutil
import struct
import sys
import uuid
from pathlib import Path

QUESTIONS = 250
GROUP = 25
COLUMNS = ["type", "name", "label", "required", "relevant", "constraint", "constraint_message", "weir_asks",
    "weir_disclosure", "weir_goes"]
KINDS = ("select_one five", "integer", "text", "decimal", "select_multiple kinds", "date")
EXAMPLE = Path(__file__).resolve().parents[2] / "ops" / "study" / "partnership"


def questions():
    """(kind, name, relevant on an earlier one)"""
    for i in range(QUESTIONS):
        kind = KINDS[i % len(KINDS)]
        relevant = f"${{q{i - 5:03d}}} != ''" if i % 10 == 9 else ""
        yield kind, f"q{i:03d}", relevant


def survey():
    yield ["begin group", "record", "For the record"] + [""] * 7
    yield ["text", "participant", "Study code", "yes", "", "regex(., '^[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}$')",
        "Eight letters or digits.", "staff", "pseudonym", "site"]
    yield ["integer", "wave", "Wave", "yes", "", ". >= 1 and . <= 99", "A whole number from 1.", "staff", "", "open"]
    yield ["end group", "record"] + [""] * 8
    for i, (kind, name, relevant) in enumerate(questions()):
        if i % GROUP == 0:
            yield ["begin group", f"part{i // GROUP}", f"Part {i // GROUP + 1}"] + [""] * 7
        constraint = ". >= 0 and . <= 1000" if kind in ("integer", "decimal") else ""
        words = "From 0 to 1000." if constraint else ""
        free = "free_text" if kind == "text" else ""
        yield [kind, name, f"Question number {i + 1}: how is it now?", "", relevant, constraint, words, "", free, "hub"]
        if i % GROUP == GROUP - 1:
            yield ["end group", f"part{i // GROUP}"] + [""] * 8


def sheets(directory):
    directory.mkdir(parents=True, exist_ok=True)
    tables = {
        "survey": [COLUMNS, *survey()],
        "choices": [["list_name", "name", "label"], *(["five", str(i), f"Number {i}"] for i in range(1, 6)),
            ["five", "88", "Cannot say"], *(["kinds", f"kind{i}", f"Kind {i}"] for i in range(8))],
        "settings": [["form_title", "form_id", "version", "default_language"],
            ["250 questions", "form250", "1", "English (en)"]],
    }
    for name, rows in tables.items():
        with open(directory / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def drop_column(path, name):
    """Of a table; a column that no form of the study names is a fault."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [c for c in rows[0] if c != name], extrasaction="ignore",
            lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def pack(directory):
    """The example study, with this form in place of its others."""
    shutil.copytree(EXAMPLE, directory, dirs_exist_ok=True)
    for name in ("staff_p1", "user_p2", "site_profile"):
        shutil.rmtree(directory / "forms" / name)
    sheets(directory / "forms" / "form250")
    ini, skipping, lines = (EXAMPLE / "study.ini").read_text(encoding="utf-8"), False, []
    for line in ini.splitlines():
        if line.startswith("["):
            skipping = line.startswith(("[wave.", "[group.", "[form.")) and line != "[form.consent]"
        if not skipping:
            lines.append("confirmed_by = Example Officer, 2026-01-05" if line.startswith("confirmed_by") else line)
    lines += ["[wave.1]", "title = First wave", "design = baseline", "form250.opens = 2026-01-10",
        "form250.closes = 2036-01-10", "[form.form250]", "phase = 1", "filled_by = staff", "site_reads = nobody",
        "per = person", "records = many", "eligible = eligible_staff", "[group.staff]", "label = Staff",
        "form = form250", "where ="]
    text = "\n".join(lines).replace("date = 2027-01-15", "date = 2026-01-05")
    (directory / "study.ini").write_text(text + "\n", encoding="utf-8")
    header = (EXAMPLE / "codebook.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    row = ("B01,Example,process,study,staff,form250,value(q000),,1,5,score,higher,n;mean,respondents,10,skip,"
        "researchers,example,,")
    drop_column(directory / "sites.csv", "eligible_users")
    (directory / "codebook.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")


AGREED = {"form_version_shown": "1", "language": "en", "approached_by": "care-team", "taken_by": "local-1",
    "mode": "written", "given_by": "self", "capacity": "presumed", "event": "given",
    "given_at": "2026-01-11T10:15:00.000+00:00", "valid_until": "2036-01-09"}


def codes_of(path):
    return [code.strip() for code in Path(path).read_text(encoding="utf-8").split("\n") if code.strip()]


def consents(heading, codes):
    columns = Path(heading).read_text(encoding="utf-8").strip().split(",")
    writer = csv.DictWriter(sys.stdout, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for code in codes_of(codes):
        permits = {name: "yes" for name in columns if name.startswith("permit_")}
        writer.writerow({**AGREED, **permits, "participant": code})


def answers(chance):
    there = {}
    makers = {
        "select_one five": lambda: chance.choice("12345"), "integer": lambda: str(chance.randint(0, 1000)),
        "text": lambda: "as it was before, more or less", "decimal": lambda: f"{chance.randint(0, 999)}.5",
        "select_multiple kinds": lambda: f"kind{chance.randint(0, 3)} kind{chance.randint(4, 7)}",
        "date": lambda: f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}",
    }
    for kind, name, _ in questions():
        there[name] = makers[kind]()
    return there


def xml_of(code, chance):
    parts = []
    there = answers(chance)
    for i, (_, name, _) in enumerate(questions()):
        opening = f"<part{i // GROUP}>" if i % GROUP == 0 else ""
        closing = f"</part{i // GROUP}>" if i % GROUP == GROUP - 1 else ""
        parts.append(f"{opening}<{name}>{there[name]}</{name}>{closing}")
    return (f'<data id="form250" version="1"><record><participant>{code}</participant><wave>1</wave></record>'
        f"{''.join(parts)}<meta><instanceID>uuid:{uuid.uuid4()}</instanceID></meta></data>")


def request(base, host, xml):
    boundary = "example-boundary-0123456789"
    body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; "
        f"filename=\"submission.xml\"\r\nContent-Type: text/xml\r\n\r\n{xml}\r\n--{boundary}--\r\n").encode()
    head = (f"POST {base}/submission?deviceID=example HTTP/1.1\r\nHost: {host}\r\nX-OpenRosa-Version: 1.0\r\n"
        "Date: Mon, 01 Jan 2026 00:00:00 GMT\r\nUser-Agent: org.odk.collect.android/v2026.2.1 Example\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    return head + body


def requests(base, host, codes_path, count, path):
    chance = random.Random(250)
    codes = codes_of(codes_path)
    with open(path, "wb") as file:
        for i in range(count):
            one = request(base, host, xml_of(codes[i % len(codes)], chance))
            file.write(struct.pack("<I", len(one)) + one)


def main():
    match sys.argv[1:]:
        case ["sheets", directory]:
            sheets(Path(directory))
        case ["pack", directory]:
            pack(Path(directory))
        case ["consents", heading, codes]:
            consents(heading, codes)
        case ["requests", base, host, codes, count, path]:
            requests(base, host, codes, int(count), path)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
