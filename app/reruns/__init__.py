"""The detectors run again over fingerprints of what was posted, at today's operating points and at more lenient ones.

A replay of the labelled history (``app.numbers.replaying``) can only tell what a higher bar would miss: what never raised an
alert is in no history. Fingerprints are kept of everything: here is told how many more messages a lower bar would show.
"""
