"""All of what an incident's page tells in brief: its story, its tasks and its history, on pages of their own."""
