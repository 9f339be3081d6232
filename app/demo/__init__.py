"""The staged chat of `leakwatch demo`: drawn pages, machines and ordinary pictures, really photographed, cropped and forwarded.

Nothing here is stored: every picture is drawn from a seed, so the same seed gives the same pixels. Needs the extra ``demo``
(the font). Benchmarks draw with the same functions.
"""
