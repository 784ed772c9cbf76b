# words.awk - finds the words of WORDS.
#
# Arguments: WORDS FILE... ; in C files, comments, texts and characters are no code.

# The line without comments, texts and characters; in_comment goes on over lines.
function code_of(line, out, c, next_two, quote)
{
	out = ""
	quote = ""
	while (line != "") {
		c = substr(line, 1, 1)
		next_two = substr(line, 1, 2)
		if (in_comment) {
			if (next_two == "*/") {
				in_comment = 0
				line = substr(line, 3)
				continue
			}
		} else if (quote != "") {
			if (c == "\\") {
				line = substr(line, 3)
				continue
			}
			if (c == quote)
				quote = ""
		} else if (next_two == "/*") {
			in_comment = 1
			line = substr(line, 3)
			continue
		} else if (next_two == "//") {
			return out
		} else if (c == "\"" || c == "'") {
			quote = c
			out = out " "
		} else {
			out = out c
		}
		line = substr(line, 2)
	}
	return out
}

function holds(line, word)
{
	return line ~ ("(^|[^A-Za-z0-9_])" word "([^A-Za-z0-9_]|$)")
}

FNR == 1 {
	is_list = (FILENAME ~ /(^|\/)WORDS$/)
	is_c = (FILENAME ~ /\.[ch]$/)
	in_comment = 0
}

is_list {
	if ($0 !~ /^#/ && NF >= 3) {
		place[$1] = $2
		reason[$1] = $0
		sub(/^[^ ]+ +[^ ]+ +/, "", reason[$1])
	}
	next
}

{
	code = is_c ? code_of($0) : ""
	for (word in place) {
		where = place[word] == "code" ? code : $0
		if (holds(where, word)) {
			print FILENAME ":" FNR ": " word ": " reason[word]
			found = 1
		}
	}
}

END {
	exit found
}
