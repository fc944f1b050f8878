"""Methods of others, with which this package is compared.

Knows how to call each of them in one way; ``catalogue`` lists them by name. Does not know what is
measured. The product does not use this room: what both use (resampling, scalers) is in ``reducers``
and ``enlargers``.
"""
