"""The window: canvas, tools, panels, dialogs, theme."""
