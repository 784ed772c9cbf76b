#!/usr/bin/env bash
# export_fhir - consents of every event leave the hub as a FHIR R4 bundle that other people's software
# takes; who exports has to be an officer, and the log says so.
#
# Without npm the package's judgement is skipped, and said so; all else is looked at.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
# shellcheck source=tests/fhir/lib.sh
. "$SOURCE/tests/fhir/lib.sh"
FIRST=12
LEVELS=(no-further-contact no-more-collection no-further-use erase)
REASON="example: the ethics office asked for the consents"

# export FILE ARGUMENTS...
fhir_export() {
	local out=$1
	shift
	quiet as officer export fhir "$@" --out "$WORLD/$out" --reason "$REASON"
}
count() { grep -c "\"resourceType\":\"$1\"" "$WORLD/$2" || true; }
expect() { [ "$1" = "$2" ] || wrong "$3: $1, expected $2"; }
is_logged() {
	"$BIN/weir-audit" list "$HUB/log" --json --action consents-exported >"$WORLD/leaves" 2>/dev/null
	[ "$(python3 "$HERE/look.py" leaves consents-exported <"$WORLD/leaves" | cut -d' ' -f1)" = 5 ]
}
everything_came() {
	node exa status --json >"$WORLD/status"
	[ "$(python3 "$HERE/look.py" waiting C <"$WORLD/status")" = 0 ] &&
		[ "$(python3 "$HERE/look.py" waiting A <"$WORLD/status")" = 0 ]
}

world_begin
example_pack "$WORLD/pack"
hub_open "$WORLD/pack"
approval ethics --kind rec
approval site-exa --kind nhs_rg --site exa
site exa
wait_for "$SYNC_S" "the study at exa" knows_study exa
quiet node exa delegation add local-1 consent --from 2026-01-01
mapfile -t CODES < <(node exa code make --count "$FIRST")
"$SOURCE/tests/fhir/consents.py" "$WORLD/pack" first "${CODES[@]}" >"$WORLD/first.csv"
quiet node exa import --form consent "$WORLD/first.csv"
"$SOURCE/tests/fhir/consents.py" "$WORLD/pack" later "${CODES[@]}" >"$WORLD/later.csv"
quiet node exa import --form consent "$WORLD/later.csv"
for i in "${!LEVELS[@]}"; do
	printf '%s\n' "${CODES[FIRST - 1 - i]}" >"$WORLD/code"
	quiet node exa change --level "${LEVELS[i]}" --file "$WORLD/code"
done
wait_for "$SYNC_S" "the consents at the hub" everything_came

say "an officer, with a reason, into a new file"
refused 1 'no role' as researcher export fhir --all --out "$WORLD/no.json" --reason "$REASON"
refused 2 'reason' as officer export fhir --all --out "$WORLD/no.json"
refused 1 'telephone number' as officer export fhir --all --out "$WORLD/no.json" --reason "ring 07700 900123"
refused 2 'says whom' as officer export fhir --out "$WORLD/no.json" --reason "$REASON"
refused 1 'no site' as officer export fhir --site nowhere --out "$WORLD/no.json" --reason "$REASON"
[ ! -e "$WORLD/no.json" ] || wrong "a refused export left a file"
fhir_export all.json --all
refused 1 'there already' as officer export fhir --all --out "$WORLD/all.json" --reason "$REASON"
fhir_export again.json --all
cmp "$WORLD/all.json" "$WORLD/again.json" || wrong "the same vault gave other bytes"

say "what is in it"
expect "$(count ResearchStudy all.json)" 1 "studies"
expect "$(count ResearchSubject all.json)" "$FIRST" "persons"
expect "$(count Consent all.json)" $((FIRST + 2 + ${#LEVELS[@]})) "versions"
expect "$(count Provenance all.json)" "$(count Consent all.json)" "provenances"
[ "$(count DocumentReference all.json)" -ge 1 ] || wrong "no form is in the bundle"
for code in "${CODES[@]}"; do
	if grep -qi "$code" "$WORLD/all.json"; then wrong "a study code is in the bundle"; fi
done
for name in 'Example Name' 'Example Parent' 'Example Witness' 'example nurse'; do
	if grep -q "$name" "$WORLD/all.json"; then wrong "a name is in the bundle"; fi
done
for said in confidentiality protocol-version controllers recipients storage-location retention jurisdiction \
	gdpr-art6 gdpr-art9 dpa2018 schema-version; do
	expect "$(grep -c "urn:x-weir:$said\"" "$WORLD/all.json")" "$(count Consent all.json)" "consents that say $said"
done
expect "$(grep -o 'urn:x-weir:receipt","valueString":"[^"]*"' "$WORLD/all.json" | sort -u | wc -l)" \
	"$(count Consent all.json)" "receipts"
# Nobody takes a change; all else was taken by who stands on the delegation log.
expect "$(grep -c 'urn:x-weir:delegation-leaf"' "$WORLD/all.json")" $((FIRST + 2)) "consents taken by who may take them"
# A change approaches nobody either.
expect "$(grep -c 'urn:x-weir:task"' "$WORLD/all.json")" $((FIRST + 2)) "consents that say who approached"
if grep -q '"withdrawn"' "$WORLD/all.json"; then wrong "a status says withdrawn"; fi

say "one site, one person"
fhir_export site.json --site exa
fhir_export none.json --site exb
expect "$(count Consent site.json)" "$(count Consent all.json)" "versions of the site"
expect "$(count Consent none.json)" 0 "versions of another site"
ENTRY=$(grep -oE '[0-9a-f]{8}\.1\.C\.[0-9]+' "$WORLD/all.json" | head -n 1)
fhir_export person.json --participant-of "$ENTRY"
expect "$(count ResearchSubject person.json)" 1 "persons"
wait_for 20 "the acts in the log" is_logged
grep -rqa "\"purpose\":\"$REASON\"" "$HUB/log" || wrong "the log does not say why"
grep -q '"officer"' "$WORLD/leaves" || wrong "the log does not say who"
sound_memory "$WORLD"/logs/*

if fhir_ready; then
	fhir_validate "$WORLD/all.json" --mutants || wrong "npm fhir refuses the bundle"
	for file in site none person; do
		fhir_validate "$WORLD/$file.json" >"$WORLD/logs/fhir" || wrong "npm fhir: $(cat "$WORLD/logs/fhir")"
	done
	say "export_fhir: other people's software takes it"
else
	say "skipped: the judgement of npm fhir, since it cannot be had"
fi
