# sizes.awk - no function over 60 lines, no .c over 600, no .h over 120.
#
# Relies on the format that style.format holds: only a function's body begins and ends with a
# brace that stands alone in the first column.

function finding(file, line, what)
{
	print file ":" line ": " what
	found = 1
}

function close_file()
{
	limit = (file ~ /\.h$/) ? 120 : 600
	if (lines > limit)
		finding(file, lines, lines " lines, at most " limit)
}

FNR == 1 {
	if (file != "")
		close_file()
	file = FILENAME
	begin = 0
}

{
	lines = FNR
}

/^[a-z_][A-Za-z0-9_]*\(/ {
	name = $0
	sub(/\(.*/, "", name)
}

/^\{$/ {
	begin = FNR
}

/^\}$/ && begin {
	if (FNR - begin - 1 > 60)
		finding(FILENAME, begin, name " has " (FNR - begin - 1) " lines, at most 60")
	begin = 0
}

END {
	if (file != "")
		close_file()
	exit found
}
