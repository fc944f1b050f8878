"""Training: data, losses, systems, the trainer, runs and their files.

It knows no command line. What a system is stands in ``systems/base.py``.
"""
