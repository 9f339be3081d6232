"""Alerts about one leak, handled together: brought together by what they are about, merged, split and taken back by people."""
