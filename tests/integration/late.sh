#!/usr/bin/env bash
# A site is silent for longer than a withdrawal may take (row 51): whoever withdrew there is not known
# at the hub, so the site is late and none of its records is released. What it says in a bundle, or in
# a session, brings it back. That it left the study and lets its data be used changes nothing, until
# an officer closes its computer: then its people ring the hub, and their receipts say so.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden usa)
SILENT=norway
CODE=N0003
OTHER=N0005
ROWS=24
DAYS=8

base_of() {
	awk -F, -v site="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$at["indicator"] == "W01" && $at["site"] == site && $at["statistic"] == "n" {
			print $at["value"] }' "$2"
}
release_of() { # FILE BASE-OF-THE-SILENT BASE-OF-ALL
	local found
	release_stage W01
	release_approve
	release_publish "$1"
	for found in "$SILENT=$2" "ALL=$3"; do
		[[ "$(base_of "${found%%=*}" "$1")" == ${found#*=} ]] ||
			wrong "$1: ${found%%=*} has a base of '$(base_of "${found%%=*}" "$1")', expected ${found#*=}"
	done
}
is_alone() { [ "$(hub status | grep -c 'withdrew at .* since')" = 1 ]; }
is_named() { hub status | grep -q "withdrew at $SILENT since"; }

world_begin
cp -r "$STUDY" "$WORLD/study"
sed -i 's/^\[withdrawal\]/&\ndone.within = 7 days/' "$WORLD/study/study.ini"
hub_open "$WORLD/study"
approvals "${SITES[@]}"
for name in "${SITES[@]}"; do
	site "$name"
	wait_for 30 "the study at $name" knows_study "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" "$ROWS" >"$WORLD/$name.csv"
	quiet load "$name" "$WORLD/$name.csv"
done
for name in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$ROWS"
done
is_named && wrong "a site that is connected is called silent"

# It leaves and lets its data be used; what its people said until then is known.
quiet hub person add overseer --name "Example overseer" --organisation "$SILENT" --role overseer \
	--passphrase-fd 3 3< <(pass root; pass overseer)
quiet as researcher site leave "$SILENT" --data keep --on "$(date -u -d tomorrow +%F)" --reason example
quiet as overseer site leave "$SILENT" --agree

# Eight days later the hub is there again, and three of the four sites. At the fourth a person withdraws,
# and the node cannot say so.
for name in "${SITES[@]}"; do stop "node-$name"; done
stop hub
WEIR_CLOCK_OFFSET_S=$((DAYS * 86400))
export WEIR_CLOCK_OFFSET_S
node_start "$SILENT"
printf '%s\n' "$CODE" >"$WORLD/code"
quiet node "$SILENT" change --level no-further-use --file "$WORLD/code"
quiet node "$SILENT" bundle write "$WORLD/stick"
stop "node-$SILENT"
hub_start
for name in australia sweden usa; do node_start "$name"; done
wait_for 60 "the word of the other three" is_alone
is_named || wrong "another site is called silent"
keeper_unlock
release_of "$WORLD/without.csv" late $((3 * ROWS))
say "$SILENT is late: $((3 * ROWS)) of $((4 * ROWS)) people"

# What it had to say comes on a stick.
quiet hub bundle read "$WORLD/stick"
is_named && wrong "a site is called silent whose bundle was read"
release_of "$WORLD/with.csv" $((ROWS - 1)) $((4 * ROWS - 1))
say "a bundle brings it back, without the person who withdrew: $((4 * ROWS - 1))"

# Its computer was given back: an officer closes it. What it has counts on, and who withdraws there rings.
quiet as officer node revoke "$(hub status | awk -v site="$SILENT" '$1 == site { print $2; exit }')" \
	--reason "example: the computer was given back"
is_named && wrong "a site whose computers are closed is called silent"
release_of "$WORLD/closed.csv" $((ROWS - 1)) $((4 * ROWS - 1))
node_start "$SILENT"
is_closed() { node "$SILENT" status --json | grep -q '"closed":true'; }
wait_for 30 "the closing at the node" is_closed
printf '%s\n' "$OTHER" >"$WORLD/code"
node "$SILENT" change --level no-further-use --file "$WORLD/code" >"$WORLD/receipt"
grep -q 'ring the number above' "$WORLD/receipt" && ! grep -q 'everywhere by' "$WORLD/receipt" ||
	wrong "the receipt of a closed site promises a day: $(cat "$WORLD/receipt")"
say "closed after it left: it counts, and receipts there ask to ring"
