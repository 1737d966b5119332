"""The form you run: the same file names and the same names for the numbers as in `hornbook.reference`."""
