"""Searches backwards: whether something that is registered now was seen before."""
