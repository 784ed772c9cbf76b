# shellcheck shell=bash
# lib - ODK's own packages for the tests that want them; sourced.
#
# odk_ready  puts this directory's programs and the packages of package-lock.json into ODK, a
#            directory below build (default build/odk), and installs anew only when the lock changed.
#            Ends with 1 when they cannot be had: then the caller says that it is skipped.
# odk NAME ARGUMENTS...  runs one of the programs there.

ODK_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ODK=${ODK:-$ODK_HERE/../../build/odk}

odk_install() {
	cp "$ODK_HERE"/package.json "$ODK_HERE"/package-lock.json "$ODK_HERE"/.npmrc "$ODK"
	(cd "$ODK" && npm ci) >"$ODK/npm.log" 2>&1 </dev/null || {
		tail -n 5 "$ODK/npm.log" >&2
		return 1
	}
	cp "$ODK/package-lock.json" "$ODK/installed-lock.json"
}

odk_ready() {
	command -v node npm >/dev/null || return 1
	mkdir -p "$ODK"
	# Tests run beside each other; one of them installs.
	exec 9>"$ODK/lock"
	flock 9
	if ! cmp -s "$ODK_HERE/package-lock.json" "$ODK/installed-lock.json" && ! odk_install; then
		exec 9>&-
		return 1
	fi
	cp "$ODK_HERE"/*.mjs "$ODK"
	exec 9>&-
}

odk() {
	local name=$1
	shift
	command node "$ODK/$name.mjs" "$@"
}
