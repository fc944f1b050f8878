"""The networks, the rules that dispose of what they propose, and their weights.

They know tensors in [-1, 1], cells and scales. They do not know about files of images, sprites,
palettes, losses or how they are trained. torch first appears here.
"""
