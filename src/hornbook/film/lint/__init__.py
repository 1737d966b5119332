"""The layout linter: plays scenes without drawing them, and measures every element at every frame."""
