#!/usr/bin/env bash
# A site's node as a witness of the hub's log: it cosigns what continues what it saw, weir-audit counts
# that; then the hub comes back with an older disk, log and journal too, and goes on differently: the
# node says what the ethics officer has to be told, and witnesses no more (row 60).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=${WITNESS_SITE:-norway}

of_log() { node "$SITE" status --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["log"][sys.argv[1]])' "$1"; }
seen_over() { [ "$(of_log size)" -gt "$1" ]; }
cosigned() { [ "$(of_node "$SITE" cosigned_size)" -ge "$1" ]; }
is_stopped() { [ "$(node "$SITE" status --json | json link)" = stopped ]; }
has_alarm() { [ -n "$(of_log alarm)" ]; }
verify() { "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")" --witness "$(of_log witness)"; }
hub_again() {
	stop hub
	[ $# = 0 ] || "$@"
	hub_start
}

world_begin
study_begin "$SITE"
site "$SITE"
wait_for "$SYNC_S" "the study at the site" knows_study "$SITE"
wait_for 60 "a checkpoint at the node" seen_over 0

say "the node cosigns, and weir-audit counts it"
size=$(of_log size)
wait_for 20 "its cosignature" cosigned 1
verify | grep -q "^cosigned $SITE/" || wrong "weir-audit does not find the cosignature: $(verify)"
verify | grep '^cosigned'

say "an older disk of the hub is kept"
hub_again cp -r "$HUB" "$WORLD/older"
wait_for 60 "the node to be back" seen_over "$size"
size=$(of_log size)
person late-person researcher
hub_again
wait_for 60 "a later checkpoint" seen_over "$size"
size=$(of_log size)
wait_for 20 "its cosignature" cosigned "$size"
verify >/dev/null
if has_alarm; then wrong "an alarm over a log that only grew: $(of_log alarm)"; fi

say "the hub begins again with the older disk, log and journal too"
older() { rm -r "$HUB" && mv "$WORLD/older" "$HUB"; }
hub_again older
person other-person researcher
person third-person researcher
# Its tokens are older too, so it takes the node for a copy, until a person says which one goes on.
wait_for 60 "the word of the hub" is_stopped
quiet node "$SITE" survive --yes
wait_for 60 "the alarm" has_alarm
node "$SITE" status | grep 'to decide: the hub' || wrong "status does not say it"
[ "$(of_log size)" = "$size" ] || wrong "the node gave up what it saw"
hub_again
sleep 2
[ "$(of_log size)" = "$size" ] || wrong "the node gave up what it saw"
[ "$(of_node "$SITE" cosigned_size)" -lt "$size" ] || wrong "the node cosigned an edited log"
node "$SITE" status --json >"$WORLD/status"
has_alarm || wrong "the alarm went away"

say "a person has the log looked at again: it is not mended, so the alarm comes back"
refused 1 'a reason' node "$SITE" log-again
refused 1 'a reason' node "$SITE" log-again --reason ""
quiet node "$SITE" log-again --reason "example: the hub says that its disk was changed"
wait_for 60 "the alarm again" has_alarm
[ "$(of_log size)" = "$size" ] || wrong "the node gave up what it saw"
[ "$(of_node "$SITE" cosigned_size)" -lt "$size" ] || wrong "the node cosigned an edited log"
sound_memory "$WORLD/logs/node-$SITE.log" "$WORLD/logs/hub.log"
