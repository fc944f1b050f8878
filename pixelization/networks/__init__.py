"""The networks: which exist, what goes in and what comes out."""
