#!/usr/bin/env python3
"""collect - a test client that behaves as ODK Collect does over HTTP; what it refuses, Collect refuses.

  collect.py BASE forms                      the form list, one line a form
  collect.py BASE get DIRECTORY              every form with its files
  collect.py BASE send FILE.xml [FILE...]    one submission; prints what the person would see

Behaviour:   deviceID on every URL; a Date that servers must not parse; text/xml by substring, anything
             else is a captive portal; the whole list refused when one entry lacks a part; hashes with
             md5: in front; HEAD before POST (204 only, its limit and Location taken, 401 asks for a
             password, other 2xx ends it, other errors are ignored); requests split where the next file
             would pass the limit or after 100 files, all but the last marked *isIncomplete*; 201 and 202
             are success, 200 is a captive portal, the message is shown; ETag and 304.
Only the standard library of Python 3.
"""
import http.client
import sys
import urllib.parse
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"
AGENT = "org.odk.collect.android/v2026.2.1 Dalvik/2.1.0 (Linux; U; Android 14; example)"
# Twelve hours and no zone that HTTP knows: Collect's own pattern.
DATE = "Sun, 22 Nov 2026 03:49:23 GMT+00:00"
LIMIT_BYTES = 10_000_000  # where the server announces none
FILES_MAX = 100
TIMEOUT_S = 60


class Refused(Exception):
    """What Collect shows instead of going on."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name)

    def is_xml(self):
        return "text/xml" in (self.header("Content-Type") or "")


def part(name, filename, kind, body):
    """One part as okhttp writes it."""
    head = f'Content-Disposition: form-data; name="{quoted(name)}"'
    if filename is not None:
        head += f'; filename="{quoted(filename)}"'
    if kind:
        head += f"\r\nContent-Type: {kind}"
    return head.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"\r\n"


def quoted(text):
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def message_of(body):
    try:
        found = ET.fromstring(body).find(f"{RESPONSE}message")
    except ET.ParseError:
        return ""
    return (found.text or "") if found is not None else ""


class Collect:
    def __init__(self, base, device="collect:example0device"):
        self.base, self.device = base.rstrip("/"), device
        self.cache = {}  # URL -> (ETag, body)
        self.moved = {}  # where HEAD sent later posts
        self.asked_for_password = False
        self.requests = []  # (method, status) in their order

    # one request

    def url_of(self, url):
        return url + ("&" if "?" in url else "?") + "deviceID=" + urllib.parse.quote(self.device)

    def request(self, method, url, body=None, headers=None, openrosa=True):
        at = urllib.parse.urlsplit(self.url_of(url))
        kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
        connection = kind(at.netloc, timeout=TIMEOUT_S)
        sent = {"User-Agent": AGENT, "Date": DATE}
        if openrosa:
            sent["X-OpenRosa-Version"] = "1.0"
        sent.update(headers or {})
        try:
            connection.request(method, f"{at.path}?{at.query}", body=body, headers=sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            connection.close()
        self.requests.append((method, answer.status))
        return answer

    def get(self, url, openrosa=True):
        """Through the cache: a 304 gives what is in it."""
        known = self.cache.get(url)
        answer = self.request("GET", url, headers={"If-None-Match": known[0]} if known else None,
                              openrosa=openrosa)
        if answer.status == 304:
            return Answer(304, answer.headers, known[1])
        if answer.status == 200 and answer.header("ETag"):
            self.cache[url] = (answer.header("ETag"), answer.body)
        return answer

    def get_xml(self, url):
        answer = self.get(url)
        if answer.status == 401:
            self.asked_for_password = True
            raise Refused("asks for a password")
        if answer.status not in (200, 304):
            raise Refused(f"status {answer.status}: {message_of(answer.body)}")
        if answer.status == 200 and not answer.is_xml():
            raise Refused("a captive portal: the answer is not text/xml")
        if not answer.header("X-OpenRosa-Version"):
            raise Refused("is this an OpenRosa endpoint?")
        return ET.fromstring(answer.body)

    # forms

    def forms(self, query=""):
        root = self.get_xml(f"{self.base}/formList{query}")
        if root.tag != f"{LIST}xforms":
            raise Refused(f"the form list begins with {root.tag}")
        found = []
        for entry in root.findall(f"{LIST}xform"):
            form = {name: (entry.findtext(f"{LIST}{name}") or "").strip() for name in
                    ("formID", "name", "version", "hash", "downloadUrl", "manifestUrl")}
            if not (form["formID"] and form["name"] and form["downloadUrl"]):
                raise Refused("an entry of the list lacks formID, name or downloadUrl: the list is refused")
            found.append(form)
        return found

    def form_xml(self, form):
        answer = self.get(form["downloadUrl"], openrosa=False)
        if answer.status not in (200, 304):
            raise Refused(f"form: status {answer.status}")
        return answer.body

    def manifest(self, form):
        if not form["manifestUrl"]:
            return []
        root = self.get_xml(form["manifestUrl"])
        if root.tag != f"{MANIFEST}manifest":
            raise Refused(f"the manifest begins with {root.tag}")
        files = []
        for entry in root.findall(f"{MANIFEST}mediaFile"):
            name, digest, url = (entry.findtext(f"{MANIFEST}{n}") or "" for n in
                                 ("filename", "hash", "downloadUrl"))
            if not (name and digest and url):
                raise Refused("a file of the manifest lacks filename, hash or downloadUrl")
            files.append({"name": name.split("/")[-1], "md5": digest[4:], "url": url})
        return files

    def media(self, file):
        answer = self.get(file["url"], openrosa=False)
        if answer.status not in (200, 304):
            raise Refused(f"media: status {answer.status}")
        return answer.body

    # submissions

    def head(self):
        """gives where to post to, and the limit."""
        url = f"{self.base}/submission"
        if url in self.moved:
            return self.moved[url]
        answer = self.request("HEAD", url)
        limit = LIMIT_BYTES
        if answer.status == 204:
            limit = int(answer.header("X-OpenRosa-Accept-Content-Length") or LIMIT_BYTES)
            to = answer.header("Location")
            if to:
                if urllib.parse.urlsplit(to).hostname != urllib.parse.urlsplit(url).hostname:
                    raise Refused("sent to another host")
                self.moved[url] = (to, limit)
                return to, limit
        elif answer.status == 401:
            self.asked_for_password = True
            raise Refused("asks for a password")
        elif 200 <= answer.status < 300:
            raise Refused("is this an OpenRosa endpoint?")
        return url, limit

    def batches(self, xml, files, limit):
        """The files of each request."""
        rest, out = list(files), []
        while True:
            batch, size = [], len(xml)
            while rest:
                batch.append(rest.pop(0))
                size += len(batch[-1][1])
                if rest and (len(batch) >= FILES_MAX or size + len(rest[0][1]) > limit):
                    break
            out.append(batch)
            if not rest:
                return out

    def post(self, url, xml, files, incomplete):
        boundary = str(uuid.uuid4())
        parts = [part("xml_submission_file", "submission.xml", "text/xml; charset=utf-8", xml)]
        parts += [part(name, name, "application/octet-stream", data) for name, data in files]
        if incomplete:
            parts.append(part("*isIncomplete*", None, "text/plain; charset=utf-8", b"yes"))
        mark = b"--" + boundary.encode() + b"\r\n"
        body = b"".join(mark + p for p in parts) + b"--" + boundary.encode() + b"--\r\n"
        return self.request("POST", url, body=body, headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}"})

    def send(self, xml, files=()):
        """gives the last answer: (status, message); Refused as Collect would show a failure."""
        url, limit = self.head()
        batches = self.batches(xml, files, limit)
        for number, batch in enumerate(batches):
            answer = self.post(url, xml, batch, number + 1 < len(batches))
            if answer.status == 401:
                self.asked_for_password = True
                raise Refused("asks for a password")
            if answer.status not in (201, 202):
                why = "a captive portal" if answer.status == 200 else message_of(answer.body)
                raise Refused(f"status {answer.status}: {why}")
        return answer.status, message_of(answer.body)


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    client, verb = Collect(arguments[0]), arguments[1]
    try:
        if verb == "forms":
            for form in client.forms():
                print(form["formID"], form["version"], form["hash"], form["name"])
        elif verb == "get":
            for form in client.forms():
                (Path(arguments[2]) / f"{form['formID']}.xml").write_bytes(client.form_xml(form))
                for file in client.manifest(form):
                    (Path(arguments[2]) / file["name"]).write_bytes(client.media(file))
        elif verb == "send":
            files = [(Path(f).name, Path(f).read_bytes()) for f in arguments[3:]]
            print(*client.send(Path(arguments[2]).read_bytes(), files))
        else:
            return 2
    except Refused as why:
        print(f"collect: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
