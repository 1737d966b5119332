"""Bytes → text, piece by piece: line ends, byte order marks, and what is not a text, told by file and byte."""

import codecs
import io
from collections.abc import Iterator
from itertools import chain

from hornbook.errors import HornbookError, nearest

_BLOCK = 1 << 20  # bytes read at a time


def decoded(file, name, encoding="utf-8") -> Iterator[str]:
    """The text of an open binary `file` in pieces that end at line ends, all of which become newlines.

    A byte order mark is heeded and taken off. Raises HornbookError, naming the byte, for what is no such text.
    """
    begun = []
    for text in _blocks(file, name, encoding):
        end = text.rfind("\n") + 1
        if end:
            yield "".join([*begun, text[:end]])
            begun = []
        begun.append(text[end:])
    yield "".join(begun)


def _blocks(file, name, encoding):
    first = file.read(_BLOCK)
    if encoding == "utf-8" and first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    decoder = _decoder(encoding)
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    offset, begun = 0, False
    for block in chain([first], iter(lambda: file.read(_BLOCK), b""), [b""]):
        waiting = len(decoder.getstate()[0])
        _refuse_binary(block, name, encoding, offset)
        try:
            text = newlines.decode(block, final=not block)
        except UnicodeError as error:
            raise _not_decodable(name, encoding, offset - waiting, error) from error
        yield text if begun else text.removeprefix("\ufeff")
        offset, begun = offset + len(block), begun or bool(text)


def _decoder(encoding):
    try:
        return codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        known = ["utf-8", "utf-16", "latin-1", "cp1252", "cp1251", "shift_jis", "gb18030"]
        raise HornbookError(f'there is no encoding "{encoding}".{nearest(encoding, known)}') from error


def _refuse_binary(block, name, encoding, offset):
    zero = block.find(b"\0")
    if zero >= 0 and "16" not in encoding and "32" not in encoding:
        raise HornbookError(
            f"{name} is not a text: byte {offset + zero:,} is 0x00, as in a program, a picture or a PDF.\n"
            "Give it as plain text; if it is text in UTF-16, say --encoding utf-16"
        )


def _not_decodable(name, encoding, offset, error):
    where = ""
    if isinstance(error, UnicodeDecodeError):
        where = f"byte {offset + error.start:,} is 0x{error.object[error.start]:02X}, "
    guess = "utf-8" if encoding == "cp1252" else "cp1252"
    return HornbookError(
        f"{name} is not {encoding}: {where}{getattr(error, 'reason', error)}.\n"
        f"Say what it is, perhaps --encoding {guess}, or convert it: iconv -f {guess} -t utf-8 {name} > utf8.txt"
    )
