"""What must not leak: registered, changed and forgotten; every change travels to the live registries."""
