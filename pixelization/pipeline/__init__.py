"""From a picture to finished sprites: vote -> hold -> clean -> palette -> finish.

Knows stills, animations and sheets, styles, and the order of the steps. Knows no networks: what
reduces or enlarges is handed in. Knows no command line.
"""
