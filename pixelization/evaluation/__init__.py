"""Methods compared: on images at sizes, on sprites by factors, on damaged sprites.

Knows the configuration of a comparison, the methods, the metrics and the report. Does not know how
a method works inside, nor how networks are trained.
"""
