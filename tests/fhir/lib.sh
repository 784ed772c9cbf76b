# shellcheck shell=bash
# lib - npm `fhir`, which judges bundles for the tests; sourced.
#
# fhir_ready  puts this directory's program and the package of package-lock.json into FHIR, a
#             directory below build (default build/fhir), and installs anew only when the lock
#             changed. Ends with 1 when it cannot be had: then the caller says that it is skipped.
# fhir_validate FILE [--mutants]  see validate.mjs.

FHIR_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FHIR=${FHIR:-$FHIR_HERE/../../build/fhir}

fhir_install() {
	cp "$FHIR_HERE"/package.json "$FHIR_HERE"/package-lock.json "$FHIR_HERE"/.npmrc "$FHIR"
	(cd "$FHIR" && npm ci) >"$FHIR/npm.log" 2>&1 </dev/null || {
		tail -n 5 "$FHIR/npm.log" >&2
		return 1
	}
	cp "$FHIR/package-lock.json" "$FHIR/installed-lock.json"
}

fhir_ready() {
	command -v node npm >/dev/null || return 1
	mkdir -p "$FHIR"
	# Tests run beside each other; one of them installs.
	exec 9>"$FHIR/lock"
	flock 9
	if ! cmp -s "$FHIR_HERE/package-lock.json" "$FHIR/installed-lock.json" && ! fhir_install; then
		exec 9>&-
		return 1
	fi
	cp "$FHIR_HERE"/*.mjs "$FHIR"
	exec 9>&-
}

fhir_validate() { command node "$FHIR/validate.mjs" "$@"; }
