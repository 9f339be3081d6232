"""Who may do what: tokens with a role, and people signed in at the console with one."""
