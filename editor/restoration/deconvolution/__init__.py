"""Taking away blur whose shape is known, or can be guessed."""
