#!/usr/bin/env bash
# A record that is held at a site when the intake key is renewed: the number that it is sealed for stays as
# long as it is held, the hub's status names the site, and accepted it opens; then the number is destroyed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=sweden
ROWS=46
AFTER=15 # of the first answer; with one that does not open 16, or a base of 45

key_is() { [ "$(hub status --json | json "keys.$1.$2")" = "$3" ]; }
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
waits_for() { hub status | grep -qE -- "$1"; }
says() { node $SITE status --json | grep -q -- "$1"; }
# figure FILE LEVEL STATISTIC: of the site, all its people.
figure() {
	awk -F, -v level="$2" -v what="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		function is_all(name) { return !(name in at) || $at[name] == "ALL" }
		$at["indicator"] == "W01" && $at["site"] == "sweden" && is_all("gender") && is_all("degree") &&
			$at["level"] == level && $at["statistic"] == what { print $at["value"] }' "$1"
}
# tablet CODE ANSWER: what a tablet sends about the person.
tablet() {
	local base
	node $SITE collector add tablet --name "example tablet" --url "http://$(door $SITE)" --json >"$WORLD/token"
	base=http://$(door $SITE)/key/$(json token <"$WORLD/token")
	cat >"$WORLD/held.xml" <<XML
<?xml version="1.0"?><data id="attitudes" version="1" xmlns:orx="http://openrosa.org/xforms"><participant>$1</participant><poverty>$2</poverty><religion>no</religion><degree>yes</degree><age>40</age><gender>male</gender><meta><orx:instanceID>uuid:5ba6fd33-8f0f-4b5e-9f3c-0f6c2f6e9a01</orx:instanceID></meta></data>
XML
	wait_for 15 "the access of the tablet" python3 "$HERE/collect.py" "$base" forms
	python3 "$HERE/collect.py" "$base" send "$WORLD/held.xml" >"$WORLD/said" 2>&1 || true
	grep -q '^202' "$WORLD/said" || wrong "the record was not held: $(cat "$WORLD/said")"
}

world_begin
hub_init
hub_start
persons
keeper_setup
publish
approvals $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
wait_for 30 "the door" test -s "$(node_dir $SITE)/run/intake.address"
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
# The last person's record says the first answer; another one of the same person is held.
tablet "S00$ROWS" 3
HELD=$(node $SITE held list | cut -d' ' -f1)
[ -n "$HELD" ] || wrong "nothing is held"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"

keeper_unlock
quiet as officer keys renew --reason "example: a laptop was lost"
wait_for 45 "a new intake number" key_is intake newest 2
publish
wait_for 10 "the number in the manifest" key_is intake told 2
wait_for 20 "the word of the site" waits_for "for $SITE .*holds 1 records"
quiet hub_keyed backup "$WORLD/backup"
sleep 12 # the hub looks whether a number may go each ten seconds
key_is intake oldest 1 || wrong "a number was destroyed that a held record is sealed for"
# Two weeks before its end the site is warned; a start says nothing anew and loses nothing.
stop node-$SITE
WEIR_CLOCK_OFFSET_S=$((46 * 86400)) node_start $SITE
wait_for 10 "the warning" says 'sealed for an older key of the study'
stop node-$SITE
node_start $SITE
key_is intake oldest 1 || wrong "a number was destroyed that a held record is sealed for"

quiet node $SITE held accept "$HELD"
wait_for "$SYNC_S" "the receipt of what was held" at_hub $SITE "$((ROWS + 1))"
wait_for 20 "the word that it is free" eval "! waits_for 'for $SITE '"
# What came since belongs into the keyring, and that into a backup.
for ((i = 0; i < 4; i++)); do
	quiet hub_keyed backup "$WORLD/later-$i"
	sleep 6
	key_is intake oldest 2 && break
done
key_is intake oldest 2 || wrong "the old number is not destroyed: $(hub status | grep -A3 '^keys')"
release_stage W01
release_approve
release_publish "$WORLD/after.csv"
[ "$(figure "$WORLD/after.csv" "" n)" = "$ROWS" ] || wrong "a base of $(figure "$WORLD/after.csv" "" n): $(head -5 "$WORLD/after.csv")"
[ "$(figure "$WORLD/after.csv" 1 count)" = $AFTER ] || wrong "the first answer: $(figure "$WORLD/after.csv" 1 count)"
say "held across a renewal, accepted, opened; number 1 is destroyed"
