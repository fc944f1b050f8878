"""Numbers of colours: packed, luma, Oklab, CIEDE2000."""
