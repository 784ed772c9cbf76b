#!/usr/bin/env bash
# Clocks jump ten years ahead and back, at a node and at the hub (rows 50 and 51 of the fault matrix):
# entries keep their order and come to the hub once, whatever either clock says, each has one verdict, and
# the log verifies; both sides say which clock is off.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
LATE_NODE=${LATE_NODE:-$BIN/../attack/weir-node-late}
LATE_HUB=${LATE_HUB:-$BIN/../attack/weir-hub-late}
SITE=norway
# An hour more than so many days: a message takes less than that.
TEN_YEARS_S=$((3653 * 86400 + 3600))
PART=6 # rows that are loaded at a time

for program in "$LATE_NODE" "$LATE_HUB"; do
	[ -x "$program" ] || wrong "$program has to be built first"
done

# part N: the first N parts of the rows; those that are known are skipped. A node whose clock is ten years
# ahead takes nothing before the hub has said what time it is.
part() {
	wait_for "$SYNC_S" "the word of the hub" can_collect "$SITE"
	python3 "$HERE/look.py" rows "$(code_letter "$SITE")" $((PART * $1)) >"$WORLD/$1.csv"
	load "$SITE" "$WORLD/$1.csv" >"$WORLD/logs/load-$1" 2>&1 || wrong "$(cat "$WORLD/logs/load-$1")"
}
arrived() { at_hub "$SITE" $((PART * $1)); }
await_part() { wait_for "$SYNC_S" "part $1 at the hub" arrived "$1"; }
# ahead NAME BEGIN...: this program is started ten years ahead.
ahead() {
	local program=$1 name=$2
	shift 2
	mkdir -p "$WORLD/late-$name"
	ln -sf "$program" "$WORLD/late-$name/weir-$name"
	WEIR_LATE_S=$TEN_YEARS_S BIN=$WORLD/late-$name "$@"
}

world_begin
study_begin "$SITE"
site "$SITE"
wait_for 30 "the study" knows_study "$SITE"
part 1
await_part 1

say "the clock of the node is ten years ahead, and comes back"
stop "node-$SITE"
ahead "$LATE_NODE" node node_start "$SITE"
part 2
await_part 2
node "$SITE" status | grep -q "clock is 3,653 days ahead of the hub's" ||
	wrong "the node does not say that its clock is off: $(node "$SITE" status)"
hub status | grep -q "clock was 3,653 days ahead of the hub's" ||
	wrong "the hub does not say that a clock is off: $(hub status)"
stop "node-$SITE"
node_start "$SITE"
part 3
await_part 3
if { node "$SITE" status; hub status; } | grep -q 'clock'; then wrong "a clock is still off"; fi

say "the clock of the hub is ten years ahead, and comes back"
stop hub
ahead "$LATE_HUB" hub hub_start
# Between the greeting, which says the time, and the word that comes behind it nothing is taken.
is_behind() { node "$SITE" status | grep -q "clock is 3,653 days behind the hub's"; }
wait_for "$SYNC_S" "the node to say that the clocks differ" is_behind
part 4
await_part 4
stop hub
hub_start
part 5
await_part 5

say "every record is at the hub once, in order"
have=$(counts "$SITE")
read -r node_c node_r <<<"${have%%$'\n'*}"
read -r hub_c hub_r permitted held denied <<<"${have#*$'\n'}"
say "at the node $node_c and $node_r, at the hub $hub_c and $hub_r: $permitted permitted, $held held," \
	"$denied denied"
[ "$node_r $hub_r" = "$((5 * PART)) $((5 * PART))" ] || wrong "not every record is there once"
[ "$node_c" = "$hub_c" ] || wrong "the hub has other control entries than the node"
[ $((permitted + held + denied)) = "$hub_r" ] || wrong "not every record has one verdict"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
node "$SITE" check >/dev/null || wrong "the vault of the node is not sound"
say "clocks: all as it should be"
