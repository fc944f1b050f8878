"""Losses: pure terms, what they compare with, the adversarial loss, the weighted sum.

They know tensors. Which terms a system has is the system's.
"""
