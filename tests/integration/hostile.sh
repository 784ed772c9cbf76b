#!/usr/bin/env bash
# hostile - peers and strangers that mean harm, against a real hub with nodes connected: rows 28 to 37
# and 59 of the fault matrix. Whatever they do, the nodes stay connected or come back, the gate stays
# under its caps, and nothing is lost or there twice.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SITE=norway # as bench_site.h has it
NODES=12
RECORDS=3
CONNECTIONS=40
MEMORY_MIB=200
MESSAGE_MB=800
FORKED="in quarantine: two different entries under one number"
TOOLS=$BIN/../tests

hostile() {
	local how=$1
	shift
	"$TOOLS/load-hostile" "$how" "$(node_dir "$SITE")" "$@" 2>"$WORLD/logs/hostile.log" ||
		wrong "$how: $(cat "$WORLD/logs/hostile.log")"
}
said() { grep "^$1" "$WORLD/logs/crowd.said" | wc -l || true; }
last_word() { grep -E '^(up|down)' "$WORLD/logs/crowd.said" | tail -n 1 | cut -d' ' -f1; }
are_up() { [ "$(last_word)" = up ]; }
# The nodes were connected all the time since there were so many words of them.
stayed() { are_up && [ "$(said down)" = "$1" ]; }
gate_pid() {
	local pid words
	for pid in $(cat "/proc/${PIDS[hub]}/task/${PIDS[hub]}/children"); do
		mapfile -d '' -t words <"/proc/$pid/cmdline"
		if [ "${words[2]-}" = gate ]; then printf '%s' "$pid"; fi
	done
}
gate_logged() { grep -c "$1" "$WORLD/logs/hub.log" || true; }

# A limit of descriptors that is too low for the cap is refused in words before anything is served.
too_few_files() {
	(ulimit -n 100 && refused 3 'raise .ulimit -Hn' "$BIN/weir-hub" run --dir "$HUB" \
		"${SANDBOX[@]}" --passphrase-fd 3 3< <(pass services))
}

# Row 33: twice as many silent clients as the cap; they are hung up on or dropped by the handshake
# timer, and the nodes notice nothing.
silent_clients() {
	local before
	before=$(said down)
	python3 - "$PORT" "$((2 * CONNECTIONS))" <<'PYTHON' || wrong "silent clients were kept"
import socket, sys, time
port, count = int(sys.argv[1]), int(sys.argv[2])
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
end = time.monotonic() + 20
left = clients
while left and time.monotonic() < end:
    time.sleep(0.2)
    still = []
    for client in left:
        client.setblocking(False)
        try:
            while client.recv(4096):
                pass
        except BlockingIOError:
            still.append(client)
        except OSError:
            pass
    left = still
sys.exit(len(left) > 0)
PYTHON
	stayed "$before" || wrong "silent clients cut nodes off"
	[ "$(gate_logged 'more are hung up on')" -ge 1 ] || wrong "the cap was never met"
}

# Row 37, the oldest of them: a greeting of ZMTP 1.0 and one of 2.0 by hand; the connection is ended.
old_clients() {
	python3 - "$PORT" <<'PYTHON' || wrong "an old client was kept"
import socket, sys
for greeting in (b"\x01\x00", b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0"):
    client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
    client.sendall(greeting + b"\x02\x00x" * 20)
    try:
        while client.recv(4096):
            pass
    except ConnectionError:
        pass
PYTHON
}

# Row 32: the supervisor ends the gate over its cap; the nodes come back by themselves.
endless_message() {
	local before
	before=$(gate_pid)
	hostile multipart "$((NODES + 1))" "$MESSAGE_MB"
	[ "$(gate_logged 'gate holds .* MiB, which is over its')" -ge 1 ] ||
		wrong "the gate was not ended for its memory"
	is_new() { [ -n "$(gate_pid)" ] && [ "$(gate_pid)" != "$before" ]; }
	wait_for 20 "another gate" is_new
	wait_for 60 "the nodes to come back" are_up
}

# Row 36: a node whose session is open is revoked; it is cut off and told why, and the others go on.
revoked_node() {
	local node=$((NODES + 2)) before number
	before=$(gate_pid)
	quiet "$TOOLS/load-crowd" make "$WORLD/vaults" "$node" 1 0
	"$TOOLS/load-crowd" run "$(node_dir "$SITE")" "$WORLD/vaults" "$node" 1 \
		<<<go >"$WORLD/logs/revoked.said" 2>"$WORLD/logs/revoked.log" &
	PIDS[revoked]=$!
	wait_for 30 "the node to connect" grep -q '^done' "$WORLD/logs/revoked.said"
	wait_for 30 "the node to connect" is_last revoked up
	number=$(hub status --json | python3 -c '
import json, sys
for node in json.load(sys.stdin)["nodes"]:
    if node["name"] == sys.argv[1]:
        print(node["writer"][:8])' "example node $node")
	quiet as officer node revoke "$number" --reason "example: the machine was stolen"
	is_new() { [ -n "$(gate_pid)" ] && [ "$(gate_pid)" != "$before" ]; }
	wait_for 20 "another gate" is_new
	wait_for 60 "the nodes to come back" are_up
	is_last revoked down || wrong "the revoked node is connected"
	wait_for 5 "the revoked node to hear why" grep -q 'the hub has revoked this installation' \
		"$WORLD/logs/revoked.log"
}
# Row 34: no thread of its own answers ZAP but the gate's one loop. While that stands still nobody new is
# admitted; when it goes on, all do.
stopped_gate() {
	local node=$((NODES + 4)) pid
	pid=$(gate_pid)
	quiet "$TOOLS/load-crowd" make "$WORLD/vaults" "$node" 1 0
	kill -STOP "$pid"
	"$TOOLS/load-crowd" run "$(node_dir "$SITE")" "$WORLD/vaults" "$node" 1 \
		<<<go >"$WORLD/logs/late.said" 2>"$WORLD/logs/late.log" &
	PIDS[late]=$!
	sleep 3
	! grep -q '^up' "$WORLD/logs/late.said" || wrong "a gate that stands still admitted a node"
	kill -CONT "$pid"
	wait_for 60 "the node to connect" is_last late up
	wait_for 60 "the nodes to be there" are_up
}
forger() {
	"$TOOLS/load-forger" "$1" "$(node_dir "$SITE")" "${@:2}" 2>"$WORLD/logs/forger.log" ||
		wrong "$1: $(cat "$WORLD/logs/forger.log")"
}
# standing NODE: the word of the hub for it.
standing() {
	hub status --json | python3 -c '
import json, sys
for node in json.load(sys.stdin)["nodes"]:
    if node["name"] == sys.argv[1]:
        print(node["standing"])' "example node $1"
}
# Rows 28, 29: what a node signs wrongly is refused and changes nothing; what it signs twice sets it apart.
forgeries() {
	forger batches "$((NODES + 5))" "$((NODES + 6))"
	forger prev "$((NODES + 6))"
	[ "$(standing "$((NODES + 5))") $(standing "$((NODES + 6))")" = "$FORKED $FORKED" ] ||
		wrong "a forger is $(standing "$((NODES + 5))"), $(standing "$((NODES + 6))")"
}
# Rows 38, 39: an enrolled node's word that the hub has lost entries stops no release.
claims() {
	forger claims "$((NODES + 7))"
	! hub status --json | grep -q '"recovery"' || wrong "a node's word began a recovery"
	grep -q 'it is not believed' "$WORLD/logs/hub.log" || wrong "the claim was not written down"
}
# is_last CROWD WORD: the newest of "up" and "down" that it said.
is_last() { [ "$(grep -E '^(up|down)' "$WORLD/logs/$1.said" | tail -n 1 | cut -d' ' -f1)" = "$2" ]; }

world_begin
study_begin "$SITE"
site "$SITE"
stop "node-$SITE"
stop hub
sed -i -e "s/^connections = .*/connections = $CONNECTIONS/" \
	-e "/^\[gate\]/,/^\[/s/^memory = .*/memory = $MEMORY_MIB/" "$HUB/hub.ini"
pass services | "$TOOLS/load-admit" "$HUB" "$((NODES + 7))" 2>"$WORLD/logs/admit.log" ||
	wrong "the nodes were not admitted"
say "descriptors"
too_few_files
hub_start
mkdir "$WORLD/vaults"
quiet "$TOOLS/load-crowd" make "$WORLD/vaults" 1 "$NODES" "$RECORDS"
"$TOOLS/load-crowd" run "$(node_dir "$SITE")" "$WORLD/vaults" 1 "$NODES" \
	<<<go >"$WORLD/logs/crowd.said" 2>"$WORLD/logs/crowd.log" &
PIDS[crowd]=$!
are_settled() { are_up && grep -q '^done' "$WORLD/logs/crowd.said"; }
wait_for 60 "the nodes to connect" are_settled
sleep 1

before=$(said down)
say "strangers"
hostile strangers
old_clients
say "a frame over the limit"
hostile oversize "$((NODES + 1))"
say "greetings again and again"
hostile replay "$((NODES + 1))" "$((NODES + 2))"
say "another version"
hostile downgrade "$((NODES + 3))"
say "forgeries"
forgeries
say "a false claim"
claims
stayed "$before" || wrong "a node was cut off by a stranger"
say "a gate that stands still"
stopped_gate
say "silent clients"
silent_clients
say "a message without bounds"
endless_message

say "a node that is revoked"
revoked_node

sent=$((NODES * RECORDS))
read -r entries_c entries_r permitted held denied <<<"$(hub status --json |
	python3 "$HERE/look.py" hub "$SITE" | tr '\n' ' ')"
[ "$entries_c $entries_r $permitted $held $denied" = "$((2 * sent)) $sent $sent 0 0" ] ||
	wrong "the hub has $entries_r records of $sent, $permitted permitted, $held held, $denied denied"
# The two forgers, and nobody else.
[ "$(grep -cE 'second copy|other entries' "$WORLD/logs/hub.log")" = 2 ] || wrong "a node was taken for a copy"
sound_memory "$WORLD"/logs/*.log
