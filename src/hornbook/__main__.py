"""`python -m hornbook`: the command line without its script."""

from hornbook.cli import main

main()
