"""An index over one's own files: their passages by words, by vectors or both, brought up to date without rebuilding."""
