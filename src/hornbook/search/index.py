"""Index: passages of files, found by their words, by their vectors, or by both; kept up to date without rebuilding."""

import os
from dataclasses import asdict
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from hornbook import __version__
from hornbook.errors import HornbookError, nearest
from hornbook.reading import is_there
from hornbook.search.files import STDIN, Cutting, absolute, find
from hornbook.search.finding import WAYS, State
from hornbook.search.store import MANIFEST, claim, read_manifest, writing
from hornbook.search.update import apply, silent
from hornbook.search.vectors import check_same, describe, encode, load_encoder

QUERIES = 64  # whose scores are in memory at a time


class Index:
    """An index in a folder: ``Index.build("notes", "found")``, then ``Index.open("found").search("a question")``.

    Without an encoder it knows words only (BM25); with one, vectors too. Several may read it while one writes.
    """

    def __init__(self, folder, encoder=None):
        self.folder, self._given = Path(folder), encoder
        self._read()

    @classmethod
    def build(cls, places, out, encoder=None, cutting=None, watch=silent):
        """Index the files of `places` (a file, folder, glob or -, or several) into the folder `out`.

        `encoder` is a run folder, a known word or a TextEncoder. A build that was killed is gone on with. Returns the
        index, whose `changes` say what was read. HornbookError where `out` holds something, or nothing can be read.
        """
        out, places = Path(out), _listed(places)
        if (out / MANIFEST).exists():
            raise HornbookError(f"{out} already holds an index. Add to it, or choose another folder with --out.")
        claim(out)
        if not places:
            raise HornbookError("there is nothing to index: name a file, a folder, a glob or -.")
        sources = _sources(places)
        encoder, name = (None, None) if encoder is None else load_encoder(encoder)
        manifest = {
            "hornbook": __version__, "sources": sources, "excluded": [], "cutting": asdict(cutting or Cutting()),
            "encoder": encoder and describe(encoder, name), "files": {}, "segments": [], "next": 1, "nearest": None,
        }  # fmt: skip
        with writing(out):
            changes = apply(out, manifest, find(sources, out) | _stdin(places), (), lambda: encoder, watch)
        index = cls(out, encoder)
        index.changes, index.encoder = changes, encoder
        return index

    @classmethod
    def open(cls, folder, encoder=None):
        """The index in `folder`. `encoder` is needed only where the one that built it has been moved.

        Raises HornbookError where there is none or it is damaged; another encoder is told when it is first needed.
        """
        return cls(folder, encoder)

    def _read(self):
        for _ in range(3):  # an update may remove segments between the look at the manifest and that at them
            try:
                self._state = State(self.folder, read_manifest(self.folder))
                return
            except FileNotFoundError as error:
                missing = error.filename
        raise HornbookError(f"{missing} is missing. Remove {self.folder} and build the index again.")

    def __len__(self):
        return self._state.size

    def __repr__(self):
        return f"Index({str(self.folder)!r}, {len(self.files):,} files, {len(self):,} passages)"

    @property
    def files(self):
        """The files of the index, sorted."""
        return sorted(self._state.manifest["files"])

    @property
    def sources(self):
        """The places that `update` looks through."""
        return list(self._state.manifest["sources"])

    @property
    def cutting(self):
        """How its files are cut into passages."""
        return Cutting(**self._state.manifest["cutting"])

    @property
    def built_by(self):
        """Name, fingerprint and embedding_dim of the encoder that built it; None where there was none."""
        return self._state.manifest["encoder"]

    @property
    def notes(self):
        """What one should know before trusting a ranking, in sentences."""
        return self._state.notes()

    @cached_property
    def encoder(self):
        """The encoder, loaded when it is first needed, or None. HornbookError where another one built the index."""
        if self._given is None and self.built_by is None:
            return None
        encoder, name = load_encoder(self.built_by["name"] if self._given is None else self._given)
        check_same(self.built_by, encoder, name, self.folder)
        return encoder

    def passages(self):
        """Every passage in the order of files and lines, as dicts: file, lines, place, text."""
        for number in range(len(self)):
            yield self._state.passage(number)

    # -- changing it --------------------------------------------------------------------------------------------------

    def add(self, places, watch=silent):
        """Read the files of `places` that are new or changed, and keep these places for updates. Returns Changes."""
        places = _listed(places)
        sources = _sources(places)

        def edit(manifest):
            found = find(sources, self.folder) | _stdin(places)
            manifest["sources"] += [place for place in sources if place not in manifest["sources"]]
            manifest["excluded"] = [path for path in manifest["excluded"] if path not in found]
            return found, ()

        return self._change(edit, watch)

    def update(self, watch=silent):
        """Read again what is new or changed in all places, remove what was deleted. Returns Changes.

        Of what came from stdin nothing can be read again: it stays. HornbookError where a whole folder is gone.
        """

        def edit(manifest):
            found = find(manifest["sources"], self.folder)
            found = {path: named for path, named in found.items() if path not in manifest["excluded"]}
            return found, [path for path in manifest["files"] if path not in found and path != STDIN]

        return self._change(edit, watch)

    def delete(self, place, watch=silent):
        """Remove a file, or all files of a folder, and let no update bring them back; `add` does. Returns Changes."""
        path = STDIN if str(place) in ("-", STDIN) else os.path.abspath(os.path.expanduser(str(place)))

        def edit(manifest):
            gone = [file for file in manifest["files"] if file == path or file.startswith(path + os.sep)]
            if not gone and path not in manifest["sources"]:
                known = nearest(path, manifest["files"]) if manifest["files"] else " It is empty."
                raise HornbookError(f"{self.folder} has no file {place}.{known}")
            sources = [place for place in manifest["sources"] if place != path and not place.startswith(path + os.sep)]
            still, manifest["sources"] = find(filter(is_there, sources), self.folder), sources
            manifest["excluded"] += [file for file in gone if file in still]
            return {}, gone

        return self._change(edit, watch)

    def _change(self, edit, watch):
        with writing(self.folder):
            manifest = read_manifest(self.folder)
            found, removed = edit(manifest)
            self.changes = apply(self.folder, manifest, found, removed, lambda: self.encoder, watch)
        self._read()
        return self.changes

    # -- searching ----------------------------------------------------------------------------------------------------

    def search(self, query, k=10, how=None):
        """The k best passages for a query: list of Hit, best first; none where nothing of the query is known.

        `how` is a word of `WAYS`; fused where there are vectors, else bm25. Raises HornbookError for an empty query.
        """
        return next(self.search_all([query], k, how))

    def search_all(self, queries, k=10, how=None):
        """The hits of `search` for each of `queries`, one list after another."""
        queries, way = list(queries), self._way(how)
        if k < 1:
            raise HornbookError(f"{k} results cannot be shown; ask for 1 or more.")
        if not all(query.strip() for query in queries):
            raise HornbookError("the query is empty. Say what to look for.")
        return self._search(queries, way, k)

    def _search(self, queries, way, k):
        for start in range(0, len(queries), QUERIES):
            some, vectors = queries[start : start + QUERIES], None
            if "dense" in way.parts:
                vectors = encode(self.encoder, some, self.built_by["name"])
            for passages, scores, parts in self._state.rank(way, some, vectors, k):
                yield self._state.hits(passages, scores, parts)

    def _way(self, how):
        how = how or ("fused" if self.built_by else "bm25")
        if how not in WAYS:
            raise HornbookError(f'there is no way to search called "{how}".{nearest(how, WAYS)}')
        if "dense" in WAYS[how].parts and not self.built_by:
            raise HornbookError(
                f"{self.folder} was built without an encoder, so it has no vectors: --how bm25 searches its words."
                " To have both, build another: hornbook index … --encoder RUN --out FOLDER"
            )
        return WAYS[how]

    def unknown(self, query):
        """The words of a query that no passage has, and for each the words of the index that are spelt nearly so."""
        words = self._state.words
        missing = words.unknown(query)
        known = sorted(words.all()) if missing else []
        return {word: get_close_matches(word, known, n=3, cutoff=0.75) for word in missing}


def _listed(places):
    return [places] if isinstance(places, str | Path) else list(places)


def _sources(places):
    return [absolute(place) for place in places if str(place) != "-"]


def _stdin(places):
    return {STDIN: True} if any(str(place) == "-" for place in places) else {}
