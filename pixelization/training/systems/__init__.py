"""Systems: what a trainer trains.

They know networks, terms and batches. They know no optimizer, no file of a run and no process.
"""
