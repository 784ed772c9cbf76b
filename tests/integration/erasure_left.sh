#!/usr/bin/env bash
# Somebody is erased of whom there is more than answers: a record with sound whose pieces are at the hub,
# two records that are held at the site, one of a form version that nobody there knows, and a fork. The
# person was entered at a copy of a node, whose bundle showed the hub that the node is in use twice; the
# copy went on, and the entries came again under another incarnation. Afterwards every table of the hub's
# vault is opened and looked through, and every file of both: nothing is left, and what is said of the
# fork still stands. The same finds it all before.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/carried.sh
. "$HERE/carried.sh"
# shellcheck source=tests/integration/sounding.sh
. "$HERE/sounding.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
ATTACK_HUB=${1:-$BIN/attack_hub}
SITE=exa
STORE=
SOUND_BYTES=200000 # four pieces

# The door of a node takes a free port at each start.
started() {
	node_start $SITE
	BASE=$(tablet_at $SITE "${BASE##*/}")
}
# visited CODE: the person agrees, and has a record with sound.
visited() {
	local status
	status=$(python3 "$HERE/audio.py" recorded "$BASE" "$1" yes photo $SOUND_BYTES)
	[ "$status" = 201 ] || wrong "the sound was not taken: $status"
}
all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "$1"; }
# copied NAME: stores and secrets of the hub, as they are.
copied() {
	cp -r "$HUB" "$WORLD/$1"
	secrets_of_hub "$WORLD/$1" >"$WORLD/$1-secrets"
}
is_asked() { node $SITE status | grep -q 'weir-node survive'; }
has_evidence() { grep -aq 'evidence-' "$HUB/vault/data.mdb"; }

world_begin
STORE=$(node_dir $SITE)/vault
study_with_sound
study_begin $SITE
site $SITE
BASE=$(open_tablet $SITE)
mapfile -t codes < <(node $SITE code make --count 3 | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' | tr -d -)
PERSON=${codes[2]}
visited "${codes[0]}"
wait_for "$SYNC_S" "the first file" files_at_hub $SITE 1

# The machine is put back to a copy of before the second person, and the third comes to that.
stop node-$SITE
cp -r "$(node_dir $SITE)" "$WORLD/before"
started
visited "${codes[1]}"
wait_for "$SYNC_S" "the second file" files_at_hub $SITE 2
stop node-$SITE
hub_away
rm -r "$(node_dir $SITE)"
cp -r "$WORLD/before" "$(node_dir $SITE)"
started
visited "$PERSON"
python3 "$HERE/audio.py" held "$BASE" "$PERSON" >"$WORLD/said"
[ "$(grep -cx 202 "$WORLD/said")" = 2 ] || wrong "the other records were not held: $(cat "$WORLD/said")"
quiet node $SITE bundle write "$WORLD/bundle"
refused 1 'in use twice' hub bundle read "$WORLD/bundle"
has_evidence || wrong "the hub kept nothing of the fork"
hub_back
wait_for 30 "the question which copy goes on" is_asked
quiet node $SITE survive --yes
# The second file was never here.
wait_for "$SYNC_S" "the third file" files_at_hub $SITE 2
wait_for "$SYNC_S" "all records" all_sent 3

# What there is of the person, and where.
python3 "$HERE/erased.py" find "$STORE" "$PERSON" "$WORLD/words" 2 >/dev/null
for name in pseudonym rules answers wrap_study root chunk held; do
	grep -q "^$name " "$WORLD/words" || wrong "the search has no $name to look for: $(cut -d ' ' -f 1 "$WORLD/words" | paste -sd ' ')"
done
[ "$(grep -c '^held ' "$WORLD/words")" = 2 ] || wrong "not both of what is held are the person's: $(cut -c 1-20 "$WORLD/words")"
if search "$WORLD/words" "$STORE" >"$WORLD/hits"; then wrong "the search finds nothing even before"; fi
[ "$(wc -l <"$WORLD/hits")" -ge "$(wc -l <"$WORLD/words")" ] || wrong "not all is found before: $(cat "$WORLD/hits")"
sleep 1
copied old-hub
rows_with "$WORLD/words" "$WORLD/old-hub" "$WORLD/old-hub-secrets" >"$WORLD/rows"
for found in "parts pseudonym" "parts answers" "parts root" "people pseudonym" "consents pseudonym" "files root" \
	"chunks root" "chunks chunk"; do
	grep -q "^$found " "$WORLD/rows" || wrong "no '$found' before: $(cat "$WORLD/rows")"
done
say "before: $(paste -sd ';' "$WORLD/rows")"

number=$(ask "$PERSON")
wait_for 30 "the wish at the hub" is_state "$number" stopped
quiet as officer erase run
wait_for 20 "the person gone" is_state "$number" gone
wait_for 30 "the site to delete" is_gone_here "$number"
[ -z "$(node $SITE held list 2>/dev/null)" ] || wrong "a record of the person is still held"

grep -v '^pseudonym' "$WORLD/words" >"$WORLD/parts"
search "$WORLD/words" "$(node_dir $SITE)" "$HUB/vault" "$HUB/keyring" "$HUB/log" "$HUB/shelf" >"$WORLD/hits" ||
	wrong "bytes of the person: $(cat "$WORLD/hits")"
search "$WORLD/parts" "$HUB" >"$WORLD/hits" || wrong "parts at the hub: $(cat "$WORLD/hits")"
sleep 1
copied new-hub
rows_with "$WORLD/words" "$WORLD/new-hub" "$WORLD/new-hub-secrets" >"$WORLD/rows"
[ ! -s "$WORLD/rows" ] || wrong "rows of the person are left: $(cat "$WORLD/rows")"
has_evidence || wrong "what showed the fork is gone, too"
# The same search finds who stays, and the sound of the others is whole.
python3 "$HERE/erased.py" find "$STORE" "${codes[0]}" "$WORLD/survivor" >/dev/null
rows_with "$WORLD/survivor" "$WORLD/new-hub" "$WORLD/new-hub-secrets" | grep -q '^chunks chunk ' ||
	wrong "the sound of somebody else is gone"
quiet hub_keyed check --read-data
quiet node $SITE check --read-data
sound_memory "$WORLD/logs/node-$SITE.log" "$WORLD/logs/hub.log"
say "nothing is left in any table and any file"
