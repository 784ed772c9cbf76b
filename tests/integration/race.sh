#!/usr/bin/env bash
# Rows 9 and 55 of the fault matrix. A withdrawal comes while a release is published: it is before or
# after it in the one order of the log, and what was published agrees with that. The keeper is killed
# while it makes a release: the release is there whole or not at all, its leaf is in the log either way,
# and the next one is made as if nothing had been.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
ROWS=24
# Seconds that the withdrawal, and the keeper's end, come after what they race with.
AFTER_S=(0 0.4 0.8 1.6)
KILL_AFTER_S=(0.3 0.9)

# last_leaf ACTION...: the index of the newest leaf with one of these, -1 if there is none.
last_leaf() {
	"$BIN/weir-audit" list "$HUB/log" --json 2>/dev/null | python3 -c '
import json, sys
print(max([leaf["index"] for leaf in json.load(sys.stdin) if leaf["action"] in sys.argv[1:]], default=-1))' "$@"
}
# leaf_after INDEX ACTION...: there is a newer one.
leaf_after() {
	local index=$1
	shift
	[ "$(last_leaf "$@")" -gt "$index" ]
}
keeper_pid() {
	local pid words
	for pid in $(cat "/proc/${PIDS[hub]}/task/${PIDS[hub]}/children"); do
		mapfile -d '' -t words <"/proc/$pid/cmdline"
		if [ "${words[2]-}" = keeper ]; then printf '%s' "$pid"; fi
	done
}

world_begin
study_begin "${SITES[@]}"
sites_loaded "$ROWS" "${SITES[@]}"
keeper_unlock

# Row 55.
people=$ROWS before=0 after=0
for i in "${!AFTER_S[@]}"; do
	out=$WORLD/race-$i.csv
	last=$(last_leaf participation-changed change-noticed)
	release_stage W01
	release_approve
	printf 'A%04d\n' $((i + 1)) >"$WORLD/code"
	as researcher release publish "$RELEASE" --out "$out" 2>"$WORLD/logs/publish" >&2 &
	publishing=$!
	sleep "${AFTER_S[i]}"
	node australia change --level no-further-use --file "$WORLD/code" >"$WORLD/logs/change" 2>&1 ||
		wrong "the withdrawal was not taken: $(cat "$WORLD/logs/change")"
	published=yes
	wait "$publishing" || published=no
	wait_for 20 "the change in the log" leaf_after "$last" participation-changed
	if [ "$published" = yes ]; then
		before=$((before + 1))
		[ "$(base_of australia "$out")" = "$people" ] ||
			wrong "published before the withdrawal, and with $(base_of australia "$out") of $people"
		first=$("$BIN/weir-audit" list "$HUB/log" --json 2>/dev/null | python3 -c '
import json, sys
last = int(sys.argv[1])
print(min(leaf["index"] for leaf in json.load(sys.stdin)
    if leaf["index"] > last and leaf["action"] in ("participation-changed", "change-noticed")))' "$last")
		[ "$(last_leaf released)" -lt "$first" ] ||
			wrong "a release of one who had withdrawn stands behind the withdrawal"
	else
		after=$((after + 1))
		grep -q 'changed since the freeze' "$WORLD/logs/publish" ||
			wrong "not published, and why: $(cat "$WORLD/logs/publish")"
		[ ! -s "$out" ] || wrong "refused, and a table is there"
	fi
	people=$((people - 1))
done
say "published before the withdrawal: $before, refused behind it: $after"
release_stage W01
release_approve
release_publish "$WORLD/later.csv"
[ "$(base_of australia "$WORLD/later.csv")" = "$people" ] ||
	wrong "$(base_of australia "$WORLD/later.csv") people, not $people"

# Row 9.
made=0
for after_s in "${KILL_AFTER_S[@]}"; do
	frozen=$(last_leaf cohort-frozen)
	as researcher release propose W01 --purpose "example: the keeper is killed" --json \
		>"$WORLD/logs/killed.json" 2>"$WORLD/logs/killed" &
	proposing=$!
	sleep "$after_s"
	pid=$(keeper_pid)
	kill -9 "$pid"
	staged=yes
	wait "$proposing" || staged=no
	is_new() { [ -n "$(keeper_pid)" ] && [ "$(keeper_pid)" != "$pid" ]; }
	wait_for 20 "another keeper" is_new
	if [ "$staged" = yes ]; then
		made=$((made + 1))
		RELEASE=$(json id <"$WORLD/logs/killed.json")
		release_approve
		release_publish "$WORLD/killed-$made.csv"
		[ "$(base_of australia "$WORLD/killed-$made.csv")" = "$people" ] || wrong "half a release"
	else
		[ -s "$WORLD/logs/killed" ] || wrong "a release failed without a word"
	fi
	if [ "$staged" = yes ]; then
		leaf_after "$frozen" cohort-frozen || wrong "a release without a leaf of its freeze"
	fi
	# It is there before it listens.
	opens() { as holder keeper unlock >"$WORLD/logs/opens" 2>&1; }
	wait_for 20 "a keeper that listens" opens
	quiet as second-holder keeper unlock
done
say "killed in ${#KILL_AFTER_S[@]} releases: $made were made all the same"
release_stage W01
release_approve
release_publish "$WORLD/last.csv"
cmp -s "$WORLD/last.csv" "$WORLD/later.csv" || [ "$(base_of ALL "$WORLD/last.csv")" = "$(base_of ALL "$WORLD/later.csv")" ] ||
	wrong "after a keeper was killed the tables are others"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
