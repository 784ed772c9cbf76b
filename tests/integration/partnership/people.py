#!/usr/bin/env python3
"""people - made-up people who answer the forms of a study pack, and the plain truth about them.

  people.py PACK OUT --site SITE=CODES [--site ...] [--seed N] [--staff 60] [--users 40]
            [--extra 3] [--late 3] [--now YYYY-MM-DDTHH:MM] [--taker CODE] [--approacher CODE]

CODES: a file of study codes, one a line, made by that site's node; at least staff + users + extra.
Writes for each site OUT/SITE/NNNN.xml, the submissions as ODK Collect sends them (nodes that are
relevant, repeats, meta/instanceID; when they were filled in is left open: they count as they come),
pictures beside them, OUT/SITE/submissions.json, the order of sending, and OUT/SITE/truth.json for
figures.py.

Always true: the same seed, codes and time give the same bytes. Every submission is valid: what is
             required is there, lists and constraints are kept, nothing that is not relevant stands.
             Answers hold cannot-say, rather-not-say and blanks where the form allows them.
People:      --staff fill in staff_p1, --users user_p2 (every group, residents too). --extra more who
             do not count: in turn no permission for pooled figures, none for the site's table, a
             refusal with a record all the same. --late consents are sent after their records.
It can hurt: everything here is an example; names and codes belong to nobody.
"""
import argparse
import datetime
import json
import random
import struct
import sys
import uuid
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent))
from derive import rows_of  # noqa: E402

SECTION = ("begin group", "begin repeat")
PERMISSIONS_ALWAYS = ("approach", "contact", "collect_direct", "use_site_report", "use_aggregate")
WORDS = (
    "Home from hospital two days sooner.", "Nobody told us who to ring & when.",
    "It takes < 1 day now, not > 5.", "Mae'n well nag o'r blaen.", 'They said "wait" – so we waited…',
    "Tea.\nAnd a second line.", "Ünïcode travels 你好 too.",
)
AGREE = ("1", "2", "3", "4", "5")


class Form:
    """The sheets as a tree: (row, children or None)."""

    def __init__(self, directory):
        self.settings = rows_of(directory / "settings.csv")[0]
        self.id = self.settings["form_id"]
        self.choices = {}
        for row in rows_of(directory / "choices.csv"):
            self.choices.setdefault(row["list_name"], []).append(row)
        for row in rows_of(directory / "survey.csv"):
            if row["type"] == "csv-external":
                self.choices[row["name"]] = rows_of(directory / f"{row['name']}.csv")
        self.tree, stack = [], []
        here = self.tree
        for row in rows_of(directory / "survey.csv"):
            if row["type"] in SECTION:
                here.append((row, []))
                stack.append(here)
                here = here[-1][1]
            elif row["type"] in ("end group", "end repeat"):
                here = stack.pop()
            elif row["type"] != "csv-external":
                here.append((row, None))

    def codes(self, name):
        return [row["name"] for row in self.choices[name]]

    def label(self, name, code):
        return next(row["label"] for row in self.choices[name] if row["name"] == code)


# ---------------------------------------------------------------- the XML that Collect sends


def submission(form, answers, instance):
    lines = [f"<data id=\"{form.id}\" version=\"{form.settings['version']}\">"]
    lines += nodes(form.tree, answers)
    lines += [f"<meta><instanceID>{instance}</instanceID></meta>", "</data>"]
    return "<?xml version='1.0' encoding='UTF-8'?>" + "".join(lines) + "\n"


def nodes(tree, answers):
    for row, children in tree:
        name = row["name"]
        if row["type"] == "begin repeat":
            if row["repeat_count"]:
                yield f"<{name}_count>{answers.get(name + '_count', len(answers.get(name, [])))}</{name}_count>"
            for one in answers.get(name, []):
                yield f"<{name}>" + "".join(nodes(children, {**answers, **one})) + f"</{name}>"
        elif children is not None:
            if has_any(children, answers):
                yield f"<{name}>" + "".join(nodes(children, answers)) + f"</{name}>"
        elif row["type"] in ("note", "end"):
            yield f"<{name}/>"
        elif name in answers:
            text = as_sent(row["type"], answers[name])
            yield f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"


def as_sent(kind, text):
    """Collect writes a decimal as Java does: 26 is 26.0, and from ten millions on 1.25E7."""
    if kind != "decimal" or not text:
        return text
    value = float(text)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    shortest = next(t for t in (f"{value:.{n}e}" for n in range(1, 18)) if float(t) == value)
    digits, power = shortest.split("e")
    return f"{digits}E{int(power)}"


def has_any(tree, answers):
    return any(has_any(c, answers) if c is not None else row["name"] in answers for row, c in tree)


def picture(chance):
    """A PNG of 16 by 16 grey dots."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + chance.randbytes(16) for _ in range(16))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


# ---------------------------------------------------------------- answers


class Site:
    def __init__(self, name, forms, chance, now, codes, taker, approacher=""):
        self.name, self.forms, self.chance, self.now = name, forms, chance, now
        self.codes, self.taker, self.approacher = codes, taker, approacher
        self.staff_of, self.staff_count = [], 0
        self.level = chance.uniform(-0.4, 0.5)  # how well things go here
        self.letters = iter(range(10**6))

    def odds(self, share):
        return self.chance.random() < share

    def code(self, participant):
        """As people type it: with hyphen, with blank, without, in small letters."""
        head, tail = participant[:4], participant[4:]
        return self.chance.choice([f"{head}-{tail}", f"{head} {tail}", head + tail, f"{head}-{tail}".lower()])

    def words(self, share=0.5):
        return self.chance.choice(WORDS) if self.odds(share) else ""

    def pick(self, codes, leaning=None, unsure=0.06, silent=0.03):
        """One code; leaning: 0 to 1 along the codes that are answers, with noise."""
        answers = [c for c in codes if c not in ("88", "99")]
        if "88" in codes and self.odds(unsure):
            return "88"
        if "99" in codes and self.odds(silent):
            return "99"
        if leaning is None:
            return self.chance.choice(answers)
        place = self.chance.gauss(leaning * (len(answers) - 1), 0.22 * len(answers))
        return answers[min(len(answers) - 1, max(0, round(place)))]

    def ticked(self, codes, most, blank=False):
        if "99" in codes and self.odds(0.04):
            return "99"
        if blank and self.odds(0.08):
            return ""
        answers = [c for c in codes if c not in ("88", "99")]
        # The first ones are chosen more often, so that shares differ.
        weights = [1.0 / (1 + 0.25 * i) for i in range(len(answers))]
        chosen = set(self.chance.choices(answers, weights, k=self.chance.randint(1, most)))
        return " ".join(c for c in answers if c in chosen)

    def maybe(self, value, blank=0.08):
        return "" if self.odds(blank) else value

    def partner(self):
        """In turn, so that answers of the same seed stay what they were."""
        self.staff_count += 1
        return self.staff_of[self.staff_count % len(self.staff_of)] if self.staff_of else ""

    def staff(self, participant):
        form = self.forms["staff_p1"]
        mood = 0.55 + 0.2 * self.level + self.chance.gauss(0, 0.12)
        a = {"participant": self.code(participant), "wave": "1", "partner": self.partner()}
        for name, listed in (("employer_sector", "sector"), ("profession", "profession"), ("grade", "grade")):
            a[name] = self.pick(form.codes(listed))
        moved = self.odds(0.15) or a["employer_sector"] == "99"
        a["workplace_sector"] = self.pick(form.codes("sector")) if moved else a["employer_sector"]
        for name, listed in (("tenure_role", "tenure"), ("tenure_partnership", "tenure"),
                ("shared_workplace", "shared_days")):
            a[name] = self.maybe(self.chance.choice(form.codes(listed)))
        hours = self.chance.choice(["0", "2", "7.5", "12.25", f"{self.chance.randint(1, 79)}", "80"])
        a["hours_joint"] = self.maybe(hours, 0.12)
        a["own_definition"], a["why_together"] = self.words(), self.words()
        a["reasons"] = self.ticked(form.codes("reason"), 3)
        a["reason_main"] = self.pick(form.codes("reason"))
        a["intended"] = self.ticked(form.codes("outcome"), 5)
        a["intended_own"] = self.words(0.1)
        a["outcome_view"] = self.views(form, a["intended"], mood)
        for row, children in form.tree:
            if row["name"] == "working":
                for item, _ in children:
                    lean = 1 - mood if item["weir_reverse"] == "yes" else mood
                    a[item["name"]] = self.pick(form.codes("agree5"), lean)
        a["depth"], a["mode"] = self.pick(form.codes("depth"), mood), self.pick(form.codes("mode"))
        a["better"], a["worse"], a["practice_example"] = self.words(), self.words(0.3), self.words(0.3)
        a["quote_ok"] = self.maybe(self.chance.choice(["yes", "no"]))
        return a

    def views(self, form, intended, mood):
        views = []
        for code in intended.split() if intended != "99" else []:
            one = {"outcome_code": code, "outcome_label": form.label("outcome", code)}
            one["achieved"] = self.pick(form.codes("extent"), mood)
            if one["achieved"] not in ("0", "88", "99"):
                one["due"] = self.maybe(self.pick(form.codes("share")))
            views.append(one)
        return views

    def user(self, participant, who):
        form = self.forms["user_p2"]
        mood = 0.5 + 0.2 * self.level + self.chance.gauss(0, 0.12)
        a = {"participant": self.code(participant), "wave": "1", "collected_by": self.taker, "who": who}
        a["approached_by"] = self.chance.choice(form.codes("approacher"))
        a["how"] = self.chance.choice(form.codes("mode_p2"))
        a["answering"] = self.chance.choice(["self", "helped"])
        a["easy_read"] = self.chance.choice(["yes", "no"])
        if who != "resident":
            self.supported(form, a, mood)
        a["own_outcome"] = self.words(0.3)
        if a["own_outcome"]:
            a["own_now"] = self.maybe(self.pick(form.codes("extent"), mood))
        a["outcome_count"] = str(len(form.choices["outcomes"]))
        a["local_item"] = [
            {"local_no": str(i), "local_code": row["name"], "local_label": row["label"],
                "local_now": self.maybe(self.pick(form.codes("extent_bad"), 0.3))}
            for i, row in enumerate(form.choices["local_indicators"], 1)
        ]
        if "hospital" in a.get("services", "").split():
            for name in ("planned_with", "ready_home", "back_again"):
                a[name] = self.maybe(self.pick(form.codes("yes_no_unsure")))
        a["worse"], a["words"] = self.words(0.3), self.words()
        for name in ("quote_ok", "contact_again"):
            a[name] = self.maybe(self.chance.choice(["yes", "no"]))
        a["upset"] = "yes" if self.odds(0.1) else "no"
        if a["upset"] == "yes":
            a["upset_note"] = self.words()
        return a

    def supported(self, form, a, mood):
        a["services"] = self.ticked(form.codes("service"), 5, blank=True)
        a["org_count"] = self.maybe(str(self.chance.randint(0, 30)))
        a["one_person"] = self.maybe(self.pick(form.codes("yes_no_unsure")))
        for row, children in form.tree:
            if row["name"] == "joined":
                for item, _ in children:
                    lean = 1 - mood if item["weir_reverse"] == "yes" else mood
                    a[item["name"]] = self.pick(form.codes("often5"), lean)
        a["outcome"] = []
        for i, row in enumerate(form.choices["outcomes"], 1):
            one = {"outcome_no": str(i), "outcome_code": row["name"], "outcome_label": row["label"]}
            one["matters"] = self.pick(form.codes("matters"), 0.75 - 0.03 * i)
            one["now"] = self.pick(form.codes("extent"), mood)
            one["change"] = self.pick(form.codes("change5"), mood)
            if one["change"] not in ("0", "88", "99"):
                one["because"] = self.maybe(self.pick(form.codes("share")))
            a["outcome"].append(one)

    def profile(self):
        form, odds = self.forms["site_profile"], self.odds
        today = self.now.date()
        a = {"wave": "1", "as_of": today.isoformat(), "own_definition": self.words(),
            "why_together": "Because (example) no one body can do it."}
        for name, listed in (("working_level", "level"), ("declared_model", "declared_model")):
            a[name] = self.chance.choice(form.codes(listed))
        a["service_area"] = self.ticked(form.codes("service_area"), 3)
        a["observed_model"] = self.maybe(self.chance.choice([a["declared_model"], "open"]), 0.2)
        a["network_type"] = self.maybe(self.chance.choice(form.codes("network_type")))
        a["depth"] = self.maybe(self.chance.choice(form.codes("depth")))
        a["partner"] = self.partners(form, today)
        a["any_arrangement"] = "no" if odds(0.25) else "yes"
        for name in ("joint_board", "joint_commissioning", "boundaries_match", "sharing_protocol",
                "discharge_protocol", "assessment_shared"):
            a[name] = self.pick(form.codes("yes_no_partly"), 0.3, unsure=0.15)
        for name in ("sharing", "discharge"):
            if a[name + "_protocol"] in ("yes", "partly"):
                a[name + "_used"] = self.maybe(self.pick(form.codes("used"), 0.6, unsure=0.15))
        self.numbers(a)
        a["local"] = [{"local_code": "X1", "local_name": "Example measure", "local_by": "residents",
            "local_how": "At a meeting (example).", "local_family": "outcome", "local_direction": "higher",
            "local_unit": "people", "local_value": "12.5"}] if odds(0.5) else []
        a["context"] = self.words()
        return a

    def partners(self, form, today):
        found = []
        for i in range(self.chance.randint(3, 7)):
            since = today - datetime.timedelta(days=self.chance.randint(400, 3000))
            one = {"partner_name": f"Example body {i + 1}",
                "partner_sector": self.chance.choice(form.codes("sector")[:6]),
                "partner_from": self.maybe(since.isoformat(), 0.2), "partner_to": ""}
            if self.odds(0.25):
                one["partner_to"] = (since + datetime.timedelta(days=300)).isoformat()
            elif self.odds(0.2):
                one["partner_to"] = (today + datetime.timedelta(days=200)).isoformat()
            one["partner_agreement"] = self.chance.choice(["yes", "yes", "partly", "no"])
            found.append(one)
        return found

    def numbers(self, a):
        whole = lambda low, high: self.maybe(str(self.chance.randint(low, high)))  # noqa: E731
        money = lambda low, high: self.maybe(f"{self.chance.uniform(low, high):.2f}")  # noqa: E731
        part = lambda of, low=0: self.maybe(str(self.chance.randint(low, int(float(of or 40)))))  # noqa: E731
        if a["joint_board"] in ("yes", "partly"):
            a["board_seats"] = whole(8, 20)
            a["board_seats_users"] = part(a["board_seats"] or 8)
            a["board_seats_voluntary"] = part(a["board_seats"] or 8)
        a["pooled_budget"], a["total_budget"] = money(1e5, 9e6), money(9e6, 4e7)
        a["pooled_planned"] = money(1e5, 9e6)
        a["teams_total"] = whole(5, 30)
        a["colocated_teams"] = part(a["teams_total"])
        a["joint_posts"] = self.chance.choice(["88", "0", "", "12"])  # a typed 88 is a number
        for name, low, high in (("hospitals", 1, 5), ("care_areas", 1, 9), ("step_up", 0, 60),
                ("step_down", 0, 90), ("training_days", 0, 30), ("trained", 0, 200), ("leader_changes", 0, 4),
                ("reorganisations", 0, 3), ("staff_left", 0, 20), ("staff_joint", 0, 80),
                ("partners_start", 0, 8), ("services_offered", 1, 20), ("events_with_users", 0, 15),
                ("disputes", 0, 5), ("still_home_base", 150, 600), ("user_survey_base", 200, 900),
                ("population", 90000, 400000), ("population_65", 15000, 80000),
                ("deprivation_decile", 1, 10)):
            a[name] = whole(low, high)
        a["partners_stayed"] = part(a["partners_start"])
        a["winter_money"] = money(1e4, 9e5)
        a["winter_money_spent"] = self.maybe(f"{float(a['winter_money'] or 5e3) * self.chance.random():.2f}")
        for name, low, high in (("home_care_hours", 1e3, 2e4), ("office_cost", 3e4, 2e5), ("office_days", 1, 30),
                ("set_up_cost", 1e3, 3e4),
                ("delayed_days", 2e3, 9e3), ("emergency_65", 1.5e4, 3e4), ("care_home_65", 300, 900)):
            a[name] = money(low, high)
        for name in ("still_home_91", "user_satisfaction", "user_control"):
            a[name] = self.maybe(f"{self.chance.uniform(55, 92):.1f}", 0.1)

    def consent(self, participant, child, refused, denied):
        form = self.forms["consent"]
        given = self.now - datetime.timedelta(minutes=self.chance.randint(10, 2000))
        a = {"participant": self.code(participant), "form_version_shown": form.settings["version"],
            "language": "en", "approached_by": "care-team", "taken_by": self.taker}
        if self.approacher:
            a.update(approached_by="local-staff", approacher=self.approacher)
        a["mode"] = self.chance.choice(["returned-questionnaire"] * 6 + ["written"] * 2
            + ["electronic-drawn", "verbal-witnessed"])
        if a["mode"] == "verbal-witnessed":
            a["witness"] = "W. Example, ward clerk"
        a["witnessed"] = "yes" if a.get("witness") else "no"
        a["given_by"], a["capacity"] = "parent" if child else "self", "presumed"
        if child:
            a.update(giver_name="P. Example", giver_relation="mother", assent="given",
                turns_sixteen=(self.now.date() + datetime.timedelta(days=700)).isoformat())
        a["event"] = "refused" if refused else "given"
        files = {}
        if not refused:
            for row in next(c for r, c in form.tree if r["name"] == "permissions"):
                if row[0]["weir_permission"]:
                    self.permit(a, row[0]["name"], denied)
        a["given_at"] = given.strftime("%Y-%m-%dT%H:%M:00.000+00:00")
        if not refused:
            a["valid_until"] = (self.now.date() + datetime.timedelta(days=1000)).isoformat()
        if a["mode"] == "electronic-drawn":
            a["signature"] = f"{next(self.letters)}{self.chance.randint(10**6, 10**7)}.png"
            files[a["signature"]] = picture(self.chance)
        elif a["mode"] in ("written", "returned-questionnaire"):
            a["paper_copy"] = ""
        if a.get("permit_store_identifiable") == "yes":
            a.update(person_name="E. Example", contact_way="phone", contact_phone="01632 960000", contact_note="")
        return a, files

    def permit(self, a, name, denied):
        short = name.removeprefix("permit_")
        yes = short in PERMISSIONS_ALWAYS or self.odds(0.5)
        a[name] = "no" if short == denied or not yes else "yes"


# ---------------------------------------------------------------- everything of a site


def groups_of_users(chance, count):
    shares = (("user", 0.5), ("carer", 0.2), ("former", 0.13), ("child", 0.1), ("resident", 0.07))
    found = [who for who, share in shares for _ in range(round(count * share))]
    found = (found + ["user"] * count)[:count]
    chance.shuffle(found)
    return found


class Box:
    """What a site sends, in order, and what is true."""

    def __init__(self, directory, chance):
        self.directory, self.chance = directory, chance
        self.sent, self.records = [], []

    def add(self, form, answers, files=None, counts=True):
        instance = f"uuid:{uuid.UUID(bytes=self.chance.randbytes(16), version=4)}"
        name = f"{len(self.sent):04d}.xml"
        (self.directory / name).write_text(submission(form, answers, instance), encoding="utf-8")
        for file, body in (files or {}).items():
            (self.directory / file).write_bytes(body)
        self.sent.append({"form": form.id, "xml": name, "instance": instance, "files": sorted(files or {})})
        if form.id != "consent":
            self.records.append({"form": form.id, "counts": counts, "answers": answers})
        return self.sent[-1]


def site_box(site, directory, wanted):
    box = Box(directory, site.chance)
    forms, late = site.forms, []
    codes = iter(site.codes)
    people = [("staff", None, None)] * wanted.staff
    people += [("user", who, None) for who in groups_of_users(site.chance, wanted.users)]
    odd = ("use_aggregate", "use_site_report", "refused")
    people += [("staff", None, odd[i % 3]) for i in range(wanted.extra)]
    for number, (kind, who, oddity) in enumerate(people):
        participant = next(codes)
        consent = site.consent(participant, who == "child", oddity == "refused", oddity)
        if number % 20 == 7 and len(late) < wanted.late:
            late.append(consent)
        else:
            box.add(forms["consent"], *consent)
        answers = site.staff(participant) if kind == "staff" else site.user(participant, who)
        box.add(forms["staff_p1" if kind == "staff" else "user_p2"], answers, counts=oddity is None)
    box.add(forms["site_profile"], site.profile())
    for consent in late:
        box.add(forms["consent"], *consent)["late"] = True
    return box, people


def truth_of(site, row, box, people):
    """counts: what the node counts or is told; coded: what coders will have decided."""
    refused = sum(oddity == "refused" for _, _, oddity in people)
    consented = len(people) - refused
    not_eligible, declined, waiting = 4, 7 + refused, 3
    texts = [r["answers"] for r in box.records if r["form"] in ("staff_p1", "user_p2") and r["counts"]]
    harmed = [a for a in texts if a["worse"] and site.odds(0.6)]
    own = [a for a in texts if "own_outcome" in a]
    themes = sorted({site.chance.choice(["gardens", "pets", "faith", "transport"]) for a in own
        if a["own_outcome"]})
    return {
        "site": site.name,
        "counts": {
            "eligible": int(row["eligible_staff"]) + int(row["eligible_users"]),
            "approached": not_eligible + declined + consented + waiting, "not_eligible": not_eligible,
            "declined": declined, "waiting": waiting, "consented": consented, "completed": consented,
            "withdrawn": 0,
        },
        "coded": {"worse_read": len(texts), "harm": len(harmed), "own_read": len(own), "new_themes": themes},
        "records": box.records,
    }


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--site", action="append", required=True)
    parser.add_argument("--seed", type=int, default=1)
    for name, count in (("staff", 60), ("users", 40), ("extra", 3), ("late", 3)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--now", type=datetime.datetime.fromisoformat, default=None)
    parser.add_argument("--taker", default="local-1")
    parser.add_argument("--approacher", default="")
    wanted = parser.parse_args()
    now = wanted.now or datetime.datetime.now(datetime.timezone.utc)
    forms = {f.id: f for f in map(Form, sorted((wanted.pack / "forms").iterdir()))}
    rows = {row["id"]: row for row in rows_of(wanted.pack / "sites.csv")}
    for word in wanted.site:
        name, _, file = word.partition("=")
        codes = [c.replace("-", "").replace(" ", "") for c in Path(file).read_text().split("\n") if c.strip()]
        if len(codes) < wanted.staff + wanted.users + wanted.extra:
            raise SystemExit(f"{file}: has {len(codes)} codes")
        directory = wanted.out / name
        directory.mkdir(parents=True, exist_ok=True)
        site = Site(name, forms, random.Random(f"{wanted.seed}/{name}"), now, codes, wanted.taker,
            wanted.approacher)
        if (wanted.pack / "partners.csv").exists():
            listed = rows_of(wanted.pack / "partners.csv")
            site.staff_of = [row["id"] for row in listed if row["site"] == name] + [""]
        box, people = site_box(site, directory, wanted)
        (directory / "submissions.json").write_text(json.dumps(box.sent, indent=1))
        truth = truth_of(site, rows[name], box, people)
        (directory / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False), encoding="utf-8")
        print(f"{name}: {len(box.sent)} submissions, {len(box.records)} records")


if __name__ == "__main__":
    main()
