"""Manim's Cairo renderer, with a watcher in the place of its files."""

from manim.renderer.cairo_renderer import CairoRenderer


class NoFiles:
    """Stands where Manim wants a writer of files."""

    def __init__(self, settings):
        pass


class StageRenderer(CairoRenderer):
    """Draws each frame once and hands it on; draws nothing for a watcher that wants no pixels."""

    def __init__(self, watcher):
        super().__init__(file_writer_class=NoFiles)
        self.watcher, self.frames = watcher, 0

    def play(self, scene, *animations, **options):
        """Run animations to their end. `time` is counted in whole frames."""
        scene.compile_animation_data(*animations, **options)
        scene.begin_animations()
        self._scene = scene
        if scene.is_current_animation_frozen_frame():
            self.static_image = None
            self._give(max(round(scene.duration * self.camera.frame_rate), 1), True)
        else:
            if self.watcher.pixels:
                self.save_static_frame_data(scene, scene.static_mobjects)
            scene.play_internal()
        self.num_plays += 1

    def render(self, scene, time, moving_mobjects=None):
        """One frame of a movement."""
        self._give(1, False, moving_mobjects)

    def _give(self, count, resting, mobjects=None):
        pixels = None
        if self.watcher.pixels:
            self.update_frame(self._scene, mobjects)
            pixels = self.camera.pixel_array
        self.watcher.frame(self._scene, pixels, count, resting)
        self.frames += count
        self.time = self.frames / self.camera.frame_rate
