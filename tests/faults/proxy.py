#!/usr/bin/env python3
"""proxy - a link between two programs on loopback that breaks as it is told, the same way each time.

  proxy.py LISTEN TO [--seed S] [--kinds K,K] [--between A-B] [--direction up|down|both]
           [--connections N] [--delay-ms D] [--kbit K] [--stall-ms T] [--flap-s F]

LISTEN and TO are ports of 127.0.0.1. The first N connections break once each; what happens, in which
direction (up: away from who connected) and after how many bytes is drawn from the seed and the number
of the connection, never from time. Later connections are whole. Delay and rate hold for all.
With F the link is there for F seconds and away for F seconds by turns: what is connected is reset, and
who connects meanwhile is, too.

  reset     both ends get RST in the middle of what is on the way
  truncate  both ends get FIN there
  corrupt   one bit of the byte there is changed
  drop      the 7 bytes there are left out
  repeat    the 64 bytes before it come twice
  stall     nothing more in this direction for T ms, then everything
  vanish    nothing more in either direction, and nobody is told: a half-open connection

Standard output, a line each: "ready", then "SECONDS CONNECTION EVENT DIRECTION BYTE" for open, closed and
each fault. It ends by SIGTERM. Only the standard library of Python 3.
"""
import argparse
import asyncio
import random
import socket
import struct
import time

READ_BYTES = 4096
# What the kernel takes in advance would be a longer link than the one that is asked for.
BUFFER_BYTES = 8192
DROPPED_BYTES, REPEATED_BYTES = 7, 64
KINDS = ("reset", "truncate", "corrupt", "drop", "repeat", "stall", "vanish")
BEGIN = time.monotonic()


def say(*words):
    print(f"{time.monotonic() - BEGIN:.3f}", *words, flush=True)


class Fault:
    """What happens to one connection; none has kind "none"."""

    def __init__(self, options, number):
        draw = random.Random(f"{options.seed}/{number}")
        first, last = (int(n) for n in options.between.split("-"))
        direction = draw.choice(("up", "down"))
        whole = number > options.connections or not options.kinds
        self.kind = "none" if whole else draw.choice(options.kinds.split(","))
        self.at = draw.randint(first, last)
        self.bit = 1 << draw.randrange(8)
        self.direction = direction if options.direction == "both" else options.direction


class Connection:
    def __init__(self, options, number):
        self.options, self.number = options, number
        self.fault = Fault(options, number)
        self.ends = []
        self.gone = asyncio.Event()
        self.vanished = False
        self.kind_of_end = None

    def end(self, by_reset):
        for writer in self.ends:
            if by_reset:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()
        self.gone.set()

    def away(self):
        flap_s = self.options.flap_s
        return flap_s > 0 and (time.monotonic() - BEGIN) // flap_s % 2 == 1

    def left_s(self):
        """gives the seconds until the link goes away; None: it stays."""
        flap_s = self.options.flap_s
        return flap_s - (time.monotonic() - BEGIN) % flap_s if flap_s > 0 else None

    async def strike(self, direction, data, seen):
        """gives what still goes on of these bytes, of which `seen` went before; None: the end."""
        fault, cut = self.fault, self.fault.at - seen
        if fault.kind == "none" or direction != fault.direction or not 0 <= cut < len(data):
            return data
        kind, fault.kind = fault.kind, "none"
        say(self.number, kind, direction, fault.at)
        if kind == "corrupt":
            return data[:cut] + bytes([data[cut] ^ fault.bit]) + data[cut + 1:]
        if kind == "drop":
            return data[:cut] + data[cut + DROPPED_BYTES:]
        if kind == "repeat":
            return data[:cut] + data[max(0, cut - REPEATED_BYTES):]
        if kind == "stall":
            await asyncio.sleep(self.options.stall_ms / 1000)
            return data
        if kind == "vanish":
            self.vanished = True
            return None
        self.kind_of_end = kind
        return data[:cut]

    async def read(self, direction, reader, queue):
        seen = 0
        while True:
            data = await reader.read(READ_BYTES)
            if not data or self.vanished:
                break
            sent = await self.strike(direction, data, seen)
            seen += len(data)
            if sent is None:
                break
            await queue.put((time.monotonic() + self.options.delay_ms / 1000, sent))
            if self.kind_of_end:
                break
        await queue.put((0, b""))

    async def write(self, writer, queue):
        """The rate is that of the slow link: the next byte waits until the last one has passed."""
        free = 0
        while True:
            due, data = await queue.get()
            if not data:
                return
            now = time.monotonic()
            free = max(free, due, now)
            if self.options.kbit:
                free += len(data) * 8 / (self.options.kbit * 1000)
            await asyncio.sleep(max(0, free - now))
            if self.vanished:
                return
            writer.write(data)
            await writer.drain()

    async def way(self, direction, reader, writer):
        # So much is on the way in a link of this rate and length, and no more.
        on_the_way = self.options.delay_ms * self.options.kbit // (8 * READ_BYTES)
        queue = asyncio.Queue(1 + on_the_way if self.options.kbit else 64)
        try:
            await asyncio.gather(self.read(direction, reader, queue), self.write(writer, queue))
        except (ConnectionError, OSError):
            pass
        if self.vanished:
            return
        self.end(self.kind_of_end == "reset")

    async def run(self, reader, writer):
        say(self.number, "open", "up", 0)
        self.ends = [writer]
        if self.away():
            self.end(True)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self.options.to, limit=READ_BYTES)
        except OSError:
            writer.close()
            return
        self.ends = [writer, far_writer]
        ways = asyncio.gather(self.way("up", reader, far_writer), self.way("down", far_reader, writer))
        try:
            await asyncio.wait_for(self.gone.wait(), self.left_s())
        except asyncio.TimeoutError:
            say(self.number, "away", "up", 0)
            self.end(True)
        ways.cancel()
        say(self.number, "closed", "up", 0)


async def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("listen", type=int)
    parser.add_argument("to", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--between", default="300-20000")
    parser.add_argument("--direction", default="both", choices=("up", "down", "both"))
    parser.add_argument("--connections", type=int, default=0)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--kbit", type=int, default=0)
    parser.add_argument("--stall-ms", type=int, default=1000)
    parser.add_argument("--flap-s", type=float, default=0)
    options = parser.parse_args()
    if not set(options.kinds.split(",")) <= set(KINDS) | {""}:
        parser.error("no such kind of fault")
    count = 0

    async def accepted(reader, writer):
        nonlocal count
        count += 1
        await Connection(options, count).run(reader, writer)

    listener = socket.create_server(("127.0.0.1", options.listen))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    server = await asyncio.start_server(accepted, sock=listener, limit=READ_BYTES)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
