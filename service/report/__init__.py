"""A picture of a scored archive: one self-contained page, and the numbers behind it."""
