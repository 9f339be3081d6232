"""Schedules of faults, drawn from a seed, against real processes under load; afterwards every message is accounted for.

``pytest tests/faults --fault-seed 7`` replays one; ``--fault-schedules 50 --fault-seconds 60`` is the long run.
"""
