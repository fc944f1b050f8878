"""Rules without parameters that dispose of what the networks propose.

They know tensors and cells. They know no network, and not when they are asked: that is in
``networks/cascade.py``.
"""
