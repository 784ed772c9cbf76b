#!/usr/bin/env bash
# A new version of the consent form says what it asks of those who agreed to an older one, with the real
# programs: left out, the pack is refused; asked before any use, their records are denied until they have
# agreed anew, one by one; and what was decided with the form of then can be asked (R09). A record that is
# filled in without the new agreement waits at the site until the person gives it.
#
# Site exa of the example study. The clock stands inside the first wave (WEIR_CLOCK_OFFSET_S).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
STAFF=4 # the last one fills in the form after the new version came
LATE=0007.xml
LATE_CONSENT=0006.xml
CONSENT=forms/consent

outcome() {
	local entry=$1
	shift
	hub why "$WRITER.1.R.$entry" --json "$@" | python3 -c 'import json, sys
print(json.load(sys.stdin)["now"]["outcome"])'
}
are() { [ "$(outcome 1) $(outcome 2) $(outcome 3)" = "$*" ]; }
expect() { are "$@" || wrong "judged $(outcome 1) $(outcome 2) $(outcome 3), not $*"; }
is_held() { [ "$(node exa held list --json | python3 "$HERE/look.py" count)" = "$1" ]; }
# hold_back FILE: it is not among those that are sent together.
hold_back() {
	python3 - "$WORLD/sent/exa/submissions.json" "$1" <<-'END'
		import json, sys
		sent = json.load(open(sys.argv[1], encoding="utf-8"))
		left = [s for s in sent if s["xml"] != sys.argv[2]]
		assert len(left) == len(sent) - 1
		json.dump(left, open(sys.argv[1], "w", encoding="utf-8"))
	END
}
knows_second() { [ "$(node exa status --json | json manifest)" -ge 2 ]; }

# version_2 WORD: the pack with a second version of the consent form that asks this; "": that says nothing.
version_2() {
	rm -rf "$WORLD/pack2"
	cp -r "$WORLD/pack" "$WORLD/pack2"
	sed -i 's/,consent,1,/,consent,2,/' "$WORLD/pack2/$CONSENT/settings.csv"
	sed -i 's/What is being recorded?/What is recorded here?/; s/Which version of the agreement/What version of the agreement/' \
		"$WORLD/pack2/$CONSENT/survey.csv"
	sed -i "/^reconsent = /d; ${1:+s/^\[form.consent\]/&\nreconsent = $1/}" "$WORLD/pack2/study.ini"
}
# again FILE: the person of this consent agrees once more, to the second version.
again() {
	python3 - "$1" "$WORLD/again.xml" <<-'END'
		import re, sys, uuid
		text = open(sys.argv[1], encoding="utf-8").read()
		for old, new in ((r'(id="consent" version=")1', r"\g<1>2"),
		        (r"(<form_version_shown>)1", r"\g<1>2"),
		        (r"uuid:[0-9a-f-]+", f"uuid:{uuid.uuid4()}"),
		        (r"<given_at>[^<]*", "<given_at>2027-03-10T12:00:00.000+00:00")):
		    text, count = re.subn(old, new, text)
		    assert count == 1, old
		open(sys.argv[2], "w", encoding="utf-8").write(text)
	END
	python3 "$HERE/collect.py" "$BASE" send "$WORLD/again.xml"
}

world_begin
example_pack "$WORLD/pack" --rule R09
hub_open "$WORLD/pack"
papers "$WORLD/pack" exa
site exa
BASE=$(open_tablet exa)

node exa code make --count "$STAFF" >"$WORLD/codes"
fill_in "$WORLD/sent" "$STAFF" 0 "exa=$WORLD/codes"
hold_back "$LATE"
quiet "$PARTNERSHIP/send.py" "$BASE" "$WORLD/sent/exa"
wait_for "$SYNC_S" "the records at the hub" at_hub exa "$((STAFF - 1))+"
WRITER=$(of_node exa writer)
expect permit permit permit

version_2 ""
refused 1 'form.consent. has to say what the new version asks' as officer study publish "$WORLD/pack2"
say "a new version that does not say what it asks of those who agreed before is refused"

known=$(hub status --json | json leaves)
version_2 before-use
publish "$WORLD/pack2"
expect deny deny deny
hub why "$WRITER.1.R.1" | grep -q "R09 .*agree anew before any use" || wrong "why: $(hub why "$WRITER.1.R.1")"
[ "$(outcome 1 --known-at "$((known - 1))")" = permit ] || wrong "what was known before the new version"
say "asked before any use: nobody who agreed to the first version is counted"

wait_for "$SYNC_S" "the new version at exa" knows_second
wait_for 20 "the new version on tablets" takes_tablet exa "${BASE##*/}"
python3 "$HERE/collect.py" "$BASE" send "$WORLD/sent/exa/$LATE" >"$WORLD/said" 2>&1 || true
grep -q 202 "$WORLD/said" || wrong "the late record was not held: $(cat "$WORLD/said")"
is_held 1 || wrong "not one is held: $(node exa held list)"
grep -q 'R09: the person has to agree anew' <<<"$(node exa held list --json)" ||
	wrong "held for another reason: $(node exa held list --json)"
again "$WORLD/sent/exa/$LATE_CONSENT"
wait_for 10 "the record of who agreed anew to go on" is_held 0
say "a record without the new agreement waits at the site, and goes on with it"
again "$WORLD/sent/exa/0002.xml"
wait_for 30 "the new agreement at the hub" are deny permit deny
say "reconsent: one has agreed anew and is counted again, the others are not"
