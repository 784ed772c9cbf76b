#!/usr/bin/env python3
"""openrosa - holds a node's door against the outcome table, row by row, through a client like Collect.

  openrosa.py BASE CODES     BASE: http://HOST:PORT/key/TOKEN; CODES: a file of study codes of the node

Prints one line a row, "ok NAME" or "WRONG NAME: what came"; ends with 1 when one was wrong.
The study is tests/integration/openrosa/study; codes, answers and files are examples.
"""
import http.client
import socket
import sys
import threading
import time
import urllib.parse
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from collect import Collect, Refused, message_of  # noqa: E402

ROWS = []
UNKNOWN_CODE = "0000-0000"
BIG_BYTES = 100 * 1024 * 1024


def row(function):
    ROWS.append(function)
    return function


class Wrong(Exception):
    pass


def must(holds, what):
    if not holds:
        raise Wrong(what)


def new_id():
    return f"uuid:{uuid.uuid4()}"


def tag(name, value):
    return f"<{name}>{value}</{name}>"


class Door:
    """One run: a client, and the codes that are still free."""

    def __init__(self, base, codes):
        self.base, self.codes = base, codes
        at = urllib.parse.urlsplit(base)
        self.host, self.path = at.netloc, at.path

    def client(self, base=None):
        return Collect(base or self.base)

    def code(self):
        return self.codes.pop()

    def person(self):
        """A code whose person has consented."""
        code = self.code()
        status, words = self.client().send(self.consent(code))
        must(status == 201, f"the consent: {status} {words}")
        return code

    def consent(self, code, event="given", more=()):
        """more: items of a study that asks for further permissions, in the order of its form."""
        yes = "".join(tag(f"permit_{p}", "yes") for p in ("collect_direct", "use_site_report", "use_aggregate"))
        yes += "".join(tag(f"permit_{p}", said) for p, said in more)
        return self.xml("consent", "1", new_id(), tag("participant", code) + tag("form_version_shown", "1")
                        + tag("mode", "written") + tag("given_by", "self") + tag("event", event) + yes
                        + tag("given_at", "2026-11-10T10:00:00.000+00:00") + tag("valid_until", "2040-12-31"))

    @staticmethod
    def xml(form, version, instance, body, deprecated=None):
        meta = tag("instanceID", instance) + (tag("deprecatedID", deprecated) if deprecated else "")
        return (f'<?xml version="1.0"?><data id="{form}" version="{version}" '
                f'xmlns:orx="http://openrosa.org/xforms">{body}<meta>{meta}</meta></data>').encode()

    def visit(self, code, instance=None, score="7", photo=None, signature=None, deprecated=None, version="1"):
        step = tag("step", tag("done", "yes") + tag("photo", photo or ""))
        about = tag("about", tag("score", score) + tag("note", "Example &lt;note&gt;") + tag("local", "stays here"))
        return self.xml("visit", version, instance or new_id(),
                        tag("participant", code) + tag("wave", "1") + about + step
                        + tag("signature", signature or ""), deprecated)

    def raw(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        sent = {"X-OpenRosa-Version": "1.0"}
        sent.update(headers or {})
        try:
            connection.request(method, self.path + path, body=body,
                               headers={k: v for k, v in sent.items() if v is not None})
            got = connection.getresponse()
            return got.status, got.headers, got.read()
        finally:
            connection.close()

    def post_parts(self, body, boundary="XX"):
        return self.raw("POST", "/submission",
                        {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body)


def refused(client, xml, files=()):
    """gives status and words of a refusal, as Collect shows them."""
    try:
        status, words = client.send(xml, files)
    except Refused as why:
        text = str(why)
        must(text.startswith("status "), text)
        return int(text[7:10]), text[12:]
    raise Wrong(f"taken: {status} {words}")


# documents

@row
def collect_reads_the_form_list(d):
    forms = {f["formID"]: f for f in d.client().forms()}
    must(set(forms) == {"consent", "visit"}, f"it has {sorted(forms)}")
    must(forms["visit"]["hash"].startswith("md5:"), "no md5 hash")
    must(forms["visit"]["manifestUrl"] and not forms["consent"]["manifestUrl"], "manifest addresses")


@row
def the_list_can_be_asked_for_one_form(d):
    must([f["formID"] for f in d.client().forms("?formID=visit")] == ["visit"], "formID does not filter")


@row
def forms_and_files_have_the_hashes_they_are_listed_with(d):
    import hashlib
    client = d.client()
    for form in client.forms():
        must("md5:" + hashlib.md5(client.form_xml(form)).hexdigest() == form["hash"], form["formID"])
        for file in client.manifest(form):
            must(hashlib.md5(client.media(file)).hexdigest() == file["md5"], file["name"])


@row
def what_a_client_has_is_not_sent_again(d):
    client = d.client()
    for _ in range(2):
        form = [f for f in client.forms() if f["manifestUrl"]][0]
        client.form_xml(form)
        client.media(client.manifest(form)[0])
    must([s for _, s in client.requests] == [200] * 4 + [304] * 4, str(client.requests))


@row
def addresses_of_central_work_too(d):
    token = d.path.split("/")[-1]
    client = d.client(f"http://{d.host}/v1/key/{token}/projects/1")
    forms = client.forms()
    must(len(forms) == 2 and client.form_xml(forms[0]), "the form cannot be had")


@row
def a_bad_token_is_403_and_asks_for_no_password(d):
    client = d.client(f"http://{d.host}/key/{'x' * 64}")
    try:
        client.forms()
    except Refused as why:
        must("status 403" in str(why) and not client.asked_for_password, str(why))
        return
    raise Wrong("it was taken")


@row
def head_on_submission_is_204(d):
    status, headers, _ = d.raw("HEAD", "/submission?deviceID=x")
    must(status == 204 and int(headers["X-OpenRosa-Accept-Content-Length"]) <= 5_000_000, f"{status} {headers}")


@row
def every_answer_has_the_headers_of_openrosa(d):
    for method, path in (("GET", "/formList"), ("GET", "/nothing"), ("PUT", "/formList"), ("POST", "/submission")):
        status, headers, _ = d.raw(method, path)
        for name in ("X-OpenRosa-Version", "Date", "Content-Language", "X-OpenRosa-Accept-Content-Length"):
            must(headers[name], f"{method} {path} {status}: no {name}")


# the outcome table

@row
def new_instance_201(d):
    status, words = d.client().send(d.visit(d.person()))
    must(status == 201 and words, f"{status} {words}")


@row
def same_instance_same_bytes_201(d):
    xml = d.visit(d.person())
    for _ in range(3):
        must(d.client().send(xml)[0] == 201, "it was not taken again")


@row
def same_instance_with_further_files_201(d):
    xml = d.visit(d.person(), photo="a.jpg", signature="b.png")
    must(d.client().send(xml, [("a.jpg", b"one")])[0] == 201, "the first")
    must(d.client().send(xml, [("b.png", b"two")])[0] == 201, "the second")
    must(d.client().send(xml, [("a.jpg", b"one")])[0] == 201, "the same file again")
    must(d.client().send(xml, [("a.jpg", b"other")])[0] == 201, "another file of that name")


@row
def same_instance_other_xml_is_kept_aside_202(d):
    code, instance = d.person(), new_id()
    must(d.client().send(d.visit(code, instance))[0] == 201, "the first")
    status, words = d.client().send(d.visit(code, instance, score="3"))
    must(status == 202 and words, f"{status} {words}")
    must(d.client().send(d.visit(code, instance))[0] == 201, "the first again")


@row
def edit_of_the_current_version_201(d):
    code, first, second = d.person(), new_id(), new_id()
    must(d.client().send(d.visit(code, first))[0] == 201, "the first")
    must(d.client().send(d.visit(code, second, score="8", deprecated=first))[0] == 201, "the edit")


@row
def edit_of_an_old_version_is_kept_beside_202(d):
    code, first = d.person(), new_id()
    must(d.client().send(d.visit(code, first))[0] == 201, "the first")
    must(d.client().send(d.visit(code, score="8", deprecated=first))[0] == 201, "the edit")
    status, words = d.client().send(d.visit(code, score="9", deprecated=first))
    must(status in (201, 202), f"{status} {words}")


@row
def edit_of_nothing_404(d):
    status, words = refused(d.client(), d.visit(d.person(), deprecated=new_id()))
    must(status == 404 and words, f"{status} {words}")


@row
def unknown_form_404(d):
    status, _ = refused(d.client(), d.xml("nothing", "1", new_id(), tag("participant", d.code())))
    must(status == 404, status)


@row
def form_of_another_site_404(d):
    status, _ = refused(d.client(), d.xml("elsewhere", "1", new_id(), tag("participant", d.code())))
    must(status == 404, status)


@row
def unknown_form_version_is_kept_aside_202(d):
    must(d.client().send(d.visit(d.code(), version="77"))[0] == 202, "it was not kept")


@row
def closed_form_409(d):
    status, words = refused(d.client(), d.xml("closed", "1", new_id(), tag("participant", d.person())
                                              + tag("wave", "1") + tag("score", "1")))
    must(status == 409, f"{status} {words}")


@row
def no_consent_is_kept_aside_202(d):
    status, words = d.client().send(d.visit(d.code()))
    must(status == 202 and words, f"{status} {words}")


@row
def unknown_study_code_is_kept_aside_202(d):
    must(d.client().send(d.visit(UNKNOWN_CODE))[0] == 202, "it was not kept")


@row
def invalid_answers_are_kept_aside_202(d):
    must(d.client().send(d.visit(d.person(), score="99"))[0] == 202, "out of range")
    must(d.client().send(d.visit(d.person(), score="seven"))[0] == 202, "no number")
    odd = d.visit(d.person()).replace(b"<about>", b"<odd>1</odd><about>")
    must(d.client().send(odd)[0] == 202, "an answer the form has not")


@row
def file_that_no_answer_names_is_taken_201(d):
    must(d.client().send(d.visit(d.person()), [("stray.bin", b"x")])[0] == 201, "it was refused")


@row
def split_uploads_arrive_whole_201(d):
    client = d.client()
    _, limit = client.head()
    files = [("a.jpg", b"a" * (limit - 1000)), ("b.png", b"b" * (limit - 1000)), ("c.txt", b"c" * 10)]
    xml = d.visit(d.person(), photo="a.jpg", signature="b.png")
    must(len(client.batches(xml, files, limit)) == 2, "the client does not split")
    must(client.send(xml, files)[0] == 201, "not taken")
    must([m for m, _ in client.requests].count("POST") == 2, str(client.requests))


@row
def batches_of_one_record_at_the_same_time_201(d):
    xml = d.visit(d.person(), photo="a.jpg", signature="b.png")
    seen = []

    def send(name):
        seen.append(d.client().send(xml, [(name, name.encode() * 1000)])[0])
    threads = [threading.Thread(target=send, args=(n,)) for n in ("a.jpg", "b.png", "a.jpg", "b.png")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    must(seen == [201] * 4, str(seen))


@row
def no_xml_part_400(d):
    status, _, body = d.post_parts(b'--XX\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1\r\n--XX--')
    must(status == 400 and "xml_submission_file" in message_of(body), f"{status} {body}")


@row
def malformed_multipart_400(d):
    for body in (b"", b"--XX\r\n", b"--XX\r\nContent-Disposition: form-data; name=\"xml_submission_file\"\r\n\r\n<x/>"):
        status, _, answer = d.post_parts(body)
        must(status == 400 and message_of(answer), f"{body}: {status}")


def xml_part(xml):
    return (b'--XX\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="x.xml"\r\n'
            b"Content-Type: text/xml\r\n\r\n" + xml + b"\r\n--XX--\r\n")


@row
def bad_xml_400(d):
    no_id = Door.xml("visit", "1", "", "").replace(b"<instanceID></instanceID>", b"")
    for xml in (b"", b"<data", b"hello", b"\x00", b"<data/>", no_id):
        status, _, answer = d.post_parts(xml_part(xml))
        must(status == 400 and message_of(answer), f"{xml}: {status} {answer}")


@row
def wrong_version_header_400(d):
    for version in ("2.0", None, "1"):
        for method, path in (("GET", "/formList"), ("POST", "/submission")):
            status, _, _ = d.raw(method, path, {"X-OpenRosa-Version": version})
            must(status == 400, f"{method} {version}: {status}")


# hostile

@row
def an_xml_bomb_is_one_sentence(d):
    entities = "".join(f'<!ENTITY e{i} "{"&e%d;" % (i - 1) * 10 if i else "x" * 10}">' for i in range(10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE data [{entities}]><data id="visit" version="1">&e9;</data>'.encode()
    status, _, body = d.post_parts(xml_part(bomb))
    must(status == 400 and message_of(body), f"{status} {body}")


@row
def a_thousand_nested_groups_are_one_sentence(d):
    deep = b"<g>" * 1000 + b"</g>" * 1000
    status, _, body = d.post_parts(xml_part(Door.xml("visit", "1", new_id(), deep.decode())))
    must(status in (400, 202) and message_of(body), f"{status} {body}")


@row
def a_hundred_megabytes_are_one_sentence_413(d):
    piece = b"x" * (1 << 20)
    head = b'--XX\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    for chunked in (False, True):
        connection = http.client.HTTPConnection(d.host, timeout=60)
        connection.putrequest("POST", d.path + "/submission")
        connection.putheader("X-OpenRosa-Version", "1.0")
        connection.putheader("Content-Type", "multipart/form-data; boundary=XX")
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        else:
            connection.putheader("Content-Length", str(len(head) + BIG_BYTES))
        connection.endheaders()
        for data in [head] + [piece] * (BIG_BYTES // len(piece)):
            connection.send(b"%x\r\n" % len(data) + data + b"\r\n" if chunked else data)
        if chunked:
            connection.send(b"0\r\n\r\n")
        answer = connection.getresponse()
        words = message_of(answer.read())
        connection.close()
        must(answer.status == 413 and words, f"{answer.status} {words}")


@row
def tricks_in_file_names_are_one_sentence(d):
    xml = d.visit(d.person())
    for name in (b"../a", b"..", b"/etc/passwd", b"a\x00.jpg", b"a\\b", b"\xff.jpg", b"a%0Ab", b"x" * 300):
        body = (b'--XX\r\nContent-Disposition: form-data; name="' + name + b'"; filename="' + name
                + b'"\r\n\r\n1\r\n' + xml_part(xml))
        status, _, answer = d.post_parts(body)
        must(status in (400, 413) and message_of(answer), f"{name}: {status} {answer}")
    name = "été ☂ 100%.jpg"
    must(d.client().send(d.visit(d.person(), photo=name), [(name, b"1")])[0] == 201, "a name in UTF-8")


@row
def slow_clients_hold_nobody_up(d):
    host, port = d.host.split(":")
    slow = []
    for i in range(100):
        s = socket.create_connection((host, int(port)))
        s.sendall(b"POST /key/x HTTP/1.1\r\nHost: a\r\nX: " + b"y" * i)
        slow.append(s)
    began = time.monotonic()
    must(d.client().send(d.visit(d.person()))[0] == 201, "not taken")
    took = time.monotonic() - began
    for s in slow:
        s.close()
    must(took < 5, f"it took {took:.1f} s")


@row
def requests_sent_at_once_are_answered_in_order(d):
    host, port = d.host.split(":")
    s = socket.create_connection((host, int(port)))
    s.settimeout(20)
    ask = "".join(f"GET {d.path}/{what} HTTP/1.1\r\nHost: {d.host}\r\nX-OpenRosa-Version: 1.0\r\n{more}\r\n"
                  for what, more in (("formList", ""), ("nothing", ""), ("integrity?id=a", "Connection: close\r\n")))
    s.sendall(ask.encode())
    got = b""
    while piece := s.recv(65536):
        got += piece
    places = [got.find(b"HTTP/1.1 200"), got.find(b"HTTP/1.1 404"), got.rfind(b"HTTP/1.1 200")]
    must(-1 < places[0] < places[1] < places[2], got[:200])


@row
def the_door_is_well_afterwards(d):
    connection = http.client.HTTPConnection(d.host, timeout=20)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    must(answer.status == 200, f"{answer.status} {answer.read()}")


def main():
    base, codes = sys.argv[1], Path(sys.argv[2]).read_text().split()
    only = sys.argv[3:]
    door, wrong = Door(base, codes), 0
    for check in ROWS:
        if only and check.__name__ not in only:
            continue
        try:
            check(door)
            print(f"ok {check.__name__}", flush=True)
        except (Wrong, Refused, OSError, http.client.HTTPException) as why:
            wrong += 1
            print(f"WRONG {check.__name__}: {type(why).__name__} {why}", flush=True)
    print(f"{len(ROWS) - wrong} of {len(ROWS)} rows hold" if not only else f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
