"""Sprite sheets: tiles, their places in the reduced sheet, and the JSON that describes them."""
