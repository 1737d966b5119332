"""Frames → H.264 in an mp4, the same bytes for the same frames; and several of those → one, packet by packet."""

from fractions import Fraction

from hornbook.film import stage

# one thread and no B-frames: the same bytes every time, and files that follow each other without encoding again
OPTIONS = {"crf": "18", "preset": "veryfast", "tune": "stillimage", "bf": "0", "x264-params": "keyint=300:scenecut=40"}
BT709 = 1


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


def join(paths, seconds, titles, out):
    """Write one mp4 of several, which were encoded alike, each a chapter: no frame is encoded again."""
    import av

    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        starts = [sum(seconds[:place]) for place in range(len(seconds) + 1)]
        film.set_chapters(
            [
                {"id": place, "start": round(starts[place] * 1000), "end": round(starts[place + 1] * 1000),
                 "time_base": Fraction(1, 1000), "metadata": {"title": title}}
                for place, title in enumerate(titles)
            ]
        )  # fmt: skip
        target = None
        for path, start in zip(paths, starts):
            with av.open(str(path)) as part:
                source = part.streams.video[0]
                target = target or film.add_stream_from_template(source)
                shift = round(start / source.time_base)
                for packet in part.demux(source):
                    if packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, target
                        film.mux(packet)
