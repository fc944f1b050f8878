"""The commands, a module each with ``main(argv) -> exit code``.

``python -m pixelization``, the console scripts and ``tools/*.py`` call these. Arguments of argparse
become values here (``inputs``, ``sprites``, ``smooth``), and no room below sees them.
"""
