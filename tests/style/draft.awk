# draft.awk - see tests/style/draft. Arguments: FLOORS FILE...

function folder_of(path)
{
	sub(/\/[^\/]*$/, "", path)
	return path
}

# What a file stands as: its room, or itself once the room is split.
function node_of(path, room)
{
	room = path
	sub(/\.[ch]$/, "", room)
	return room in split_room ? path : room
}

FNR == 1 && FILENAME !~ /FLOORS$/ {
	files[++file_count] = FILENAME
}

FILENAME ~ /FLOORS$/ {
	if ($1 == "wing") {
		wings[++wing_count] = $3
		title[$3] = $0
	}
	next
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*/, "", target)
	if (folder_of(target) == folder_of(FILENAME)) {
		from[++edge_count] = FILENAME
		to[edge_count] = target
	}
}

# Gives ranks to the nodes of a wing from the ground up; the number of those left without one.
function rank_wing(wing, i, changed, left, rank)
{
	delete ranked
	delete nodes
	for (i = 1; i <= file_count; i++)
		if (folder_of(files[i]) == wing)
			nodes[node_of(files[i])] = 1
	do {
		changed = 0
		delete waits
		for (i = 1; i <= edge_count; i++)
			if (node_of(from[i]) != node_of(to[i]) && (node_of(to[i]) in nodes) &&
			    !(node_of(to[i]) in ranked))
				waits[node_of(from[i])] = 1
		for (i in nodes)
			if (!(i in ranked) && !(i in waits))
				fresh[i] = 1
		for (i in fresh) {
			ranked[i] = rank
			changed = 1
		}
		delete fresh
		rank++
	} while (changed)
	left = 0
	for (i in nodes)
		left += !(i in ranked)
	highest = rank
	return left
}

# Splits the rooms that stand in a circle; whether there was one to split.
function split_circle(i, node, found)
{
	for (node in nodes) {
		if ((node in ranked) || node ~ /\.[ch]$/ || !reaches_itself(node))
			continue
		split_room[node] = 1
		found = 1
	}
	return found
}

function reaches_itself(node, reached, grown, i)
{
	reached[node] = 0
	do {
		grown = 0
		for (i = 1; i <= edge_count; i++) {
			if (node_of(from[i]) == node_of(to[i]) || !(node_of(from[i]) in reached))
				continue
			if (node_of(to[i]) == node)
				return 1
			if (!(node_of(to[i]) in reached)) {
				reached[node_of(to[i])] = 1
				grown = 1
			}
		}
	} while (grown)
	return 0
}

function print_wing(wing, rank, line, i, node)
{
	print "\n" title[wing]
	for (rank = 0; rank <= highest; rank++) {
		line = ""
		delete printed
		for (i = 1; i <= file_count; i++) {
			node = node_of(files[i])
			if (folder_of(files[i]) != wing || !(node in ranked) || ranked[node] != rank ||
			    (node in printed))
				continue
			printed[node] = 1
			sub(/^.*\//, "", node)
			line = line (line == "" ? "" : " ") node
		}
		if (line != "")
			print line
	}
}

END {
	for (w = 1; w <= wing_count; w++) {
		while (rank_wing(wings[w]) > 0)
			if (!split_circle())
				break
		print_wing(wings[w])
		for (node in nodes) {
			if (!(node in ranked)) {
				print "circle: " node > "/dev/stderr"
				failed = 1
			}
		}
	}
	exit failed
}
