"""The exercises of Frankenstein 03: counting windows, cutting one, a Dataset of them, a batch."""

from hornbook.lessons.exercise import Case, Exercise, Mistake

# -- 03.1 ---------------------------------------------------------------------------------------------------------


def n_windows(n, T, stride):
    return max(0, (n - T - 1) // stride + 1)


def _lengths():
    cases = ((101, 10, 10), (100, 10, 10), (24, 8, 4), (11, 10, 3), (5, 10, 2), (50, 7, 3))
    return [Case(case, "n={}, T={}, stride={}".format(*case)) for case in cases]


# -- 03.2 ---------------------------------------------------------------------------------------------------------


def window(ids, k, T, stride):
    part = ids[k * stride : k * stride + T + 1]
    return part[:-1], part[1:]


def _window(shift=1, start=None):
    """`window` whose labels begin `shift` places later, and whose start is start(k, T, stride)."""

    def cut(ids, k, T, stride):
        at = start(k, T, stride) if start else k * stride
        return ids[at : at + T], ids[at + shift : at + shift + T]

    return cut


def _next_window(ids, k, T, stride):
    return ids[k * stride : k * stride + T], ids[k * stride + T : k * stride + 2 * T]


def _streams():
    cases = ((2, 4, 3), (1, 5, 5), (3, 3, 2))
    return [
        Case(([i * i % 29 for i in range(40)], *case), "window {} of T={}, stride={}".format(*case)) for case in cases
    ]


# -- 03.3 ---------------------------------------------------------------------------------------------------------


def windows_class(flaw=""):
    """The class of 03.3, or with one flaw."""
    from torch.utils.data import Dataset

    class Windows(Dataset):
        def __init__(self, ids, T, stride):
            self.ids, self.T, self.stride = ids, T, stride

        def __len__(self):
            if flaw == "length is of the text":
                return len(self.ids)
            return n_windows(len(self.ids), self.T, self.stride) - (flaw == "last window")

        def __getitem__(self, k):
            features, labels = window(self.ids, k, self.T, 1 if flaw == "stride" else self.stride)
            return {"not shifted": (features, features), "swapped": (labels, features)}.get(flaw, (features, labels))

    return Windows


class _Late:
    """A class that needs torch, made when it is called."""

    def __init__(self, flaw=""):
        self.flaw = flaw

    def __call__(self, ids, T, stride):
        return windows_class(self.flaw)(ids, T, stride)


def look_into(make, ids, T, stride):
    """What can be seen of a Dataset from outside: its length, its first, second and last window that 03.1 counts."""
    dataset = make(ids, T, stride)
    last = n_windows(len(ids), T, stride) - 1
    return len(dataset), *(tuple(dataset[k]) for k in (0, 1, last))


def _tensors():
    import torch

    ids = torch.arange(60) * 7 % 31
    return [Case((ids, *case), "60 ids, T={}, stride={}".format(*case)) for case in ((8, 8), (5, 3))]


# -- 03.4 ---------------------------------------------------------------------------------------------------------


def stack(items):
    from torch.utils.data import default_collate

    return tuple(default_collate(items))


def _features_twice(items):
    return stack(items)[0], stack(items)[0]


def _of_first(items):
    return tuple(items[0])


def _items():
    dataset = windows_class()((_tensors()[0].args[0]), 6, 6)
    return [Case(([dataset[k] for k in range(B)],), f"{B} windows of 6 characters") for B in (4, 3)]


EXERCISES = (
    Exercise(
        id="03.1",
        title="How many windows?",
        goal="Count the windows of T + 1 characters, one every `stride` places, that fit into n characters.",
        accept=("the last window that fits is counted", "0 where not even one fits, never a negative number"),
        hints=(
            "Where may a window start, at the latest, so that its T + 1 characters still fit?",
            "Starts are 0, stride, 2·stride … up to n - (T + 1). How many numbers are that?",
            "A fence with posts every `stride` has one post more than gaps. And max(0, …) for texts too short.",
        ),
        right=n_windows,
        cases=_lengths,
        mistakes=(
            Mistake(
                "off by one: the last window is lost (posts and gaps of a fence)",
                lambda n, T, stride: max(0, (n - T - 1) // stride),
            ),
            Mistake(
                "windows of T characters are counted; features and labels together need T + 1",
                lambda n, T, stride: max(0, (n - T) // stride + 1),
            ),
            Mistake(
                "the stride is left out: these are the windows one place apart", lambda n, T, stride: max(0, n - T)
            ),
            Mistake("n divided by T: that is the number of pieces, whatever the stride", lambda n, T, stride: n // T),
            Mistake(
                "a text too short gives a negative number of windows; it has 0",
                lambda n, T, stride: (n - T - 1) // stride + 1,
            ),
        ),
        why="Each window needs one character more than T: the label of its last feature.",
        outcome="can count windows without losing the last one",
        page="training",
        film=5,
    ),
    Exercise(
        id="03.2",
        title="Cut one window",
        goal="Return features and labels of window number k.",
        accept=("features start at k * stride", "labels are the features shifted by one", "both have T ids"),
        hints=(
            "Cut T + 1 ids first, then make two overlapping parts of them.",
            "Window k starts at k times the stride, not at k.",
        ),
        right=window,
        cases=_streams,
        mistakes=(
            Mistake("labels not shifted: they are the features again", _window(shift=0)),
            Mistake("the labels are the next whole window: they must be one place further, not T", _next_window),
            Mistake("window k starts at k; it starts at k * stride", _window(start=lambda k, T, stride: k)),
            Mistake("window k starts at k * T; it starts at k * stride", _window(start=lambda k, T, stride: k * T)),
            Mistake("the labels are two places further than the features: one is right", _window(shift=2)),
        ),
        why="T + 1 ids hold T questions with their answers. One cut, two views of it.",
        outcome="can cut a text into windows with labels shifted by one",
        page="training",
        film=5,
        outputs=("features", "labels"),
    ),
    Exercise(
        id="03.3",
        title="A Dataset",
        goal="Put counting and cutting into a torch Dataset: len(dataset) and dataset[k].",
        accept=("len is the number of windows", "dataset[k] is (features, labels) of window k"),
        hints=(
            "Python calls __len__ for len(dataset) and __getitem__ for dataset[k].",
            "You have written both: n_windows of notebook 03.1 and window of 03.2, with what __init__ has kept.",
        ),
        right=_Late(),
        cases=_tensors,
        mistakes=(
            Mistake("the last window is lost: len is one too small", _Late("last window")),
            Mistake("labels not shifted: dataset[k] gives the features twice", _Late("not shifted")),
            Mistake("len is that of the text, not the number of windows", _Late("length is of the text")),
            Mistake("the stride is left out: window k starts at k", _Late("stride")),
            Mistake("features and labels are swapped: features come first", _Late("swapped")),
        ),
        why="A Dataset answers two questions: how many, and which is number k. A DataLoader needs no more than that.",
        outcome="can write a torch Dataset",
        page="training",
        film=9,
        outputs=("len(dataset)", "dataset[0]", "dataset[1]", "the last window"),
        probe=look_into,
    ),
    Exercise(
        id="03.4",
        title="A batch",
        goal="Stack B windows into one pair of tensors.",
        accept=("features (B, T) and labels (B, T)", "row b is window b"),
        hints=(
            "Two lists first: all the features, all the labels. zip(*items) turns pairs into two rows.",
            "torch.stack puts tensors on top of each other, along a new first axis.",
        ),
        right=stack,
        cases=_items,
        mistakes=(
            Mistake(
                "the windows stand side by side, (T, B): stack along the first axis, not the last",
                lambda items: tuple(part.T for part in stack(items)),
            ),
            Mistake(
                "the windows are joined into one long row: stack, do not concatenate",
                lambda items: tuple(part.reshape(-1) for part in stack(items)),
            ),
            Mistake("the labels are the features again", _features_twice),
            Mistake("that is only the first window: a batch has all of them", _of_first),
        ),
        why="All B rows meet the same weights, so one large matrix product takes the place of B small ones.",
        outcome="can say what the shape [B, T] of a batch means",
        page="training",
        film=4,
        outputs=("features", "labels"),
    ),
)
