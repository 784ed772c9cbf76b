# floors.awk - holds includes against FLOORS.
#
# Arguments: strict=0|1 FLOORS FILE... ; the files are named from the top of the tree.
# strict: a room that FLOORS lists and the tree does not have is a finding too.

function finding(file, line, what)
{
	print file ":" line ": " what
	found = 1
}

function list(path, line)
{
	if (path in floor)
		finding("tests/style/FLOORS", line, path " is listed twice")
	floor[path] = FNR
	level[path] = wing_level
	wing[path] = wing_folder
	pair[path] = line
}

# The file's place in FLOORS: its own line, or that of its room.
function place(path, room)
{
	if (path in floor)
		return path
	room = path
	sub(/\.[ch]$/, "", room)
	return room in floor ? room : ""
}

function may_include(file, target, from, to)
{
	if (substr(file, 1, length(file) - 2) == substr(target, 1, length(target) - 2))
		return 1
	from = place(file)
	to = place(target)
	if (wing[from] == wing[to])
		return floor[to] < floor[from]
	return level[to] < level[from]
}

FNR == 1 {
	is_floors = (FILENAME ~ /(^|\/)FLOORS$/)
	if (!is_floors) {
		seen[FILENAME] = 1
		if (FILENAME ~ /^(common|node|hub)\// && place(FILENAME) == "")
			finding(FILENAME, 1, "is not listed in tests/style/FLOORS")
	}
}

is_floors {
	sub(/#.*/, "")
	if ($1 == "wing") {
		wing_level = $2 + 0
		wing_folder = $3
		next
	}
	for (i = 1; i <= NF; i++)
		list(wing_folder "/" $i, FNR)
	next
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*/, "", target)
	# What the build makes from proto/ has no place in the tree; LIBRARIES says who may use it.
	if (target ~ /\.pb-c\.h$/ || target == "all_messages.h")
		next
	if (target !~ /^(common|node|hub|tests)\//) {
		finding(FILENAME, FNR, target " is not named from the top of the tree")
		next
	}
	if (FILENAME ~ /^tests\//)
		next
	if (target ~ /^tests\//)
		finding(FILENAME, FNR, "a program file includes " target)
	else if (place(target) == "")
		finding(FILENAME, FNR, target " is not listed in tests/style/FLOORS")
	else if (place(FILENAME) != "" && !may_include(FILENAME, target))
		finding(FILENAME, FNR, target " is not on a lower floor")
}

END {
	for (path in floor) {
		if (!strict)
			break
		if (!(path in seen) && !((path ".c") in seen) && !((path ".h") in seen))
			finding("tests/style/FLOORS", pair[path], path " does not exist")
	}
	exit found
}
