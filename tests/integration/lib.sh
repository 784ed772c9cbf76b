# shellcheck shell=bash disable=SC2034
# lib - a hub and its sites on loopback, in a directory of their own; sourced by the demonstration
# and the integration tests.
#
# BIN is the directory of the programs (default build/dev/bin of this tree).
# Always true: what was started is ended by its own pid, whatever happens; WORLD is removed unless
#              WEIR_KEEP is set. A step that fails shows its command, its output and the logs.
# Persons and sites here are examples; a person's passphrase is made from the person's id.

set -Eeuo pipefail
shopt -s inherit_errexit

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$(cd "$HERE/../.." && pwd)
BIN=${BIN:-$SOURCE/build/dev/bin}
STUDY=$SOURCE/tests/data/wvs/study
PERMIT=collect-direct,use-site-report,use-aggregate
START_S=40
SYNC_S=90

export LSAN_OPTIONS=suppressions=$HERE/leaks.supp:print_suppressions=0

declare -A PIDS=()
WORLD=

say() { printf '%s\n' "$*"; }

# What the programs wrote last, for whoever has to find out.
show_logs() {
	local log
	for log in "$WORLD"/logs/*; do
		[ -s "$log" ] || continue
		say "--- ${log##*/}"
		tail -n 15 "$log"
	done
}

wrong() {
	trap - ERR
	say "FAILED: $*"
	# A subshell only says what it met; the logs are shown once, by the script itself.
	if [ -n "$WORLD" ] && [ "$BASHPID" = $$ ]; then show_logs; fi
	exit 1
} >&2

world_begin() {
	WORLD=$(mktemp -d /tmp/weir.XXXXXX)
	HUB=$WORLD/hub
	mkdir -p "$WORLD/logs" "$WORLD/nodes"
	trap world_end EXIT
	trap 'wrong "${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND"' ERR
	trap 'exit 130' INT
	trap 'exit 143' TERM
	PORT=$(python3 "$HERE/look.py" port)
	ADDRESS=tcp://127.0.0.1:$PORT
	SANDBOX=()
	if [ "$(python3 "$HERE/look.py" landlock)" = 0 ]; then SANDBOX=(--no-sandbox); fi
}

# D-95: whatever a test did, no leaf of its log lacks the person, the role or the organisation.
# A log that the test has damaged is not read.
acts_have_owners() {
	[ -e "$HUB/log/checkpoint" ] || return 0
	if "$BIN/weir-audit" list --json "$HUB/log" >"$WORLD/leaves.json" 2>/dev/null; then
		python3 "$HERE/look.py" owners <"$WORLD/leaves.json" >&2
	fi
}

world_end() {
	local status=$? name
	trap - EXIT ERR
	set +e
	for name in "${!PIDS[@]}"; do stop "$name" >/dev/null 2>&1; done
	if [ "$status" = 0 ]; then acts_have_owners || status=1; fi
	if [ -n "$DISK" ]; then umount "$DISK"; fi
	if [ -n "${WEIR_KEEP-}" ]; then
		say "kept: $WORLD" >&2
	else
		rm -rf "$WORLD"
	fi
	exit "$status"
}

# small_disk SIZE DIRECTORY: move what is in it to a disk of its own of this size; 1 when this user
# may not mount one. fill LEFT_MIB takes up its room but for so much, drain gives it back.
DISK=
small_disk() {
	mkdir "$WORLD/disk"
	mount -t tmpfs -o "size=$1" weir-test "$WORLD/disk" 2>/dev/null || return 1
	DISK=$WORLD/disk
	cp -r "$2/." "$DISK"
	rm -r "$2"
	ln -s "$DISK" "$2"
}
fill() {
	local free
	free=$(df --output=avail -B 1M "$DISK" | tail -n 1)
	fallocate -l "$((free - $1))M" "$DISK/filler"
}
drain() { rm "$DISK/filler"; }

# quiet COMMAND...: nothing is printed unless it fails.
quiet() {
	local out=$WORLD/logs/.quiet.$BASHPID
	if "$@" >"$out" 2>&1; then
		rm -f "$out"
		return 0
	fi
	say "--- $*" >&2
	cat "$out" >&2
	rm -f "$out"
	wrong "a step failed"
}

# refused CODE WORDS COMMAND...: ends with this exit code (or "1|2") and says one sentence on
# standard error that has these words; findings in a file and a hint at the help may stand around it.
refused() {
	local codes=$1 words=$2 status=0 sentence
	shift 2
	"$@" >"$WORLD/logs/refused.out" 2>"$WORLD/logs/refused.err" || status=$?
	sentence=$(grep -E '^weir-(hub|node|audit)(-[a-z]+)?: ' "$WORLD/logs/refused.err" || true)
	[[ "|$codes|" == *"|$status|"* ]] ||
		wrong "$*: ended with $status, expected $codes: $sentence"
	[[ $sentence == *[^\ .] && $sentence != *$'\n'* ]] ||
		wrong "$*: says not one sentence: $(cat "$WORLD/logs/refused.err")"
	grep -q -- "$words" <<<"$sentence" || wrong "$*: does not say '$words': $sentence"
	sound_memory "$WORLD/logs/refused.err"
	say "  $status  $sentence"
}

# sound_memory LOG...: no program said anything of a sanitizer. What a confined process cannot read
# (the list of leaks of a library) is none of its findings.
sound_memory() {
	if grep -E 'ERROR: (Address|Leak)Sanitizer|runtime error' "$@"; then wrong "memory: $*"; fi
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || wrong "waited in vain for $what"
		sleep 0.1
	done
}

# at_once COMMAND ARGUMENT...: the command with each argument, all at the same time; each of them may
# change nothing of this shell.
at_once() {
	local command=$1 argument pid pids=()
	shift
	for argument; do
		"$command" "$argument" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || wrong "$command: one of $*"; done
}

# programs

pass() { printf 'example passphrase of %s\n' "$1"; }
hub() { "$BIN/weir-hub" "$@" --dir "$HUB"; }
node_dir() { printf '%s/nodes/%s' "$WORLD" "$1"; }
node() {
	local site=$1
	shift
	"$BIN/weir-node" "$@" --dir "$(node_dir "$site")"
}
# as PERSON COMMAND...: a command of weir-hub that asks for this person's passphrase.
as() {
	local person=$1
	shift
	hub "$@" --by "$person" --passphrase-fd 3 3< <(pass "$person")
}
json() { python3 "$HERE/look.py" json "$@"; }

# Supervisors run in the background, each with a log; the pid kept is the program's own.
is_ready() { tail -n +"$(($2 + 1))" "$WORLD/logs/$1.log" 2>/dev/null | grep -qx ready; }
is_alive() { kill -0 "${PIDS[$1]}" 2>/dev/null; }
await_ready() {
	local name=$1 before=$2 until=$((SECONDS + START_S))
	until is_ready "$name" "$before"; do
		is_alive "$name" || wrong "$name ended at its start"
		[ "$SECONDS" -lt "$until" ] || wrong "$name does not get ready"
		sleep 0.05
	done
}
log_lines() { if [ -e "$WORLD/logs/$1.log" ]; then wc -l <"$WORLD/logs/$1.log"; else echo 0; fi; }

stop() {
	local name=$1 pid=${PIDS[$1]-}
	[ -n "$pid" ] || return 0
	unset "PIDS[$name]"
	kill -TERM "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

hub_begin() {
	"$BIN/weir-hub" run --dir "$HUB" "${SANDBOX[@]}" --passphrase-fd 3 \
		>>"$WORLD/logs/hub.log" 2>&1 3< <(pass services) &
	PIDS[hub]=$!
}
hub_start() {
	local before
	before=$(log_lines hub)
	hub_begin
	await_ready hub "$before"
}
node_begin() {
	local site=$1
	"$BIN/weir-node" run --dir "$(node_dir "$site")" "${SANDBOX[@]}" --passphrase-fd 3 \
		>>"$WORLD/logs/node-$site.log" 2>&1 3< <(pass "$site") &
	PIDS[node-$site]=$!
}
node_start() {
	local before
	before=$(log_lines "node-$1")
	node_begin "$1"
	await_ready "node-$1" "$before"
}

# nodes_start SITE...: of none of which anything runs.
nodes_start() {
	local site
	declare -A before
	for site; do
		before[$site]=$(log_lines "node-$site")
		node_begin "$site"
	done
	for site; do await_ready "node-$site" "${before[$site]}"; done
}

# all_later SECONDS: hub and SITES go on so much later than now.
all_later() {
	local name
	for name in "${SITES[@]}"; do kill -TERM "${PIDS[node-$name]}"; done
	for name in "${SITES[@]}"; do stop "node-$name"; done
	stop hub
	export WEIR_CLOCK_OFFSET_S=$1
	hub_start
	nodes_start "${SITES[@]}"
}

# the hub

hub_init() {
	local study=${1:-$STUDY}
	quiet hub init --study "$study" --listen "$ADDRESS" --kdf interactive \
		--passphrase-fd 3 3< <(pass root; pass services)
}
person() {
	local id=$1 role roles=()
	shift
	for role in "$@"; do roles+=(--role "$role"); done
	quiet hub person add "$id" --name "Example ${id^}" --organisation "Example University" \
		"${roles[@]}" --passphrase-fd 3 3< <(pass root; pass "$id")
}
# in_role PERSON: the role is the last word of the id.
in_role() { person "$1" "${1##*-}"; }
persons() {
	at_once in_role researcher second-researcher officer second-officer approver \
		second-approver holder second-holder
}
keeper_setup() {
	quiet hub keeper setup --holder holder --holder second-holder \
		--passphrase-fd 3 3< <(pass root)
}
keeper_unlock() {
	quiet as holder keeper unlock
	quiet as second-holder keeper unlock
}
publish() {
	quiet as officer study publish "${1:-$STUDY}"
	quiet as second-officer study verify --pack "${1:-$STUDY}"
}
# approval ID ARGUMENTS...: entered by one and verified by another.
approval() {
	local id=$1
	shift
	quiet as researcher approval add "$id" --decision favourable \
		--from "$(date -u -d '-30 days' +%F)" --reference "EXAMPLE/$id" "$@"
	quiet as officer approval verify "$id"
}
agreement() { approval "site-$1" --kind site_agreement --site "$1"; }
approvals() {
	approval ethics --kind rec
	at_once agreement "$@"
}
# papers PACK SITE...: every kind of approval that these sites of a pack need, in a site's own name where
# it is one of a site, and the change of the study that brings forms of phase 2.
papers() {
	local pack=$1 line lines words
	shift
	lines=$(python3 "$HERE/look.py" needs "$pack" "$@")
	while read -ru 9 line; do
		read -ra words <<<"$line"
		approval "${words[@]}"
	done 9<<<"$lines"
}

# sites

groups_of() { grep -oE '([0-9]{4} ){5}[0-9]{4}' "$1" | head -n 1; }
has_groups() { [ -n "$(groups_of "$1")" ]; }
# invitation SITE: the line, into a file of mode 0600; its id is what the hub lists last.
invitation() {
	(umask 077 && as researcher invite "$1" >"$WORLD/invite-$1" 2>"$WORLD/logs/invite-$1.log") ||
		wrong "no invitation for $1"
}
invitation_id() { grep -oE 'invitation [0-9a-f]{8}' "$WORLD/logs/invite-$1.log" | cut -d' ' -f2; }
join_begin() {
	join_start "$1"
	wait_for 20 "the digits of $1" has_groups "$WORLD/logs/join-$1.log"
}
join_start() {
	local site=$1 log=$WORLD/logs/join-$1.log
	rm -f "$log" # of a join before, whose digits are others
	"$BIN/weir-node" join --dir "$(node_dir "$site")" --file "$WORLD/invite-$site" --coordinator c1 \
		--name "example node of $site" --kdf interactive --passphrase-fd 3 \
		>"$log" 2>&1 3< <(pass "$site"; pass "coordinator of $site") &
	PIDS[join-$site]=$!
}
join_end() {
	local site=$1 pid=${PIDS[join-$1]}
	unset "PIDS[join-$site]"
	wait "$pid" || wrong "the node of $site did not join"
}
# intake_at SITE PORT: where the door for tablets listens from its next start on; 0 takes a free port,
# which `door` finds in DIR/run/intake.address.
intake_at() { sed -i "s/^listen = .*/listen = 127.0.0.1:$2/" "$(node_dir "$1")/node.ini"; }
door() { cat "$(node_dir "$1")/run/intake.address"; }
# tablet_base SITE KEY: the address for who has this key, at the door as it is now. takes_tablet: the list of
# forms is given out there.
tablet_base() { printf 'http://%s/key/%s\n' "$(door "$1")" "$2"; }
takes_tablet() { python3 "$HERE/collect.py" "$(tablet_base "$@")" forms; }
# tablet_at SITE KEY: the address, once the door takes the key; after each start of the node another one.
tablet_at() {
	wait_for 30 "the door of $1 to take the tablet" takes_tablet "$@"
	tablet_base "$@"
}
# open_tablet SITE: as soon as the site has the study, the address of a tablet that may send all it likes.
open_tablet() {
	local site=$1 key
	wait_for "$SYNC_S" "the study at $site" knows_study "$site"
	wait_for 30 "the door of $site" test -s "$(node_dir "$site")/run/intake.address"
	key=$(node "$site" collector add tablet --name "example tablet" --url "http://$(door "$site")" \
		--requests-per-minute 60000 --mib-per-day 100000 --json | json token)
	tablet_at "$site" "$key"
}
# site SITE: invited by one person, joined, admitted by another after the digits were compared.
site() {
	local site=$1
	mkdir -p "$(node_dir "$site")"
	invitation "$site"
	join_begin "$site"
	quiet as second-researcher admit "$(invitation_id "$site")" \
		--groups "$(groups_of "$WORLD/logs/join-$site.log")"
	join_end "$site"
	intake_at "$site" 0
	node_start "$site"
}

# sites SITE...: the same of several, side by side.
admit_site() {
	wait_for 20 "the digits of $1" has_groups "$WORLD/logs/join-$1.log"
	quiet as second-researcher admit "$(invitation_id "$1")" \
		--groups "$(groups_of "$WORLD/logs/join-$1.log")"
}
sites() {
	local site
	for site; do mkdir -p "$(node_dir "$site")"; done
	at_once invitation "$@"
	for site; do join_start "$site"; done
	at_once admit_site "$@"
	for site; do
		join_end "$site"
		intake_at "$site" 0
	done
	nodes_start "$@"
}

# load SITE FILE [OPTION...]: the node has the forms of the study only after its first talk with the hub.
load() {
	local site=$1
	shift
	node "$site" import --form attitudes --consent returned-questionnaire \
		--permit "$PERMIT" "$@"
}
# at_hub SITE ROWS: so many records ("9+": or more) are kept, and everything is at the hub by receipt.
at_hub() { node "$1" status --json | python3 "$HERE/look.py" at-hub "$2"; }
# files_at_hub SITE COUNT: its node knows that so many files of records are there.
files_at_hub() { [ "$(node "$1" status --json | json files.at_hub)" = "$2" ]; }
# What the node has and what the hub has of it, in one line that refusals must not change.
counts() {
	node "$1" status --json | python3 "$HERE/look.py" node
	hub status --json | python3 "$HERE/look.py" hub "$1"
}
# of_node SITE PATH: what the hub's status says of the site's node.
of_node() { hub status --json | python3 "$HERE/look.py" of-site "$@"; }
code_letter() {
	local letter=${1:0:1}
	printf '%s' "${letter^^}"
}
# leaves ACTION: how many leaves of it the log of the hub has.
leaves() {
	"$BIN/weir-audit" list "$HUB/log" --json --action "$1" 2>/dev/null |
		python3 "$HERE/look.py" leaves "$1"
}
# acts ACTOR REASON: how many acts of sites it has that this person did, and whose reason begins so.
acts() {
	"$BIN/weir-audit" list "$HUB/log" --json --action act-received 2>/dev/null |
		python3 "$HERE/look.py" acts "$@"
}
has_act() { [ "$(acts "$@")" -ge 1 ]; }
# The study, and the terms of the site: without them nothing is collected.
knows_study() { [ "$(node "$1" status --json | json manifest)" -ge 1 ] && knows_terms "$1" 1; }
# knows_terms SITE NUMBER: of this number or later ones.
knows_terms() { [ "$(node "$1" status --json | json terms.number)" -ge "$2" ]; }
# lacks SITE: what keeps it from collecting, one reason a line.
lacks() { node "$1" status --json | python3 "$HERE/look.py" lacks; }
can_collect() { [ -z "$(lacks "$1")" ]; }

# a study under way

# hub_open [PACK]: a hub with its persons and its keeper, and the study of this pack in force.
hub_open() {
	local study=${1:-$STUDY}
	hub_init "$study"
	hub_start
	persons
	keeper_setup
	publish "$study"
}
# study_begin SITE...: the same with the study of the tests, and the sites approved.
study_begin() {
	hub_open
	approvals "$@"
}
# sites_loaded ROWS SITE...: each has joined, and so many rows are loaded and at the hub: those of
# SITE.csv in the world, where there is one.
sites_loaded() {
	local rows=$1 name
	shift
	sites "$@"
	for name; do
		wait_for 30 "the study at $name" knows_study "$name"
		[ -e "$WORLD/$name.csv" ] ||
			python3 "$HERE/look.py" rows "$(code_letter "$name")" "$rows" >"$WORLD/$name.csv"
		quiet load "$name" "$WORLD/$name.csv"
	done
	for name; do wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$rows"; done
}

# releases

# release_stage INDICATOR...: proposed and staged; its id in RELEASE.
release_stage() {
	local out=$WORLD/logs/propose.log
	as researcher release propose "$@" --purpose "example: attitudes in four countries" \
		--json >"$out" 2>"$WORLD/logs/propose.err" || wrong "the release was not staged: $(cat "$WORLD/logs/propose.err")"
	RELEASE=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$out")
}
approve_as() { quiet as "$1" release approve "$RELEASE"; }
release_approve() { at_once approve_as approver second-approver; }
# release_publish FILE.csv
release_publish() { quiet as researcher release publish "$RELEASE" --out "$1"; }
# base_of SITE FILE.csv: how many people W01 counts there. The columns of a release depend on what its
# tables are broken down by: they are found by name.
base_of() {
	awk -F, -v site="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$at["indicator"] == "W01" && $at["site"] == site && $at["statistic"] == "n" {
			print $at["value"]
		}' "$2"
}
expect_base() {
	local found
	found=$(base_of "$1" "$2")
	[ "$found" = "$3" ] || wrong "$1 has a base of $found, expected $3"
}
