"""Measuring fills against the photographs that they replaced."""
