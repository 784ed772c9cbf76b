#!/usr/bin/env bash
# What a node refuses: one sentence, the right exit code, and nothing changed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
LATE_NODE=${LATE_NODE:-$BIN/../attack/weir-node-late}
LATE_HUB=${LATE_HUB:-$BIN/../attack/weir-hub-late}
FOUR_DAYS_S=345600

# join DIR FILE [PROGRAM]: as a coordinator does.
join() {
	"${3:-$BIN/weir-node}" join --dir "$1" --file "$2" --coordinator c1 --kdf interactive --wait 4 \
		--passphrase-fd 3 3< <(pass x; pass y)
}
run_node() {
	"$BIN/weir-node" run --dir "$(node_dir "$1")" "${SANDBOX[@]}" --passphrase-fd 3 \
		3< <(pass "$2")
}
same() { [ "$(counts norway)" = "$before" ] || wrong "a refusal changed something: $(counts norway)"; }
# bad WORDS SCRIPT: the sheet changed by this script is refused with these words in a finding or in
# the last sentence; nothing of it is loaded.
bad() {
	local words=$1
	sed -E "$2" "$WORLD/norway.csv" >"$WORLD/bad.csv"
	cmp -s "$WORLD/bad.csv" "$WORLD/norway.csv" && wrong "$2 changes nothing"
	refused 1 '.' load norway "$WORLD/bad.csv"
	grep -qE "$words" "$WORLD/logs/refused.err" ||
		wrong "the refusal does not say '$words': $(cat "$WORLD/logs/refused.err")"
	same
}

world_begin
study_begin norway
mkdir "$WORLD/x"

say "invitations: mistyped, cut, of a hub that is down, expired, used twice"
invitation norway
sed 's/./Z/40' "$WORLD/invite-norway" >"$WORLD/mistyped"
refused 1 'mistyped' join "$WORLD/x" "$WORLD/mistyped"
head -c 60 "$WORLD/invite-norway" >"$WORLD/mistyped"
refused 1 'mistyped' join "$WORLD/x" "$WORLD/mistyped"
for file in nowhere mistyped; do
	refused '1|3' "$file\\|mistyped" "$BIN/weir-node" join --dir "$WORLD/x" --file "$WORLD/$file"
done
refused 2 'coordinator' "$BIN/weir-node" join --dir "$WORLD/x" --file "$WORLD/invite-norway"
[ -z "$(ls -A "$WORLD/x")" ] || wrong "a refused join left something: $(ls -A "$WORLD/x")"
export WEIR_LATE_S=$FOUR_DAYS_S
refused 1 'expired' join "$WORLD/x" "$WORLD/invite-norway" "$LATE_NODE"
stop hub
(
	BIN=$WORLD/late
	mkdir "$BIN"
	ln -s "$LATE_HUB" "$BIN/weir-hub"
	hub_start
	printf '%s\n' "${PIDS[hub]}" >"$WORLD/late.pid"
	trap - EXIT
)
unset WEIR_LATE_S
refused 1 'expired' join "$WORLD/x" "$WORLD/invite-norway"
kill "$(cat "$WORLD/late.pid")"
wait_for 20 "the late hub to end" bash -c "! kill -0 $(cat "$WORLD/late.pid")"
refused '1|3' 'did not answer at' join "$WORLD/x" "$WORLD/invite-norway"
hub_start
refused 1 'join' run_node nowhere norway
site norway
refused 1 'used' join "$WORLD/x" "$WORLD/invite-norway"
refused 1 'joined' join "$(node_dir norway)" "$WORLD/invite-norway"
invitation norway
join_begin_other() {
	"$BIN/weir-node" join --dir "$WORLD/x" --file "$WORLD/invite-norway" --coordinator c1 --kdf interactive \
		--passphrase-fd 3 >"$WORLD/logs/join-x.log" 2>&1 3< <(pass x; pass y) &
	PIDS[join-x]=$!
	wait_for 20 "the digits of x" has_groups "$WORLD/logs/join-x.log"
}
join_begin_other
mkdir "$WORLD/z"
refused 1 'by another installation' join "$WORLD/z" "$WORLD/invite-norway"
refused 1 'differ' as second-researcher admit "$(invitation_id norway)" \
	--groups "1234 1234 1234 1234 1234 1234"
refused 1 'invit' as researcher admit "$(invitation_id norway)" \
	--groups "$(groups_of "$WORLD/logs/join-x.log")"
stop join-x
[ ! -e "$WORLD/x/hub.card" ] || wrong "a node joined that nobody admitted"

say "passphrases, and what is not running"
refused 1 'passphrase' node norway desk unlock --passphrase-fd 3 3< <(pass norway)
node norway desk status --json | grep -q locked || wrong "a wrong passphrase opened the desk"
refused 1 'desk is locked' node norway contact add </dev/null
refused 2 'a-z, 0-9' node norway handover --to 'Example Name' </dev/null
quiet node norway desk unlock --passphrase-fd 3 3< <(pass "coordinator of norway")
refused 1 'study code.*standard input' node norway contact show </dev/null
node norway desk status --json | grep -q open || wrong "the coordinator cannot open the desk"
quiet node norway desk lock
refused '1|3' 'running' run_node norway norway
stop node-norway
refused 1 'passphrase' run_node norway services
head -n 31 "$SOURCE/tests/data/wvs/site_norway.csv" >"$WORLD/norway.csv"
refused 3 'weir-node run' load norway "$WORLD/norway.csv"
refused 3 'weir-node run' node norway status
refused 3 'weir-node run' node norway recovery sheet </dev/null
refused 1 'not a node directory' "$BIN/weir-node" recovery sheet --dir "$WORLD" </dev/null
refused 3 'weir-node run' node norway contact show </dev/null
refused 3 'weir-node run' node norway desk unlock --passphrase-fd 3 3< <(pass "coordinator of norway")
node_start norway
wait_for 30 "the study at norway" knows_study norway

say "sheets"
before=$(counts norway)
bad 'row 5.*poverty' '5s/^([^,]*),[0-9]/\1,7/'
bad 'row 9.*age' '9s/,[0-9]+,(male|female)$/,14,\1/'
bad 'row 9.*age' '9s/,[0-9]+,(male|female)$/,x,\1/'
bad 'row 31.*gender' '31s/(male|female)$/other/'
bad 'row 3.*participant' '3s/^N/X/'
bad 'row 3.*participant' '3s/^[^,]*//'
bad 'row 8' '8{p;p}'
bad 'gender' 's/,[^,]*$//'
bad 'colour' '1s/$/,colour/;2,$s/$/,red/'
bad 'row 6' '6s/$/,more/'
bad 'row 7' '7s/,/,"/'
bad 'UTF-8|utf-8|text' '4s/N0003/N\xff03/'
printf '' >"$WORLD/empty.csv"
refused 1 '.' load norway "$WORLD/empty.csv"
refused 1 '.' load norway "$WORLD/nothing.csv"
same
say "forms, versions, consent"
refused 1 'no form' node norway import --form wellbeing "$WORLD/norway.csv"
refused 1 'version' load norway --form-version 99 "$WORLD/norway.csv"
refused 1 'wave' load norway --wave 7 "$WORLD/norway.csv"
refused 1 'consent' node norway import --form attitudes "$WORLD/norway.csv"
refused 2 'together' node norway import --form attitudes --permit "$PERMIT" "$WORLD/norway.csv"
refused 1 'permission\|code' node norway import --form attitudes --consent returned-questionnaire \
	--permit use-everything "$WORLD/norway.csv"
refused 2 'day' node norway import --form attitudes --consent returned-questionnaire \
	--permit "$PERMIT" --until someday "$WORLD/norway.csv"
refused 1 'before it was given' node norway import --form attitudes --consent returned-questionnaire \
	--permit "$PERMIT" --until 2020-01-01 "$WORLD/norway.csv"
refused 2 'goes with' node norway import --form attitudes --until 2099-01-01 "$WORLD/norway.csv"
refused 2 'form' node norway import "$WORLD/norway.csv"
same
say "the same row again, and a row that says something else now"
quiet load norway "$WORLD/norway.csv"
wait_for "$SYNC_S" "the receipts of norway" at_hub norway 30
before=$(counts norway)
load norway "$WORLD/norway.csv" --json | grep -q '"loaded":0,"already_loaded":30' ||
	wrong "the same rows were loaded twice"
bad 'row 5' '5s/^([^,]*),1/\1,3/;5s/^([^,]*),2/\1,3/'

say "the hub is down"
stop hub
{ head -n 1 "$WORLD/norway.csv"; sed -n 40,49p "$SOURCE/tests/data/wvs/site_norway.csv"; } \
	>"$WORLD/more.csv"
quiet load norway "$WORLD/more.csv"
node norway status >"$WORLD/status" || wrong "status needs the hub"
hub_start
wait_for "$SYNC_S" "what was taken while the hub was down" at_hub norway 40

say "a damaged store"
stop node-norway
vault=$(node_dir norway)/vault
cp -r "$vault" "$WORLD/vault-kept"
python3 "$HERE/damage.py" "$vault/data.mdb"
sha256sum "$vault/data.mdb" >"$WORLD/damaged"
refused 3 'damaged' run_node norway norway
sha256sum -c --quiet "$WORLD/damaged" || wrong "a damaged store was written to"
head -c 8192 /dev/zero | dd of="$vault/data.mdb" conv=notrunc status=none
refused 3 '.' run_node norway norway
rm -r "$vault"
cp -r "$WORLD/vault-kept" "$vault"

say "a full disk"
if small_disk 160m "$(node_dir norway)"; then
	node_start norway
	before=$(counts norway)
	{ head -n 1 "$WORLD/norway.csv"; sed -n 50,1100p "$SOURCE/tests/data/wvs/site_norway.csv"; } \
		>"$WORLD/many.csv"
	fill 2
	refused 3 'full' load norway "$WORLD/many.csv"
	same
	drain
	fill 32
	refused 3 'full' load norway "$WORLD/many.csv"
	same
	printf 'N0007\n' >"$WORLD/code"
	quiet node norway change --level no-further-use --file "$WORLD/code"
	before=$(counts norway)
	say "  what is left was kept for withdrawals, and takes one"
	drain
	quiet load norway "$WORLD/norway.csv"
	same
	quiet load norway "$WORLD/more.csv"
else
	say "skipped: no small disk can be mounted by this user"
fi
