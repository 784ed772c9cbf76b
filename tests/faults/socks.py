#!/usr/bin/env python3
"""socks - a SOCKS5 proxy (RFC 1928) on loopback: no authentication, CONNECT only.

  socks.py LISTEN

LISTEN is a port of 127.0.0.1. Standard output, a line each: "ready", then "connect HOST PORT" for each
connection that it makes, "refused" for what it does not do. It ends by SIGTERM. Only the standard library
of Python 3.
"""
import asyncio
import sys

VERSION, NO_AUTHENTICATION, CONNECT = 5, 0, 1
DONE, FAILED, UNKNOWN_COMMAND = 0, 1, 7
BY_ADDRESS, BY_NAME = 1, 3
READ_BYTES = 65536


def say(*words):
    print(*words, flush=True)


async def target_of(reader):
    """gives host and port of a request, host None where it is not one for us."""
    _, command, _, kind = await reader.readexactly(4)
    if kind == BY_ADDRESS:
        host = ".".join(str(byte) for byte in await reader.readexactly(4))
    elif kind == BY_NAME:
        length = (await reader.readexactly(1))[0]
        host = (await reader.readexactly(length)).decode()
    else:
        return None, 0
    port = int.from_bytes(await reader.readexactly(2), "big")
    return (host if command == CONNECT else None), port


async def pass_on(reader, writer):
    try:
        while data := await reader.read(READ_BYTES):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, OSError):
        pass
    writer.close()


async def serve(reader, writer):
    def answer(code):
        writer.write(bytes([VERSION, code, 0, BY_ADDRESS, 0, 0, 0, 0, 0, 0]))

    try:
        version, methods = await reader.readexactly(2)
        offered = await reader.readexactly(methods)
        if version != VERSION or NO_AUTHENTICATION not in offered:
            say("refused")
            writer.close()
            return
        writer.write(bytes([VERSION, NO_AUTHENTICATION]))
        host, port = await target_of(reader)
        if host is None:
            say("refused")
            answer(UNKNOWN_COMMAND)
            writer.close()
            return
        say("connect", host, port)
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            answer(FAILED)
            writer.close()
            return
        answer(DONE)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
    except (asyncio.IncompleteReadError, ConnectionError, OSError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    say("ready")
    await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main())
