#!/usr/bin/env bash
# A record that comes with sound needs the permission record-audio beside that for answers (R08): without it
# a tablet's record is held at the site, with the reason, and nothing of it is sent; with it, it is counted. So
# it is with sound that stays at the site.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/sounding.sh
. "$HERE/sounding.sh"
SITE=exa

recorded() { python3 "$HERE/audio.py" recorded "$BASE" "$@"; }

world_begin
study_with_sound
study_begin $SITE
site $SITE
BASE=$(open_tablet $SITE)
mapfile -t codes < <(node $SITE code make --count 4 | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}')

# held_for_sound CODE QUESTION: held with the reason, and dropped.
held_for_sound() {
	[ "$(recorded "$1" no "$2")" = 202 ] || wrong "the sound of who does not permit it was not held: $2"
	local held
	held=$(node $SITE held list | cut -d' ' -f1)
	node $SITE held show "$held" >"$WORLD/held"
	grep -q 'R08: the person did not permit being recorded' "$WORLD/held" || wrong "the coordinator is not told why: $(cat "$WORLD/held")"
	node $SITE held drop "$held" >"$WORLD/logs/dropped" 2>&1 || wrong "it cannot be dropped: $(cat "$WORLD/logs/dropped")"
}
held_for_sound "${codes[0]}" photo
held_for_sound "${codes[1]}" signature
[ "$(recorded "${codes[2]}" yes photo)" = 201 ] || wrong "the sound of who permits it was not taken"
[ "$(recorded "${codes[3]}" yes signature)" = 201 ] || wrong "the sound that stays here was not taken"
wait_for "$SYNC_S" "the records that may go, and no other" at_hub $SITE 2
[ -z "$(node $SITE held list --json | tr -d '[]\n ')" ] || wrong "something is still held"
stop node-$SITE
sound_memory "$WORLD/logs/node-$SITE.log"
say "recorded: sound goes where the person permits it, and is held with the reason where not"
