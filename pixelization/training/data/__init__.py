"""What training reads: images, drawings, pairs, and the order of the batches."""
