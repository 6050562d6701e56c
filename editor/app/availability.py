"""Which commands can be used now."""

from collections.abc import Iterable

from editor.app.commands import Entry
from editor.document import fills
from editor.document.document import AVOID, PLANES, SOURCE, Document
from editor.document.layer_ops import can_merge_down


def available(entries: Iterable[Entry], document: Document | None, undoable: bool) -> dict[str, bool]:
    """By the command's name; ``undoable`` says that something is under way that Undo takes back."""
    layer = document.layer(document.active) if document else None
    there = {"": True, "document": document is not None, "layer": layer is not None,
             **{plane: document is not None and bool(document.surfaces[plane].keys()) for plane in PLANES},
             "source": document is not None and any(document.surfaces[plane].keys() for plane in (SOURCE, AVOID)),
             "frame": document is not None and document.frame is not None,
             "layer-mask": layer is not None and layer.masked,
             "fill-layer": layer is not None and layer.is_fill,
             "adjustment": layer is not None and layer.adjustment is not None,
             "filter-layer": layer is not None and layer.filtered is not None}
    enabled = {entry.name: there[entry.needs] for entry in entries}
    if document is not None:
        enabled |= {
            "undo": document.history.position > 0 or undoable,
            "redo": document.history.position < len(document.history.commands),
            "merge_down": can_merge_down(document, document.active),
            "flatten": bool(document.layers),
            "apply_layer_mask": layer is not None and layer.masked and layer.adjustment is None,
            "add_layer_mask": layer is not None and not layer.masked,
            "layer_mask_from_mask": layer is not None and bool(document.mask.keys()),
            "leave_fill": fills.reopened(document) is not None,
        }
    return enabled
