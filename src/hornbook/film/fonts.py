"""The fonts of the film: files that come with Matplotlib, so that every machine draws the same letters."""

from pathlib import Path

from hornbook.errors import HornbookError

FACES = {"sans": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}


def font_file(face):
    """Where the font of a face lies. Raises HornbookError, with the cure, where it is gone."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", FACES[face])
    if not path.is_file():
        cure = "pip install --force-reinstall --no-deps matplotlib"
        raise HornbookError(f"{path} is not there: the film's letters are Matplotlib's fonts. What works: {cure}")
    return path
