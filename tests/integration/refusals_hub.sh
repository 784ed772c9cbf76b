#!/usr/bin/env bash
# What the hub refuses: one sentence, the right exit code, and nothing changed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What a refusal must not change: what the log, the persons, the approvals and the study say. Failed
# attempts may add leaves of their own, so the log's size is not among it.
facts() {
	hub person list --json
	hub approval list --json
	hub study show --json
	hub invites --json
	hub release list --json
}
unchanged() { [ "$(facts)" = "$before" ] || wrong "a refusal changed something"; }
run_hub() {
	"$BIN/weir-hub" run --dir "$1" "${SANDBOX[@]}" --passphrase-fd 3 3< <(pass "$2")
}
files_of() { (cd "$1" && find . -type f ! -name lock.mdb -print0 | sort -z | xargs -0 sha256sum); }

world_begin
say "before there is a hub"
refused '1|3' 'hub' hub status
refused 1 'no such directory' hub init --study "$WORLD/nothing" --passphrase-fd 3 3< <(pass root; pass services)
cp -r "$STUDY" "$WORLD/faulty"
sed -i 's/^select_one poverty,/select_one porridge,/' "$WORLD/faulty/forms/attitudes/survey.csv"
refused 1 'fault\|porridge\|choice list' hub init --study "$WORLD/faulty" --passphrase-fd 3 \
	3< <(pass root; pass services)
refused 2 'study' hub init
[ ! -e "$HUB/hub.ini" ] || wrong "a refused init left a hub"
hub_init
refused 1 'already' hub init --study "$STUDY" --passphrase-fd 3 3< <(pass root; pass services)

say "before it runs"
refused 3 'weir-hub run' hub status
refused 3 'weir-hub run' as researcher invite norway
refused 3 'weir-hub run' hub site merge norway usa --into sweden --on 2026-12-01 --reason x --by officer </dev/null
refused 1 'passphrase' run_hub "$HUB" researcher

hub_start
say "a second one at the same place, and one at the same port"
refused '1|3' 'already running' run_hub "$HUB" services
(
	HUB=$WORLD/second
	hub_init
)
refused 3 "$PORT" run_hub "$WORLD/second" services

persons
say "before the keeper is set up"
refused 1 'keeper' as officer study publish "$STUDY"
keeper_setup
publish
approvals norway
before=$(facts)

say "wrong passphrases and persons"
refused 1 'passphrase' hub approval add x --kind rec --decision favourable --from 2026-01-01 \
	--by researcher --passphrase-fd 3 3< <(pass officer)
refused 1 'passphrase' hub person add helper --role officer --organisation example \
	--passphrase-fd 3 3< <(pass officer; pass helper)
refused 1 'nobody' as nobody invite norway
refused 1 'an id of the study already' hub person add officer --role officer --organisation example </dev/null
refused 2 'role' hub person add helper --role king
refused 2 'organisation' hub person add helper --role officer
refused 2 'by' hub invite norway
refused 2 'scrub. takes no --by' hub scrub --by officer
refused 2 'the officer who carries it out' hub erase run
refused 2 '^weir-hub: an option is not known$' hub erase run --hunter2
refused '1|2' 'hours' as researcher invite norway --hours 100
refused 2 'an argument is empty' as officer node revoke "" --reason x
refused 2 'from 1 to 86400' hub drain --retry 99999999
printf 'version = \xff\n' >"$WORLD/not-text"
refused 1 'not-text: not UTF-8 text' hub rules try "$WORLD/not-text"
printf '[rules]\0\n' >"$WORLD/not-text"
refused 1 'not-text: not UTF-8 text' as officer rules site norway "$WORLD/not-text"
head -c 70000 /dev/zero | tr '\0' ';' >"$WORLD/not-rules"
refused 1 'not-rules: more than 65536 bytes' hub rules try "$WORLD/not-rules"
unchanged

say "unknown things"
refused 1 'site' as researcher invite atlantis
refused 1 'approval' as officer approval verify nothing
refused 1 'invitation' as second-researcher admit 00000000 --groups "1234 1234 1234 1234 1234 1234"
refused 1 'release' hub release show nothing
refused 1 'indicator' as researcher release propose W99 --purpose x
refused 1 'writer\|entry\|form' hub why 00000000.1.R.1
refused 1 '.' hub why nothing
refused 2 '.' hub frobnicate
unchanged

say "studies that are not this one"
cp -r "$STUDY" "$WORLD/stranger"
sed -i 's/^id = .*/id = another-study/' "$WORLD/stranger/study.ini"
refused 1 'study' as officer study publish "$WORLD/stranger"
refused 1 'another-study.*wvs-poverty' hub study diff "$WORLD/stranger"
refused 1 'fault' as officer study publish "$WORLD/faulty"
refused 1 '.' as officer study publish "$WORLD/nothing"
cp -r "$STUDY" "$WORLD/newer"
sed -i 's/^title = Attitudes.*/title = Another title/' "$WORLD/newer/study.ini"
quiet as officer study publish "$WORLD/newer"
refused 1 'differs' as second-officer study verify --pack "$STUDY"
unchanged

say "a locked keeper"
refused 1 'locked' as researcher release propose W01 --purpose x --no-wait
unchanged

say "a full disk"
stop hub
if small_disk 160m "$HUB"; then
	hub_start
	fill 2
	refused 3 'full' as researcher approval add late --kind rec \
		--decision favourable --from 2026-01-01
	unchanged
	drain
	quiet as researcher approval add late --kind rec --decision favourable --from 2026-01-01
	stop hub
	rm "$HUB"
	cp -r "$DISK" "$HUB"
else
	say "skipped: no small disk can be mounted by this user"
fi

say "a damaged store"
cp -r "$HUB/vault" "$WORLD/vault-kept"
python3 "$HERE/damage.py" "$HUB/vault/data.mdb"
files_of "$HUB/vault" >"$WORLD/damaged"
refused 3 '.' run_hub "$HUB" services
files_of "$HUB/vault" | cmp -s - "$WORLD/damaged" || wrong "a damaged store was written to"
rm -r "$HUB/vault"
cp -r "$WORLD/vault-kept" "$HUB/vault"
head -c 8192 /dev/zero | dd of="$HUB/vault/data.mdb" conv=notrunc status=none
refused 3 '.' run_hub "$HUB" services
rm -r "$HUB/vault"
cp -r "$WORLD/vault-kept" "$HUB/vault"

say "a log that says more than the vault"
cp "$HUB/journal/"* "$WORLD/"
hub_start
quiet as researcher approval add later --kind rec --decision favourable --from 2026-01-01
stop hub
rm -r "$HUB/vault"
cp -r "$WORLD/vault-kept" "$HUB/vault"
mv "$HUB/log" "$WORLD/log-kept"
refused '1|3' 'older than the journal' run_hub "$HUB" services
rm -rf "$HUB/log"
mv "$WORLD/log-kept" "$HUB/log"
hub_start
grep -q 'leaves were read back from the log' "$WORLD/logs/hub.log" ||
	wrong "the hub does not say that its vault went backwards"
stop hub
