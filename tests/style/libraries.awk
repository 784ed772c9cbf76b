# libraries.awk - holds includes of foreign headers against LIBRARIES.
#
# Arguments: LIBRARIES FILE... ; the files are named from the top of the tree.

# A shell pattern as a regular expression: only * is special.
function expression(pattern)
{
	gsub(/[.+]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	return "^" pattern "$"
}

FNR == 1 {
	is_list = (FILENAME ~ /(^|\/)LIBRARIES$/)
}

is_list {
	sub(/#.*/, "")
	if (NF < 2)
		next
	rules++
	header[rules] = expression($1)
	for (i = 2; i <= NF; i++)
		files[rules, i - 1] = expression($i)
	count[rules] = NF - 1
	next
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	target = $0
	sub(/^[^<"]*[<"]/, "", target)
	sub(/[>"].*/, "", target)
	for (r = 1; r <= rules; r++) {
		if (target !~ header[r])
			continue
		allowed = 0
		for (i = 1; i <= count[r]; i++)
			if (FILENAME ~ files[r, i])
				allowed = 1
		if (!allowed) {
			print FILENAME ":" FNR ": " target " belongs to another file (tests/style/LIBRARIES)"
			found = 1
		}
	}
}

END {
	exit found
}
