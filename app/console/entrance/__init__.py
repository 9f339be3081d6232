"""Coming in: signing in and out, which language and theme, and what the API offers."""
