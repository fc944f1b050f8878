"""From image files to batches. It knows no network and no loss."""
