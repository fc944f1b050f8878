"""What can be said about sprites in numbers; only ``features`` needs pretrained networks."""
