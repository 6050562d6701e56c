"""Pentimento: a desktop editor that mends and changes photographs by hand."""
