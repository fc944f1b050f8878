"""Loss terms, their targets, and the objective that weighs them."""
