# widths.awk - no line over 96 columns, a tab reaching to the next multiple of eight.

{
	line = $0
	gsub(/[\200-\277]/, "", line)
	columns = 0
	while (i = index(line, "\t")) {
		columns += i - 1
		columns += 8 - columns % 8
		line = substr(line, i + 1)
	}
	columns += length(line)
	if (columns > 96) {
		print FILENAME ":" FNR ": " columns " columns, at most 96"
		found = 1
	}
}

END {
	exit found
}
