"""Pairs whose answer an artist gave: his sprite is the target, and the drawing is made of it.

This is direction B of the paper, ``p -> drawing -> p'`` with the loss between ``p'`` and ``p``,
with a drawing that is not on the grid already: ``drawing = damage(warp(thin(smooth(p))))``. A
network that finds p again has learned what no rule knows, to snap features to the grid as artists
do; from drawings that still lie on the grid it learns nothing (nearest is right in 99.9 % of their
cells).

One module a step: ``sprites`` (the artists' work), ``scenes`` (figures on a ground), ``shapes``
(cells to smooth shapes), ``thinning``, ``details`` (what is finer than a cell), ``strokes`` (line
art), ``shading``, ``deform``, ``damage``, ``resample``, and ``maker``, which takes them in this
order.
"""
