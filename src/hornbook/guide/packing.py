"""The page's script and numbers deflated: a page of 300 kB that would be half as large again."""

import base64
import json
import re
import zlib

# two signs of base 85 written otherwise: the one begins a tag, the other a template literal
WRITTEN, READ = str.maketrans("<`", ",."), str.maketrans(",.", "<`")


def pack(**texts):
    """Texts by name, deflated and written in base 85 behind their length; js/unpack.js reads them again in the page."""
    packed = zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 9)
    return f"{len(packed)} {base64.b85encode(packed, pad=True).decode().translate(WRITTEN)}"


def unpack(page):
    """The texts inside a page: {"data": JSON, "script": JavaScript}."""
    length, packed = re.search(r'id="packed">(\d+) ([^<]*)<', page).groups()
    return json.loads(zlib.decompress(base64.b85decode(packed.translate(READ))[: int(length)]))
