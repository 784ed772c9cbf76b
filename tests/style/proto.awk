# proto.awk - no protobuf message contains itself, directly or through others.
#
# protobuf-c 1.4.1 unpacks nested messages by recursion without a limit, so a message that can
# contain itself lets a stranger choose the depth of our stack. Reads the .proto files as they
# are written here: one field a line, messages not nested in messages.

/^[ \t]*message[ \t]+[A-Za-z0-9_]+/ {
	name = $2
	sub(/\{.*/, "", name)
	file[name] = FILENAME
	at[name] = FNR
	if (depth > 0) {
		print FILENAME ":" FNR ": message " name " is declared inside another one"
		found = 1
	}
}

name != "" && /=[ \t]*[0-9]+/ {
	type = $1
	if (type == "repeated" || type == "optional" || type == "required")
		type = $2
	sub(/^.*\./, "", type)
	field_types[name] = field_types[name] " " type
}

{
	line = $0
	sub(/\/\/.*/, "", line)
	depth += gsub(/\{/, "", line) - gsub(/\}/, "", line)
	if (depth <= 0)
		name = ""
}

# What a message contains is followed breadth first, each message once.
function contains_itself(message, queue, head, tail, visited, parts, count, i)
{
	head = tail = 1
	queue[1] = message
	while (head <= tail) {
		count = split(field_types[queue[head++]], parts, " ")
		for (i = 1; i <= count; i++) {
			if (parts[i] == message)
				return 1
			if ((parts[i] in file) && !(parts[i] in visited)) {
				visited[parts[i]] = 1
				queue[++tail] = parts[i]
			}
		}
	}
	return 0
}

END {
	for (message in file) {
		if (contains_itself(message)) {
			print file[message] ":" at[message] ": message " message " can contain itself"
			found = 1
		}
	}
	exit found
}
