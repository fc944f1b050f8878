"""Methods compared: on images at sizes, on sprites by factors, on damaged sprites, on drawings of
sprites; and by judges.

Knows the configuration of a comparison, the methods, the metrics, the report and blind studies.
Does not know how a method works inside, nor how networks are trained.
"""
