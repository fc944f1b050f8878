"""Doors to the package: the command line.

Knows how people ask and how they are answered: flags, exit codes, stdout. Does not know how a
sprite is made, nor which file is made of which (``batch``).
"""
