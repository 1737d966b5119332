"""Frames → H.264 in an mp4, the same bytes for the same frames; and several of those → one, packet by packet."""

import heapq
from fractions import Fraction

from hornbook.film import captions, stage

# one thread and no B-frames: the same bytes every time, and files that follow each other without encoding again
OPTIONS = {"crf": "18", "preset": "veryfast", "tune": "stillimage", "bf": "0", "x264-params": "keyint=300:scenecut=40"}
BT709 = 1
THOUSANDTH = Fraction(1, 1000)
STYLE = b"[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,sans-serif,18\n"


class Encoder(stage.Watcher):
    """Encodes the frames of a scene as they come. `told` is called with the seconds drawn so far."""

    def __init__(self, path, quality, told=lambda seconds: None):
        import av

        self.quality, self.told, self.count = quality, told, 0
        self.file = av.open(str(path), "w", format="mp4")
        self.stream = self.file.add_stream("libx264", rate=quality.rate, options=OPTIONS)
        self.stream.width, self.stream.height, self.stream.pix_fmt = quality.width, quality.height, "yuv420p"
        context = self.stream.codec_context
        context.thread_count = 1
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = BT709
        self.stream.time_base = context.time_base = Fraction(1, quality.rate)

    def frame(self, scene, pixels, count, resting):
        import av

        picture = av.VideoFrame.from_ndarray(pixels, "rgba")
        picture = picture.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=BT709)
        for _ in range(count):
            picture.pts, picture.time_base = self.count, Fraction(1, self.quality.rate)
            self.file.mux(self.stream.encode(picture))
            self.count += 1
        self.told(self.count / self.quality.rate)

    def close(self, whole=True):
        """Write what is left; an encoder that was interrupted is only let go."""
        if whole:
            self.file.mux(self.stream.encode())
        self.file.close()


def join(paths, seconds, titles, said, out):
    """Write one mp4 of several, which were encoded alike, each a chapter: no frame is encoded again.

    `said` are the captions of the whole; they travel inside the film as subtitles that are on from the start.
    """
    import av

    starts = [sum(seconds[:place]) for place in range(len(seconds) + 1)]
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        film.set_chapters(
            [
                {"id": place, "start": _thousandths(starts[place]), "end": _thousandths(starts[place + 1]),
                 "time_base": THOUSANDTH, "metadata": {"title": title}}
                for place, title in enumerate(titles)
            ]
        )  # fmt: skip
        with av.open(str(paths[0])) as first:
            pictures = film.add_stream_from_template(first.streams.video[0])
        words = _subtitles(film)
        packets = _pictures(paths, starts, pictures), _words(said, words)
        for packet in heapq.merge(*packets, key=lambda packet: packet.dts * packet.time_base):
            film.mux(packet)


def _pictures(paths, starts, target):
    import av

    for path, start in zip(paths, starts):
        with av.open(str(path)) as part:
            source = part.streams.video[0]
            shift = round(start / source.time_base)
            for packet in part.demux(source):
                if packet.dts is not None:
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, target
                    yield packet


def _subtitles(film):
    stream = film.add_stream("mov_text")
    stream.codec_context.subtitle_header = STYLE
    stream.codec_context.time_base = stream.time_base = THOUSANDTH
    stream.metadata["language"] = "eng"
    return stream


def _words(said, target):
    """Timed text as mp4 has it: two bytes that say how long the words are, and the words."""
    import av

    for caption in said:
        text = captions.shown(caption).encode()
        packet = av.Packet(len(text).to_bytes(2, "big") + text)
        packet.pts = packet.dts = _thousandths(caption.start)
        packet.duration = _thousandths(caption.end) - packet.pts
        packet.time_base, packet.stream = THOUSANDTH, target
        yield packet


def _thousandths(seconds):
    return round(seconds * 1000)
