"""The form you read: one algorithm a file, standard library and NumPy only."""
