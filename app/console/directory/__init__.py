"""Where whoever keeps the directory replaces it, and is told line by line what is wrong with a table."""
