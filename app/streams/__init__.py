"""Topics of records that processes hand to each other: at least once, in order of their key, and no key starves another.

``memory``, ``table`` (the database) and ``kafka`` answer the same contract; settings choose.
"""
