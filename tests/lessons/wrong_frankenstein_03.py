"""Wrong answers to Frankenstein 03, each with a piece of the diagnosis that it must get."""


def fits(n, T, stride):
    return len(range(0, n - T, stride))


def cut(ids, at, T, ahead=1):
    return [ids[at + t] for t in range(T)], [ids[at + t + ahead] for t in range(T)]


class Windows:
    """A right one, of which the others differ in one place."""

    def __init__(self, ids, T, stride):
        self.ids, self.T, self.stride = ids, T, stride

    def __len__(self):
        return fits(len(self.ids), self.T, self.stride)

    def at(self, k):
        return k * self.stride

    def __getitem__(self, k):
        inside = slice(self.at(k), self.at(k) + self.T)
        return self.ids[inside], self.ids[1:][inside]


class LosesOne(Windows):
    def __len__(self):
        return super().__len__() - 1


class SameTwice(Windows):
    def __getitem__(self, k):
        return (super().__getitem__(k)[0],) * 2


class AsLongAsTheText(Windows):
    def __len__(self):
        return len(self.ids)


class EveryPlace(Windows):
    def at(self, k):
        return k


class LabelsFirst(Windows):
    def __getitem__(self, k):
        return super().__getitem__(k)[::-1]


def sideways(items):
    import torch

    return tuple(torch.stack(part, dim=1) for part in zip(*items))


def joined(items):
    import torch

    return tuple(torch.cat(part) for part in zip(*items))


def features_only(items):
    import torch

    features = torch.stack([features for features, _ in items])
    return features, features.clone()


WRONG = {
    "03.1": [
        (lambda n, T, stride: max(0, fits(n, T, stride) - 1), "the last window is lost"),
        (lambda n, T, stride: fits(n + 1, T, stride), "windows of T characters"),
        (lambda n, T, stride: fits(n, T, 1), "stride is left out"),
        (lambda n, T, stride: int(n / T), "n divided by T"),
        (lambda n, T, stride: 1 + (n - T - 1) // stride, "negative number"),
        (lambda n, T, stride: float(fits(n, T, stride)) + 0.5, "numbers differ"),
    ],
    "03.2": [
        (lambda ids, k, T, stride: cut(ids, k * stride, T, 0), "labels not shifted"),
        (lambda ids, k, T, stride: cut(ids, k * stride, T, T), "the next whole window"),
        (lambda ids, k, T, stride: cut(ids, k, T), "starts at k; it"),
        (lambda ids, k, T, stride: cut(ids, k * T, T), "starts at k * T"),
        (lambda ids, k, T, stride: cut(ids, k * stride, T, 2), "two places further"),
    ],
    "03.3": [
        (LosesOne, "the last window is lost"),
        (SameTwice, "labels not shifted"),
        (AsLongAsTheText, "len is that of the text"),
        (EveryPlace, "stride is left out"),
        (LabelsFirst, "swapped"),
    ],
    "03.4": [
        (sideways, "side by side"),
        (joined, "one long row"),
        (features_only, "the features again"),
        (lambda items: items[0], "only the first window"),
    ],
}
