"""Who did what, and when: a record that is only ever added to, each entry of which vouches for all before it."""
