"""From image files to batches, and pairs of cells and smooth pictures.

It knows how pairs are made, some of them with classical reducers and scalers.
It does not know which network learns from a batch, nor by which loss.
"""
