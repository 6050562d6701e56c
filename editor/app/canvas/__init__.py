"""The canvas: view geometry, rendering of the visible part, pointer events."""
