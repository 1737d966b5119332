"""The fonts of the film: files that come with Matplotlib, so that every machine draws the same letters."""

from pathlib import Path

FACES = {"sans": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}


def font_file(face):
    """Where the font of a face lies."""
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf", FACES[face])
