"""``main(argv) -> exit code`` of every tool; ``tools/*.py`` and the console scripts call these."""
