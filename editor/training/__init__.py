"""Training the bundled networks, and a user's own versions of them."""
