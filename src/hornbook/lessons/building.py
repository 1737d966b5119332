"""From a percent source to the learner's notebook and the solved one, and to plain scripts of both."""


def makers(name):
    """The cells of all notebooks that make a name."""
    return []
