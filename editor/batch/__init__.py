"""Restoring many photographs, one after the other: from files to files."""
