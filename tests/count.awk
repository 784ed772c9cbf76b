# count.awk - counts what `ctest -V` and tests/fuzz/run wrote, and shows the output of failures.
#
# ctest -V writes "K: line" for each line of test K and "I/N Test #K: NAME ....   Passed  S sec"
# at its end. A suite unit.ROOM speaks TAP: "ok I - NAME" or "not ok I - NAME" a cmocka test, and
# "not ok I # SKIP NAME" for a skipped one. A suite that ends badly without naming a failed test
# (a sanitizer, a signal, a time limit) counts as one failure more, and so does one that ends well
# before its plan "1..N" is done. Any other test counts once.

/^[0-9]+: / {
	number = $1 + 0
	line = substr($0, index($0, ": ") + 2)
	output[number] = output[number] line "\n"
	if (line ~ /^1\.\.[0-9]+$/)
		planned_cases[number] += substr(line, 4)
	else if (line ~ /^(not )?ok [0-9]+ # SKIP/)
		skipped_cases[number]++
	else if (line ~ /^ok [0-9]+ - /)
		passed_cases[number]++
	else if (line ~ /^not ok [0-9]+ - /)
		failed_cases[number]++
	next
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
	number = substr($0, index($0, "#") + 1) + 0
	name = substr($0, index($0, ": ") + 2)
	sub(/ .*/, "", name)
	ended++
	total = substr($0, index($0, "/") + 1) + 0
	good = ($0 ~ / Passed +[0-9.]+ sec/)
	absent = ($0 ~ /\*\*\*(Skipped|Not Run \(Disabled\))/)
	if (name ~ /^unit\./ && !absent) {
		done = passed_cases[number] + failed_cases[number] + skipped_cases[number]
		whole = (done > 0 && done == planned_cases[number])
		passed += passed_cases[number]
		skipped += skipped_cases[number]
		failed += failed_cases[number]
		if (!failed_cases[number] && !(good && whole)) {
			failed++
			good = 0
			output[number] = output[number] "the suite planned " planned_cases[number] + 0 \
				" tests and ended " done "\n"
		}
	} else if (absent) {
		skipped++
	} else if (good) {
		passed++
	} else {
		failed++
	}
	if (!good && !absent)
		printf "\n--- %s\n%s", $0, output[number]
	next
}

/^fuzz [a-z_]+: passed/ { passed++ }
/^fuzz [a-z_]+: failed/ { failed++ }

END {
	if (!ended || ended < total) {
		printf "%d of %d tests have ended\n", ended, total
		failed += ended ? total - ended : 1
	}
	line = sprintf("%d passed, %d failed", passed, failed)
	if (skipped)
		line = line sprintf(", %d skipped", skipped)
	print line
	exit (failed > 0)
}
