#!/usr/bin/env python3
"""look - small questions of the test scripts.

  look.py port                a free port of 127.0.0.1 below those the kernel gives out
  look.py landlock            the kernel's Landlock version, 0 if there is none
  look.py json PATH           one value of the JSON document on standard input: a.b.0.c
  look.py count PATH          how many items a list of that document has
  look.py node                `weir-node status --json`: entries kept on lanes C and R
  look.py at-hub N|N+         the same: ends with 0 if N records (or more) are kept and all
                              entries of lanes C and R are at the hub by receipt
  look.py waiting LANE        the same: how many entries of the lane are not at the hub by receipt
  look.py changes             the same: how many changes of participation the hub does not know of
  look.py hub SITE            `weir-hub status --json`: a site's entries on lanes C and R, and its
                              records permitted, held and denied
  look.py of-site SITE PATH   the same: one value of what it says of the site's node
  look.py rows PREFIX N       a made-up sheet: N rows of the form attitudes, codes PREFIX0001 on
  look.py leaves ACTION       how many leaves of this action, how many different objects, from
                              `weir-audit list --json` on standard input
  look.py acts ACTOR REASON   the same input: how many acts of sites with this actor, whose reason
                              begins so
  look.py lacks               `weir-node status --json`: what keeps the site from collecting
  look.py needs PACK SITE...  what sites.csv says of these sites of a pack, as words of `approval` in
                              lib.sh, a line each
  look.py owners              the same input: ends with 1 and shows the leaves that do not say who
                              acted, as what and for which organisation (D-95)
"""
import csv
import ctypes
import json
import random
import re
import socket
import sys

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_VERSION = 1

# What acts by itself, or at the word of whoever runs the machine, under a role of its own. Any
# other actor is a person: at the hub by a signed statement, at a site an id or a staff code, never
# the word for a role.
SERVICES = {"ledger", "keeper", "sync", "upkeep"}
SERVICE_ROLES = {"node", "service", "operator"}
SITE_ROLES = {"coordinator", "staff"}


def free_port():
    # Below 32768, so that no outgoing connection sits on it.
    for port in random.sample(range(20000, 30000), 100):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit("no free port")


def landlock():
    version = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION)
    return max(version, 0)


def value(path=""):
    return value_at(json.load(sys.stdin), path)


def value_at(at, path):
    for step in path.split(".") if path else []:
        at = at[int(step)] if isinstance(at, list) else at[step]
    return at


def text_of(at):
    return at if isinstance(at, str) else json.dumps(at)


def lanes_of(status, number):
    return {lane["lane"]: lane[number] for lane in status["lanes"]}


def node_counts():
    kept = lanes_of(value(), "kept")
    print(kept["C"], kept["R"])


def at_hub(records):
    status = value()
    kept, there = lanes_of(status, "kept"), lanes_of(status, "at_hub")
    whole = all(kept[lane] == there[lane] for lane in "CR")
    least = int(records.rstrip("+"))
    enough = kept["R"] >= least if records.endswith("+") else kept["R"] == least
    return 0 if whole and enough else 1


def waiting(lane):
    status = value()
    print(lanes_of(status, "kept")[lane] - lanes_of(status, "at_hub")[lane])


def changes():
    print(value("changes.waiting"))


def hub_counts(site):
    nodes = [node for node in value()["nodes"] if node["site"] == site]
    entries = {lane: sum(lanes_of(node, "entries")[lane] for node in nodes) for lane in "CR"}
    outcomes = dict.fromkeys(("permit", "hold", "deny"), 0)
    for node in nodes:
        for row in node["records"]:
            outcomes[row["outcome"]] += row["count"]
    print(entries["C"], entries["R"], *outcomes.values())


def of_site(site, path):
    node = next(node for node in value()["nodes"] if node["site"] == site)
    print(text_of(value_at(node, path)))


def rows(prefix, count):
    """Every answer, gender and degree in turn: no cell is small, none is like its neighbour."""
    print("participant,poverty,religion,degree,age,gender")
    for i in range(count):
        answer = 1 + i % 3
        degree = "yes" if i % 4 < 2 else "no"
        gender = "female" if i % 2 else "male"
        print(f"{prefix}{i + 1:04d},{answer},no,{degree},{18 + i % 60},{gender}")


def leaves(action):
    found = [leaf for leaf in json.load(sys.stdin) if leaf["action"] == action]
    print(len(found), len({leaf["object_commit"] for leaf in found}))


def acts(actor, reason):
    print(sum(leaf["action"] == "act-received" and leaf["actor"] == actor and
              leaf["reason"].startswith(reason) for leaf in json.load(sys.stdin)))


def lacks():
    for need in json.load(sys.stdin)["terms"]["lacks"]:
        print(need["reason"])


def needs(pack, *sites):
    """The words of `approval` for what sites.csv says of these sites."""
    with open(f"{pack}/sites.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in sites]
    of_site = {"nhs": "nhs_rg", "council": "la_rg", "voluntary": "provider", "private": "provider"}
    said = set()
    for row in rows:
        for kind in row["approvals"].split(";"):
            own = kind in (of_site.get(row["kind"]), "site_agreement", "dsa")
            name = f"{kind}-{row['id']}" if own else kind
            if name not in said:
                print(name.replace("_", "-"), "--kind", kind, *(["--site", row["id"]] if own else []))
            said.add(name)
    ini = open(f"{pack}/study.ini", encoding="utf-8").read()
    for form in re.findall(r"^\[form\.(\w+)\]\n(?:#.*\n)*phase = 2$", ini, re.M):
        if re.search(r"^list\.needs = amendment$", ini, re.M):
            print(f"brings-{form.replace('_', '-')} --kind modification --term substantial",
                  f"--covers-forms {form}@1")


def owners():
    lacking = [
        leaf
        for leaf in json.load(sys.stdin)
        if not (leaf["actor"] and leaf["role"] and leaf["organisation"])
        or leaf["actor"] in SITE_ROLES
        or (leaf["role"] in SERVICE_ROLES) != (leaf["actor"] in SERVICES)
    ]
    for leaf in lacking[:10]:
        print("leaf {index}: {action} of '{actor}', '{role}', '{organisation}'".format(**leaf))
    raise SystemExit(1 if lacking else 0)


def main():
    command, *arguments = sys.argv[1:] or [""]
    if command == "port":
        print(free_port())
    elif command == "landlock":
        print(landlock())
    elif command == "json":
        print(text_of(value(*arguments)))
    elif command == "count":
        print(len(value(*arguments)))
    elif command == "node":
        node_counts()
    elif command == "at-hub":
        return at_hub(arguments[0])
    elif command == "waiting":
        waiting(arguments[0])
    elif command == "changes":
        changes()
    elif command == "hub":
        hub_counts(*arguments)
    elif command == "of-site":
        of_site(*arguments)
    elif command == "rows":
        rows(arguments[0], int(arguments[1]))
    elif command == "leaves":
        leaves(*arguments)
    elif command == "acts":
        acts(*arguments)
    elif command == "lacks":
        lacks()
    elif command == "needs":
        needs(*arguments)
    elif command == "owners":
        owners()
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
