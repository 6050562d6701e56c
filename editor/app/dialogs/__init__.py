"""Dialogs: none of them blocks, all say what they were told by signals."""
