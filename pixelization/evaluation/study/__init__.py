"""Studies: people or programs judge sprites without knowing who made them.

The user study of Han et al. 2018, Sec. 4, as a tool. Two questions are asked: which sprite would
you rather ship (a ranking), and which one is the artist's (a forgery test). Knows sheets, the page
with keys, answers and scores. Does not know how sprites are made.
"""
