"""connect_proxy - the two doors that stand between a node and the hub's door for bundles.

connect LOG            an HTTP proxy that knows CONNECT only; a line "CONNECT HOST:PORT STATUS" in
                       LOG for each request.
tls CERT KEY TARGET    a server that takes TLS off and hands the bytes to TARGET (host:port).

Both listen on a free loopback port, print it and serve until they are ended. They are made for
tests: one thread for each direction of a connection, no limits.
"""
import socket
import ssl
import sys
import threading

HEAD_MAX_BYTES = 16384
PIECE_BYTES = 65536


def pump(a, b):
    """Hand on what comes until it ends, then say so to the other side."""
    try:
        while piece := a.recv(PIECE_BYTES):
            b.sendall(piece)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def join(a, b):
    threading.Thread(target=pump, args=(a, b), daemon=True).start()
    pump(b, a)
    a.close()
    b.close()


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def serve_connect(client, log):
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_MAX_BYTES:
        piece = client.recv(1)
        if not piece:
            return
        head += piece
    method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
    try:
        if method != "CONNECT":
            raise OSError("only CONNECT")
        server = socket.create_connection(address(target), 10)
        status = "200 Connection established"
    except OSError:
        server, status = None, "403 Forbidden"
    with open(log, "a", encoding="ascii") as out:
        out.write(f"{method} {target} {status[:3]}\n")
    client.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode("ascii"))
    if server:
        join(client, server)
    else:
        client.close()


def serve_tls(client, context, target):
    try:
        inside = context.wrap_socket(client, server_side=True)
        server = socket.create_connection(address(target), 10)
    except OSError:
        client.close()
        return
    join(inside, server)


def main():
    what, *arguments = sys.argv[1:]
    if what == "tls":
        cert, key, target = arguments
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        serve = lambda client: serve_tls(client, context, target)
    else:
        serve = lambda client: serve_connect(client, arguments[0])
    door = socket.create_server(("127.0.0.1", 0))
    print(door.getsockname()[1], flush=True)
    while True:
        client, _ = door.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
