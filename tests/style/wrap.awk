# wrap.awk - prints a C file with its comments held to 96 columns; see tests/style/wrap.
#
# The words that do not fit move to the next line of the same paragraph, or to a line of their
# own; other line ends stay where they are, so that what was laid out stays laid out. A comment
# behind code that does not fit moves above it.

# Columns of a line, a tab reaching to the next multiple of eight.
function width(line, columns, i)
{
	gsub(/[\200-\277]/, "", line)
	columns = 0
	while (i = index(line, "\t")) {
		columns += i - 1
		columns += 8 - columns % 8
		line = substr(line, i + 1)
	}
	return columns + length(line)
}

# Sets lead (up to the text) and text. A label such as "Errors:  " belongs to the lead, where two
# blanks or the next line's indentation show that it is one.
function cut(line, next_line, label)
{
	match(line, /^[ \t]*(\/\*|\*)? */)
	lead = substr(line, 1, RLENGTH)
	text = substr(line, RLENGTH + 1)
	if (!match(text, /^[A-Z][A-Za-z ]*: +/))
		return
	label = substr(text, 1, RLENGTH)
	if (label ~ /  $/ || label == "Always true: " || index(next_line, hang(lead label)) == 1) {
		lead = lead label
		text = substr(text, length(label) + 1)
	}
}

# What stands before the text of a further line of the paragraph.
function hang(first, tabs, rest)
{
	match(first, /^\t*/)
	tabs = substr(first, 1, RLENGTH)
	rest = substr(first, RLENGTH + 1)
	sub(/^(\/\*| \*)/, "", rest)
	gsub(/[^ ]/, " ", rest)
	return tabs " *" rest
}

# Last blank at which the line can be cut; 0 if there is none behind the lead. What closes the
# comment stays with a word.
function cutting_place(line, i)
{
	for (i = length(line); i > length(lead) + 1; i--)
		if (substr(line, i, 1) == " " && substr(line, i + 1) != "*/" &&
		    width(substr(line, 1, i - 1)) <= 96)
			return i
	return 0
}

# Whether the line goes on with the paragraph that `further` begins lines of.
function goes_on(line, further)
{
	cut(line, "")
	return lead == further && text != "" && text !~ /^\*?\// && text !~ /  / && text !~ /^[-"=]/
}

{
	line[NR] = $0
}

END {
	for (i = 1; i <= NR; i++) {
		begins = (line[i] ~ /^[ \t]*\/\*/)
		inside = begins || within
		while (inside && width(line[i]) > 96) {
			cut(line[i], line[i + 1])
			further = hang(lead)
			place = cutting_place(line[i])
			if (!place)
				break
			over = substr(line[i], place + 1)
			print substr(line[i], 1, place - 1)
			if (i < NR && over !~ /\*\/$/ && goes_on(line[i + 1], further)) {
				line[i + 1] = further over " " text
				i++
			} else {
				line[i] = further over
			}
		}
		within = inside && line[i] !~ /\*\//
		if (!inside && width(line[i]) > 96 && match(line[i], /[ \t]+\/\* .* \*\/$/)) {
			match(line[i], /^\t*/)
			tabs = substr(line[i], 1, RLENGTH)
			match(line[i], /[ \t]+\/\* .* \*\/$/)
			comment = substr(line[i], RSTART)
			sub(/^[ \t]+/, "", comment)
			print tabs comment
			line[i] = substr(line[i], 1, RSTART - 1)
		}
		print line[i]
	}
}
