"""Old photographs: finding what is damaged."""
