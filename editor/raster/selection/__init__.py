"""Ways to select pixels: each gives coverage as a sparse mask surface, or as a plane and where it lies."""
