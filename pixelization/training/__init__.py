"""Training: one step, the loop around it, checkpoints, data parallel, the run folder."""
