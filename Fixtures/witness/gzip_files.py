"""Makes Fixtures/images/gzip.json: gzip files of every kind of block and header, by zlib.

Run: python3 Fixtures/witness/gzip_files.py > Fixtures/images/gzip.json
"""
import base64
import json
import random
import struct
import zlib


def member(content, level=9, strategy=zlib.Z_DEFAULT_STRATEGY, extra=None, name=None, comment=None, header_crc=False):
    flags = (4 if extra is not None else 0) | (8 if name else 0) | (16 if comment else 0) | (2 if header_crc else 0)
    header = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff"
    if extra is not None:
        header += struct.pack("<H", len(extra)) + extra
    for text in (name, comment):
        if text:
            header += text + b"\0"
    if header_crc:
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    body = packer.compress(content) + packer.flush()
    return header + body + struct.pack("<II", zlib.crc32(content), len(content))


random.seed(1)
prose = b"".join(random.choice([b"bank ", b"anchor ", b"view ", b"neighbour ", b"head "]) for _ in range(120))
noise = bytes(random.randrange(256) for _ in range(300))
far = noise + bytes(32768 - 300) + noise + b"z" * 700
idx = bytes([0, 0, 8, 3]) + struct.pack(">III", 3, 4, 4) + bytes(range(48))
CASES = [
    ("dynamic codes", prose, member(prose)),
    ("fixed codes", prose, member(prose, strategy=zlib.Z_FIXED)),
    ("no repeats", prose, member(prose, strategy=zlib.Z_HUFFMAN_ONLY)),
    ("runs only", far[:900], member(far[:900], strategy=zlib.Z_RLE)),
    ("stored", noise, member(noise, level=0)),
    ("the largest distance and length", far, member(far)),
    ("nothing", b"", member(b"")),
    ("one byte", b"x", member(b"x")),
    ("every header field", prose, member(prose, extra=b"ab\x02\x00xy", name=b"a name", comment=b"a comment",
                                         header_crc=True)),
    ("three members", prose + b"and" + noise, member(prose) + member(b"and", name=b"n") + member(noise)),
    ("an idx file", idx, member(idx)),
]
print(json.dumps([dict(name=name, content=base64.b64encode(content if len(content) < 2000 else b"").decode(),
                       count=len(content), crc=zlib.crc32(content), file=base64.b64encode(file).decode())
                  for name, content, file in CASES], indent=1))
