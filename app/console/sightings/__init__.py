"""Where something was seen: a picture that somebody brings, or what a message held."""
