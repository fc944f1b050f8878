"""Engines that run the networks on arrays: torch today."""
