"""What the pointer does on the canvas, one module a family of tools."""
