# shellcheck shell=bash disable=SC2034,SC2154
# held - what the tests share that hold a record across a renewal of the intake key; sourced behind lib.sh,
# with SITE set. Persons and answers here are examples.

key_is() { [ "$(hub status --json | json "keys.$1.$2")" = "$3" ]; }
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
waits_for() { hub status | grep -qE -- "$1"; }
says() { node "$SITE" status --json | grep -q -- "$1"; }
# figure FILE LEVEL STATISTIC: of the site, all its people.
figure() {
	awk -F, -v level="$2" -v what="$3" -v site="$SITE" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		function is_all(name) { return !(name in at) || $at[name] == "ALL" }
		$at["indicator"] == "W01" && $at["site"] == site && is_all("gender") && is_all("degree") &&
			$at["level"] == level && $at["statistic"] == what { print $at["value"] }' "$1"
}
# tablet CODE ANSWER: what a tablet sends about the person.
tablet() {
	local base
	base=$(open_tablet "$SITE")
	cat >"$WORLD/held.xml" <<XML
<?xml version="1.0"?><data id="attitudes" version="1" xmlns:orx="http://openrosa.org/xforms"><participant>$1</participant><poverty>$2</poverty><religion>no</religion><degree>yes</degree><age>40</age><gender>male</gender><meta><orx:instanceID>uuid:5ba6fd33-8f0f-4b5e-9f3c-0f6c2f6e9a01</orx:instanceID></meta></data>
XML
	python3 "$HERE/collect.py" "$base" send "$WORLD/held.xml" >"$WORLD/said" 2>&1 || true
	grep -q '^202' "$WORLD/said" || wrong "the record was not held: $(cat "$WORLD/said")"
}
# hold_one ROWS: so many records of persons at the hub, the last of whom has another one that is held, HELD.
hold_one() {
	wait_for 30 "the study" knows_study "$SITE"
	python3 "$HERE/look.py" rows "$(code_letter "$SITE")" "$1" >"$WORLD/rows.csv"
	quiet load "$SITE" "$WORLD/rows.csv"
	tablet "S00$1" 3
	HELD=$(node "$SITE" held list | cut -d' ' -f1)
	[ -n "$HELD" ] || wrong "nothing is held"
	wait_for "$SYNC_S" "the receipts" at_hub "$SITE" "$1"
}
# opened_in FILE ROWS COUNT: a release of the first indicator has this base, and so many of the first answer.
opened_in() {
	release_stage W01
	release_approve
	release_publish "$1"
	[ "$(figure "$1" "" n)" = "$2" ] || wrong "a base of $(figure "$1" "" n): $(head -5 "$1")"
	[ "$(figure "$1" 1 count)" = "$3" ] || wrong "the first answer: $(figure "$1" 1 count)"
}
