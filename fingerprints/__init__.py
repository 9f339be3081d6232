"""Bytes to comparable numbers: pure, synchronous, and ignorant of assets, messages, files and settings.

Everything stored here is stored under an opaque key (a string the caller chose). Coordinates that leave this package are
fractions of the upright picture, (0, 0) top left and (1, 1) bottom right, so that they hold for every size of it.
"""
