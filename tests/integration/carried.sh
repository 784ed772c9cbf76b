# carried - what scripts about bundles share; to be sourced behind lib.sh.
# shellcheck shell=bash

# Nobody reaches the hub by its own protocol; its officers do, and its door for HTTP is open.
listen_on() { sed -i "s|^listen = tcp.*|listen = $1|" "$HUB/hub.ini"; }
hub_away() {
	stop hub
	listen_on "tcp://127.0.0.1:$(python3 "$HERE/look.py" port)"
	hub_start
}
hub_back() {
	stop hub
	listen_on "$ADDRESS"
	hub_start
}

# front NAME COMMAND...: a server of connect_proxy.py; its port in PORTS[NAME].
declare -A PORTS=()
front() {
	local name=$1
	shift
	python3 "$HERE/connect_proxy.py" "$@" >"$WORLD/$name.port" 2>"$WORLD/logs/$name.log" &
	PIDS[$name]=$!
	wait_for 10 "the port of $name" test -s "$WORLD/$name.port"
	PORTS[$name]=$(cat "$WORLD/$name.port")
}
# courier SITE KEY VALUE...: what node.ini says of the way for bundles.
courier() {
	local site=$1
	shift
	while [ $# -gt 0 ]; do
		sed -i "/^\[courier\]/,\$ s|^$1 =.*|$1 = $2|" "$(node_dir "$site")/node.ini"
		shift 2
	done
}
# authority: a certificate for 127.0.0.1, and the example authority that vouches for it.
authority() {
	local name
	for name in authority stranger; do
		quiet openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=example $name" \
			-keyout "$WORLD/$name.key" -out "$WORLD/$name.pem"
	done
	quiet openssl req -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" \
		-keyout "$WORLD/door.key" -out "$WORLD/door.req"
	quiet openssl x509 -req -in "$WORLD/door.req" -days 2 -CAcreateserial \
		-CA "$WORLD/authority.pem" -CAkey "$WORLD/authority.key" -out "$WORLD/door.pem" \
		-extfile <(printf 'subjectAltName = IP:127.0.0.1\n')
}
