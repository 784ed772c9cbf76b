#!/usr/bin/env bash
# A partner organisation without a signed agreement blocks its own records and nobody else's (D-10),
# with the real programs: forms offer the partners of the site alone, a record waits at the site until
# the organisation of whoever gave it has agreed, and what ends for one of them ends for it alone.
#
# Site exd of the example study, a private provider with five partners. The clock stands inside the first
# wave (WEIR_CLOCK_OFFSET_S).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
STAFF=14 # two of each of the six organisations, and two who do not say

agreement() { approval "dsa-$1" --kind dsa --site exd --partner "$1"; }

begin() {
	example_pack "$WORLD/pack" --rule R20
	hub_open "$WORLD/pack"
	approval ethics --kind rec
	approval site-exd --kind provider --site exd
	approval hra --kind hra
	approval dsa-site --kind dsa --site exd
	approval dpia-site --kind dpia --site exd
	approval council --kind la_rg --site exd
	approval trust --kind nhs_rg --site exd
	approval dsa-careco-exa --kind dsa --site exa --partner careco
	agreement millbrook
	refused 1 "site exd has no partner northmoor-trust" as researcher approval add other \
		--kind dsa --decision favourable --from 2026-01-01 --site exd --partner northmoor-trust
}

# held WORDS: how many wait at the site for this reason.
held() { node exd held list | grep -c -- "$1" || true; }
waits() { [ "$(held "$1")" = "$2" ]; }
# outcomes WORD: how many records at the hub are judged so now.
outcomes() {
	local n count=0
	for ((n = 1; n <= AT_HUB; n++)); do
		[ "$(hub why "$WRITER.1.R.$n" --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["now"]["outcome"])')" != "$1" ] || count=$((count + 1))
	done
	echo "$count"
}
are() { [ "$(outcomes "$1")" = "$2" ]; }
expect_outcomes() {
	are permit "$1" || wrong "not $1 records are permitted: $(outcomes permit)"
	are deny "$2" || wrong "not $2 records are denied: $(outcomes deny)"
}
# accept_all: what waits and may go on now.
accept_all() {
	local name
	for name in $(node exd held list | grep -oE '^[0-9a-f]{12}'); do
		node exd held accept "$name" >/dev/null 2>&1 || true
	done
}

world_begin
begin
site exd
BASE=$(open_tablet exd)

mkdir -p "$WORLD/forms"
python3 "$HERE/collect.py" "$BASE" get "$WORLD/forms"
[ "$(tail -n +2 "$WORLD/forms/partners.csv" | cut -d, -f1 | tr -d '"' | sort | tr '\n' ' ')" = \
	"careco millbrook millbrook-college millbrook-council millbrook-primary millbrook-trust " ] ||
	wrong "the form offers others than the partners of the site: $(cat "$WORLD/forms/partners.csv")"
say "the form offers the six organisations of the site, of eighteen"

node exd code make --count "$STAFF" >"$WORLD/codes"
fill_in "$WORLD/sent" "$STAFF" 0 "exd=$WORLD/codes"
"$PARTNERSHIP/send.py" "$BASE" "$WORLD/sent/exd" --held "$((STAFF - 2))" --log "$WORLD/logs/sent" ||
	wrong "what people filled in was not taken: $(cat "$WORLD/logs/sent")"
wait_for "$SYNC_S" "the records of one partner at the hub" at_hub exd 3+ # and the site's profile
waits "not approved here" "$((STAFF - 2))" || wrong "what waits at the site: $(node exd held list)"
say "two records of the partner that has agreed are taken, twelve wait at the site"

WRITER=$(of_node exd writer)
AT_HUB=3
expect_outcomes 3 0

agreement careco
has_gone_on() {
	accept_all
	waits "not approved here" "$((STAFF - 4))"
}
wait_for 30 "the records of the partner that agreed" has_gone_on
AT_HUB=5
wait_for "$SYNC_S" "its records at the hub" at_hub exd 5+
expect_outcomes 5 0
say "once another has signed, its two records go on, and nobody else's"

# Two that have agreed become a third (D-13): it inherits no agreement by itself, theirs go on.
quiet as researcher site partners exd millbrook careco --into millbrook-college --on 2027-03-01 \
	--reason "EXAMPLE: a merger"
refused 1 "has no careco-north" as researcher site partners exd millbrook careco --into careco-north \
	--on 2027-03-01 --reason "EXAMPLE: a merger"
hub site lineage | grep -q 'partners of exd: millbrook, careco -> millbrook-college' ||
	wrong "the merger of the partners is not told: $(hub site lineage)"
expect_outcomes 5 0
accept_all
waits "not approved here" "$((STAFF - 4))" || wrong "the successor took an agreement over"
say "partners merge: the successor needs an agreement of its own"

# at ENTRY WORD OPTION...: what is decided of it, with other knowledge or at another time.
at() {
	local entry=$1 word=$2
	shift 2
	hub why "$entry" --json "$@" | python3 -c 'import json, sys
now = json.load(sys.stdin)["now"]
sys.exit(now["outcome"] != sys.argv[1])' "$word" || wrong "why $entry $*: not $word"
}
LAST=$WRITER.1.R.$AT_HUB
known=$(hub status --json | json leaves)
before=$(date -u -d "@$(($(date +%s) + WEIR_CLOCK_OFFSET_S))" +%FT%TZ)
sleep 1
quiet as officer approval suspend dsa-careco --reason "EXAMPLE: a breach at the organisation"
expect_outcomes 3 2
hub why "$WRITER.1.R.$AT_HUB" | grep -q "R20 .*the partner organisation has no agreement in force" ||
	wrong "why: $(hub why "$WRITER.1.R.$AT_HUB")"
say "suspended: its own two records are denied, those of the others are not"

at "$LAST" permit --true-at "$before"
at "$LAST" permit --known-at "$((known - 1))"
# Each use by the permission that the person gave for it, or did not.
for use in link:link share:share-secondary; do
	hub why "$LAST" --json | python3 -c 'import json, sys
given = json.load(sys.stdin)["consents"][-1]["permissions"]
sys.exit(any(p["code"] == sys.argv[1] and p["decision"] == "permit" for p in given))' "${use#*:}" &&
		at "$LAST" deny --true-at "$before" --purpose "${use%%:*}"
done
at "$LAST" deny --true-at 2027-01-20
hub why "$LAST" --true-at 2027-01-20 >"$WORLD/why"
grep -q 'R08 .*there was no consent yet' "$WORLD/why" || wrong "before the consent: $(cat "$WORLD/why")"
if grep -q 'no further use' "$WORLD/why"; then wrong "nobody wanted no further use: $(cat "$WORLD/why")"; fi
say "why: at the time before it, with the knowledge before it, and before the consent"

keeper_unlock
release_stage P21 --wave 1
release_approve
release_publish "$WORLD/released.csv"
grep -q '^P21,exd,.*,n,2$' "$WORLD/released.csv" || wrong "P21 is not of two: $(grep ^P21,exd "$WORLD/released.csv")"
say "partners: a figure counts two of fourteen"
