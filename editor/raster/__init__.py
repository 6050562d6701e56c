"""Pixels: tiled copy-on-write surfaces, blending, dabs, colour profiles. numpy and OpenCV only."""
