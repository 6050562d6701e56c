"""Names of a project's parts, agreed on by its writer and its reader."""

MIMETYPE = "image/openraster"
BASE = "data/photograph.png"
THUMBNAIL = "Thumbnails/thumbnail.png"
MERGED = "mergedimage.png"
MANIFEST = "pentimento/document.json"
ARRAYS = "pentimento/arrays"

FORMAT = 1
"""Version of our own entries; a reader leaves those of a higher one alone."""
