"""Changing an index: what changed is read again, what is known is kept, and one rename switches from old to new."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from hornbook.errors import HornbookError
from hornbook.search import nearest, postings
from hornbook.search.files import STDIN, Cutting, Stamp, locate, stamp
from hornbook.search.store import Segment, number_rows, write_manifest, write_segment
from hornbook.search.vectors import Vectors

SEGMENT = 32_768  # passages, about: what is held in memory at a time
SMALL, MOST_SMALL = SEGMENT // 8, 8  # more segments than that, smaller than that, are written together into one


@dataclass
class Changes:
    """What an update did to the files, and how many passages it wrote, encoded and left in the index."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # file -> why
    read: int = 0  # passages cut from what was added or changed
    encoded: int = 0
    passages: int = 0  # in the whole index
    notes: list[str] = field(default_factory=list)


def silent(event, number):
    """Who watches hears ("files", to read), ("file", 1), ("passages", cut), ("encoded", made)."""


def apply(folder, manifest, found, removed, encoder, watch=silent):
    """Make the index hold the files `found` (path -> whether named itself) as they are now, and not those `removed`.

    Nothing of the old index is touched before the new manifest is in place. A file that cannot be read is left out
    and told, or raises HornbookError where it was named itself, or nothing else is left. `encoder` is a function that
    returns the encoder. Changes `manifest`.
    """
    changes, files = Changes(removed=sorted(removed)), dict(manifest["files"])
    for path in changes.removed:
        del files[path]
    reading = _to_read(found, files, changes, watch)
    segments = [Segment(folder, number, bool(manifest["encoder"])) for number in manifest["segments"]]
    merged = _worth_merging(files, reading, segments) if reading or changes.removed else []
    vectors = Vectors(folder, encoder, manifest["encoder"], segments) if manifest["encoder"] else None
    new = _cut(reading, files, Cutting(**manifest["cutting"]), changes, watch)
    _write(folder, manifest, files, chain(new, _again(files, reading, merged)), vectors, watch)
    if changes.left_out and not files:
        raise HornbookError(f"no file can be read. {next(iter(changes.left_out.values()))}")
    alive = {entry["segment"] for entry in files.values()}
    manifest["segments"] = [number for number in manifest["segments"] if number in alive]
    manifest["files"] = files
    changes.encoded = vectors.made if vectors else 0
    changes.passages = sum(entry["rows"][1] - entry["rows"][0] for entry in files.values())
    if reading or changes.removed or not manifest["nearest"]:
        _renew_graph(folder, manifest, changes)
    write_manifest(folder, manifest)
    return changes


def _to_read(found, files, changes, watch):
    """path -> (stamp, whether named), for what is new or changed; new stamps of what is not go into `files`."""
    reading = {}
    for path, named in found.items():
        before = files.get(path)
        try:
            now = Stamp(None, None, None) if path == STDIN else stamp(path, before and Stamp(*before["stamp"]))
        except OSError as error:
            _leave_out(path, HornbookError(f"{path}: {error.strerror}."), named, files, changes)
            continue
        if before and path != STDIN and before["stamp"][2] == now.sha256:
            files[path] = before | {"stamp": list(now)}
        else:
            reading[path] = (now, named)
    watch("files", len(reading))
    return reading


def _leave_out(path, error, named, files, changes):
    if named:
        raise error
    changes.left_out[path] = str(error)
    files.pop(path, None)


def _cut(reading, files, cutting, changes, watch):
    """(path, stamp, passages) of each file to read."""
    for path, (now, named) in reading.items():
        try:
            located = locate("-" if path == STDIN else path, cutting)
        except HornbookError as error:
            _leave_out(path, error, named, files, changes)
        except OSError as error:
            _leave_out(path, HornbookError(f"{path}: {error.strerror}."), named, files, changes)
        else:
            (changes.changed if path in files else changes.added).append(path)
            changes.read += len(located)
            watch("passages", len(located))
            yield path, list(now), [_as_dict(path, passage) for passage in located]
        watch("file", 1)


def _as_dict(path, passage):
    return {"file": path, "lines": [passage.first, passage.last], "place": [passage.start, passage.end],
            "text": passage.text}  # fmt: skip


def _worth_merging(files, reading, segments):
    """The segments of which half is gone, and the small ones where there are many."""
    live = Counter()
    for path, entry in files.items():
        if path not in reading:
            live[entry["segment"]] += entry["rows"][1] - entry["rows"][0]
    small = [segment for segment in segments if 0 < live[segment.number] < SMALL]
    merged = {segment.number: segment for segment in segments if 0 < 2 * live[segment.number] < len(segment)}
    if len(small) > MOST_SMALL:
        merged |= {segment.number: segment for segment in small}
    return list(merged.values())


def _again(files, reading, merged):
    """(path, stamp, passages) of each file in segments that are to be written together, but for those read anew."""
    of = {segment.number: segment for segment in merged}
    for path, entry in list(files.items()):
        if entry["segment"] in of and path not in reading:
            yield path, entry["stamp"], [of[entry["segment"]].passage(row) for row in range(*entry["rows"])]


def _write(folder, manifest, files, texts, vectors, watch):
    """Write the passages of files into new segments, and into `files` where they are."""
    waiting, size = [], 0
    for path, now, passages in texts:
        waiting.append((path, now, passages))
        size += len(passages)
        if size >= SEGMENT:
            _write_one(folder, manifest, files, waiting, vectors, watch)
            waiting, size = [], 0
    if waiting:
        _write_one(folder, manifest, files, waiting, vectors, watch)


def _write_one(folder, manifest, files, waiting, vectors, watch):
    passages = [passage for _, _, own in waiting for passage in own]
    number, start = manifest["next"], 0
    for path, now, own in waiting:
        files[path] = {"stamp": now, "segment": number if own else None, "rows": [start, start + len(own)]}
        start += len(own)
    if not passages:
        return
    texts = [passage["text"] for passage in passages]
    arrays = postings.count(texts)
    if vectors:
        arrays["vectors"], arrays["keys"] = vectors.of(texts, lambda made: watch("encoded", made))
    write_segment(folder, number, passages, arrays.pop("words"), arrays)
    manifest["segments"].append(number)
    manifest["next"] = number + 1


def _renew_graph(folder, manifest, changes):
    """Bring the approximate index along where exact search would take too long; measure what it finds."""
    before, manifest["nearest"] = manifest["nearest"], None
    if not manifest["encoder"] or changes.passages <= nearest.EXACT_UP_TO:
        return
    try:
        nearest.usearch()
    except nearest.Missing as error:
        changes.notes.append(f"search stays exact over {changes.passages:,} passages, which takes long: {error}")
        return
    segments = [Segment(folder, number, True) for number in manifest["segments"]]
    numbers, size = number_rows(manifest["files"], segments)
    if before:
        graph = nearest.Graph.load(Path(folder) / before["file"], view=False)
    else:
        graph = nearest.Graph.make(manifest["encoder"]["embedding_dim"])
    graph.follow(segments, numbers)
    name, manifest["next"] = f"nearest-{manifest['next']:04}.usearch", manifest["next"] + 1
    graph.save(Path(folder) / name)
    recall = graph.recall(segments, numbers, size)
    sample = min(nearest.SAMPLE, size)
    manifest["nearest"] = {"file": name, "recall_at_10": recall, "sample": sample}
    changes.notes.append(f"search is approximate (USearch) over {changes.passages:,} passages: it finds {recall:.1%} of"
                         f" the 10 nearest of {sample} passages")  # fmt: skip
