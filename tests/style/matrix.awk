# matrix.awk - every test that the fault matrix of tests/README.md names is there.
#
# A row of the matrix begins with "| NUMBER". In it a word in backquotes is the suite, script or
# directory that the names with two underscores or more behind it are tests of: suite S is
# tests/unit/test_S.c and has to define each of them. A name that ends in .sh is a script of
# tests/integration. Run from the top of the tree.

function file_has(path, name,    line, has) {
	while ((getline line < path) > 0)
		if (index(line, name "(") == 1)
			has = 1
	close(path)
	return has
}

function is_there(path,    line, there) {
	there = (getline line < path) >= 0
	close(path)
	return there
}

function say(what) {
	print FILENAME ":" FNR ": " what
	found = 1
}

/^\| [0-9]/ {
	rest = $0
	suite = ""
	while (match(rest, /`[^`]+`|[a-z0-9]+(_[a-z0-9]+)(_[a-z0-9]+)+/)) {
		word = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (substr(word, 1, 1) == "`") {
			suite = substr(word, 2, length(word) - 2)
			if (suite ~ /\.sh$/ && !is_there("tests/integration/" suite))
				say("there is no script " suite)
		} else if (!file_has("tests/unit/test_" suite ".c", word)) {
			say("the suite " suite " has no test " word)
		}
	}
}

END { exit found }
