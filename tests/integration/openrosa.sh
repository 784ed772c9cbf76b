#!/usr/bin/env bash
# What a node answers to tablets: the outcome table of OpenRosa row by row, over real HTTP, through a
# client that behaves as ODK Collect does; then a node whose sync is away.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
FORMS=$HERE/openrosa/study
CODES_COUNT=60


world_begin
hub_open "$FORMS"
approvals exa
site exa
BASE=$(open_tablet exa)
node exa code make --count "$CODES_COUNT" | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' >"$WORLD/codes"
[ "$(wc -l <"$WORLD/codes")" = "$CODES_COUNT" ] || wrong "not $CODES_COUNT codes were made"
lists() { takes_tablet exa "${BASE##*/}"; }
is_refused() { ! lists; }

python3 "$HERE/openrosa.py" "$BASE" "$WORLD/codes" ||
	wrong "rows of the outcome table do not hold"
wait_for 20 "everything at the hub, files and corrections too" at_hub exa 1+

say "sync ends in the middle: refused in words, and taken when it is back"
cat >"$WORLD/visit.xml" <<-END
	<data id="visit" version="1"><participant>$(head -n 1 "$WORLD/codes")</participant><wave>1</wave>
	<meta><instanceID>uuid:00000000-example</instanceID></meta></data>
END
sends() { python3 "$HERE/collect.py" "$BASE" send "$WORLD/visit.xml"; }
sync_pid=$(pgrep -P "${PIDS[node-exa]}" -f 'role sync')
kill -KILL "$sync_pid"
wait_for 5 "the end of sync" bash -c "! kill -0 $sync_pid"
if sends >"$WORLD/away" 2>&1; then wrong "taken while sync was away: $(cat "$WORLD/away")"; fi
grep -q 'status 503: .*send again' "$WORLD/away" || wrong "$(cat "$WORLD/away")"
wait_for 20 "sync to be back" sends
sends | grep -q '^202' || wrong "not the same record when sent again"

say "a collector whose access is taken back"
quiet node exa collector revoke tablet
sed 's/-example/-revoked/' "$WORLD/visit.xml" >"$WORLD/late.xml"
if python3 "$HERE/collect.py" "$BASE" send "$WORLD/late.xml" >"$WORLD/late" 2>&1; then
	wrong "taken from a collector whose access was taken back: $(cat "$WORLD/late")"
fi
grep -q 'status 403' "$WORLD/late" || wrong "$(cat "$WORLD/late")"
wait_for 10 "the end of the access" is_refused
lists >"$WORLD/revoked" 2>&1 || true
grep -q 'status 403' "$WORLD/revoked" || wrong "$(cat "$WORLD/revoked")"

stop node-exa
sound_memory "$WORLD/logs/node-exa.log"
