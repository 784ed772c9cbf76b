#!/usr/bin/env bash
# demo - one study from four sites to a governed release, on loopback; the main job of ops/demo.
#
#   demo.sh [--once] [--out DIR]
#
# --once: end after the verdict; otherwise everything stays up until Ctrl-C.
# --out DIR: keep released.csv, log/ and vkey there.
# Ends with 0 only if the released tables equal the expected ones cell by cell, what an outsider can
# work out is what it should be, and the log verifies.
# The persons, their passphrases and the consent records are examples made up here; the answers are
# those of tests/data/wvs.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

WVS=$SOURCE/tests/data/wvs
SITES=(australia norway sweden usa)
INDICATORS=(W01 W02 W03 W04 W11 W12 W13 W14)

usage() {
	say "usage: demo.sh [--once] [--out DIR]" >&2
	exit 2
}

once=no out=
while [ $# -gt 0 ]; do
	case $1 in
	--once) once=yes ;;
	--out)
		[ $# -gt 1 ] || usage
		out=$2
		shift
		;;
	*) usage ;;
	esac
	shift
done

# stage WORDS COMMAND...: what it prints comes first, then how long it took.
stage() {
	local words=$1 begin=${EPOCHREALTIME/./} end
	shift
	"$@"
	end=${EPOCHREALTIME/./}
	printf '%-52s %6d.%d s\n' "$words" $(((end - begin) / 1000000)) $(((end - begin) / 100000 % 10))
}

make_hub() {
	hub_init
	hub_start
	persons
	keeper_setup
}
make_study() {
	publish
	approvals "${SITES[@]}"
}
join_sites() {
	local name
	for name in "${SITES[@]}"; do site "$name"; done
	for name in "${SITES[@]}"; do wait_for 30 "the study at $name" knows_study "$name"; done
}
import_rows() {
	local name
	for name in "${SITES[@]}"; do
		load "$name" "$WVS/site_$name.csv" >"$WORLD/logs/import-$name.log" 2>&1 ||
			wrong "the file of $name was not loaded"
		printf '  %-10s %s\n' "$name" "$(paste -sd' ' "$WORLD/logs/import-$name.log")"
	done
}
sync_all() {
	local name rows
	for name in "${SITES[@]}"; do
		rows=$(($(wc -l <"$WVS/site_$name.csv") - 1))
		wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$rows"
	done
}
propose() {
	keeper_unlock
	release_stage "${INDICATORS[@]}"
}
release() {
	release_approve
	release_publish "$WORLD/released.csv"
}
keep_out() {
	mkdir -p "$out"
	rm -rf "$out/log"
	cp "$WORLD/released.csv" "$HUB/vkey" "$out/"
	cp -r "$HUB/log" "$out/log"
}
verify_log() { "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"; }
compare() {
	python3 "$HERE/figures.py" compare "$WORLD/released.csv" "$WVS/expected_released.csv" ||
		wrong "the released tables are not the expected ones"
	python3 "$HERE/figures.py" outsider "$WORLD/released.csv" "$WVS/expected_audit.csv" ||
		wrong "hidden cells are not as open as they should be"
}

look_around() {
	cat <<EOF

Everything is up; Ctrl-C ends it and removes $WORLD. In another terminal:

  export PATH=$BIN:\$PATH WEIR_DIR=$HUB
  weir-hub status
  weir-hub release show $RELEASE
  weir-audit list $HUB/log | tail -n 20
  weir-node status --dir $(node_dir norway)
  echo N0007 | weir-node change --level no-further-use --dir $(node_dir norway)
  weir-hub why ENTRY                      (an entry that the receipt names)

The passphrase of a person is "example passphrase of PERSON", for example of researcher, of
approver, of holder; that of the operator is "example passphrase of services".
EOF
	# wait returns at once with a signal, a sleep in the foreground would not.
	while true; do
		sleep 3600 >/dev/null 2>&1 &
		PIDS[sleep]=$!
		wait "${PIDS[sleep]}" || true
	done
}

world_begin
say "weir: one study, four sites, in $WORLD"
stage "a hub, its persons and its keeper" make_hub
stage "the study and its approvals in force" make_study
stage "four sites invited, joined and admitted" join_sites
stage "every row imported" import_rows
stage "sent to the hub, receipts back" sync_all
say
say "What the hub has:"
hub status
say
stage "keeper unlocked, tables proposed, opened, protected" propose
stage "approved by two persons, published" release
python3 "$HERE/figures.py" show "$WORLD/released.csv"
say
stage "the log verified" verify_log
if [ -n "$out" ]; then keep_out; fi
say
stage "compared with what is expected" compare
if [ "$once" = no ]; then look_around; fi
