"""What can be said about sprites in numbers.

Knows arrays, no methods and no report. Only ``features`` and ``patches`` need torch, and only
``features`` pretrained networks.
"""
