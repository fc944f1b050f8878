"""Rules without parameters that decide what the networks propose."""
