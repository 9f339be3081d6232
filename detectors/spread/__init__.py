"""Where a picture went: who had it from whom, as far as what was seen tells it."""
