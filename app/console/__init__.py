"""The console: analysts' and owners' pages, rendered on the server; they work without JavaScript and better with it."""
