#include "common/net/link_socket.h"

#include <string.h>
#include <sys/socket.h>

#include <zmq.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#define CALM_SHARE 10 /* one in so many has to be gone before a full door is told of again */

/* An event as libzmq writes it: u16 event and u32 value in the byte order of the machine. */
struct door_event {
	uint16_t number;
	uint32_t value; /* the descriptor */
};

static struct door_event
event_in(zmq_msg_t *frame)
{
	struct door_event e = {.number = 0};
	const uint8_t *at = zmq_msg_data(frame);
	if (zmq_msg_size(frame) < sizeof(e.number) + sizeof(e.value))
		return e;
	memcpy(&e.number, at, sizeof(e.number));
	memcpy(&e.value, at + sizeof(e.number), sizeof(e.value));
	return e;
}

/* libzmq has no limit of its own, and to unbind would end all that are there: one too many is
 * hung up on. Should libzmq have closed it already and given its number to the next one, that
 * one is too many as well. */
static void
count_event(struct link *l, struct door_event e)
{
	if (e.number == ZMQ_EVENT_DISCONNECTED && l->connection_count)
		l->connection_count--;
	if (l->connection_count + l->connections_max / CALM_SHARE < l->connections_max)
		l->is_full = false;
	if (e.number != ZMQ_EVENT_ACCEPTED)
		return;
	l->connection_count++;
	if (l->connection_count <= l->connections_max)
		return;
	(void)shutdown((int)e.value, SHUT_RDWR);
	if (!l->is_full)
		log_warn("link", "%zu connections are open: more are hung up on",
			l->connections_max);
	l->is_full = true;
}

void
link_door_serve(struct link *l)
{
	zmq_msg_t frames[2];
	size_t count;
	while ((count = link_frames_read(l->monitor, frames, 2)) > 0) {
		struct door_event e = event_in(&frames[0]);
		for (size_t i = 0; i < MIN(count, (size_t)2); i++)
			(void)zmq_msg_close(&frames[i]);
		count_event(l, e);
	}
}
