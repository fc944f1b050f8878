"""Images in and out, and the training data."""
