"""References that nobody registered: pictures of confirmed leaks, by which their copies are recognised at once."""
