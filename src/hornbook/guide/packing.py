"""The page's script and numbers deflated: a page of 300 kB that would be half as large again."""

import base64
import json
import re
import zlib


def pack(**texts):
    """Texts by name, deflated and written in base64; js/unpack.js reads them again in the page."""
    return base64.b64encode(zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 9)).decode()


def unpack(page):
    """The texts inside a page: {"data": JSON, "script": JavaScript}."""
    packed = re.search(r'id="packed">([^<]*)<', page)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed)))
