#!/usr/bin/env python3
"""Makes note.txt: a checkpoint signed by an example log and cosigned by an example witness.

Keys come from seeds that say what they are (32 times the same byte); Ed25519 is OpenSSL's, through the
package `cryptography`. Lines: the log's vkey, the witness's vkey, then the note as it is.
"""
import base64
import hashlib
import struct

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
TIME_S = 1795305660


def key(name, kind, seed):
    secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    public = bytes([kind]) + secret.public_key().public_bytes(*RAW)
    ident = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    return secret, ident, "%s+%s+%s" % (name, ident.hex(), base64.b64encode(public).decode())


def line(name, raw):
    return "\u2014 %s %s\n" % (name, base64.b64encode(raw).decode())


LOG, WITNESS = "log.example/study", "site-one.example/witness"
log, log_id, log_text = key(LOG, 1, 0x11)
witness, witness_id, witness_text = key(WITNESS, 4, 0x22)
root = hashlib.sha256(b"an example root").digest()
text = "%s\n%d\n%s\n" % (LOG, 300, base64.b64encode(root).decode())
timed = "cosignature/v1\ntime %d\n%s" % (TIME_S, text)
note = text + "\n"
note += line(LOG, log_id + log.sign(text.encode()))
note += line(WITNESS, witness_id + struct.pack(">Q", TIME_S) + witness.sign(timed.encode()))
print(log_text)
print(witness_text)
print(note, end="")
