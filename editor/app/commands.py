"""The window's commands as data: menus, keys and the list of shortcuts are all made from this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One command. ``name`` is also the QAction's objectName and the window's method that carries it out."""

    name: str
    title: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    # What must be there: "", "document", "mask", "sketch", "colour", "source", "frame", "layer", "fill-layer",
    # "layer-mask", "filter-layer", "adjustment".
    needs: str = "document"
    checkable: bool = False
    on: bool = True  # at first, where it is checkable
    group: str = ""  # of those with the same one at most one is on


SEPARATOR = None

MENUS: dict[str, tuple[Entry | None, ...]] = {
    "&File": (
        Entry("open", "&Open…", ("Ctrl+O",), "open", needs=""),
        Entry("paste_new", "New from clip&board", ("Ctrl+Shift+V",), "paste", needs=""),
        SEPARATOR,
        Entry("save", "&Save project", ("Ctrl+S",), "save"),
        Entry("save_as", "Save project &as…", ("Ctrl+Shift+S",)),
        Entry("export", "&Export picture…", ("Ctrl+Shift+E",), "export"),
        SEPARATOR,
        Entry("close_document", "&Close", ("Ctrl+W",)),
        Entry("quit", "&Quit", ("Ctrl+Q",), needs=""),
    ),
    "&Edit": (
        Entry("undo", "&Undo", ("Ctrl+Z",), "undo"),
        Entry("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
        SEPARATOR,
        Entry("paste", "&Paste as layer", ("Ctrl+V",), "paste", needs=""),
        SEPARATOR,
        Entry("preferences", "Pre&ferences…", ("Ctrl+,",), "settings", needs=""),
    ),
    "&Picture": (
        Entry("turn_left", "Turn &left", ("Ctrl+Alt+Left",)),
        Entry("turn_right", "Turn &right", ("Ctrl+Alt+Right",)),
        Entry("turn_over", "Turn &upside down"),
        SEPARATOR,
        Entry("flip_horizontally", "Flip &horizontally", ("Ctrl+Alt+H",)),
        Entry("flip_vertically", "Flip &vertically", ("Ctrl+Alt+V",)),
        SEPARATOR,
        Entry("rotate_by", "Rotate b&y…", ("Ctrl+Alt+R",)),
        Entry("crop_to_mask", "&Crop to the mask's box", needs="mask"),
    ),
    "&Mask": (
        Entry("invert_mask", "&Invert", ("Ctrl+I",), "invert-mask"),
        Entry("clear_mask", "&Clear", ("Ctrl+D",), "clear-mask", needs="mask"),
        SEPARATOR,
        Entry("grow_mask", "&Grow…", ("Ctrl+Shift+G",), "grow-mask", needs="mask"),
        Entry("shrink_mask", "&Shrink…", ("Ctrl+Shift+K",), "shrink-mask", needs="mask"),
        Entry("feather_mask", "&Feather…", ("Ctrl+Shift+F",), "feather", needs="mask"),
        Entry("smooth_mask", "S&mooth…", ("Ctrl+Shift+M",), needs="mask"),
        Entry("fill_mask_holes", "Fill &holes", ("Ctrl+Shift+H",), needs="mask"),
        Entry("remove_specks", "&Remove specks…", ("Ctrl+Shift+Backspace",), needs="mask"),
        SEPARATOR,
        Entry("find_damage", "Find &damage", ("Shift+D",), "damage-finder"),
        Entry("select_colours", "Select c&olours…", ("Ctrl+Shift+L",)),
        SEPARATOR,
        Entry("load_mask", "&Load from a file…", ("Ctrl+Alt+O",)),
        Entry("save_mask", "Sa&ve to a file…", ("Ctrl+Alt+S",), needs="mask"),
        SEPARATOR,
        Entry("toggle_mask", "Sho&w mask", ("Q",), "show-mask", checkable=True),
    ),
    "&Guides": (
        Entry("clear_sketch", "Clear &sketch", ("Ctrl+Shift+X",), needs="sketch"),
        Entry("clear_colour", "Clear &colour strokes", ("Ctrl+Shift+C",), needs="colour"),
        Entry("clear_source", "Clear where &to copy from", ("Ctrl+Alt+G",), needs="source"),
        SEPARATOR,
        Entry("propose_frame", "&Find the face round the mask", ("Shift+F",), "face-frame", needs="mask"),
        Entry("clear_frame", "Clear f&ace frame", ("Ctrl+Alt+F",), needs="frame"),
        SEPARATOR,
        Entry("trace_edges", "T&race edges…", ("Shift+P",), "trace-edges"),
        Entry("propose_edges", "&Propose edges…", ("Ctrl+Shift+P",), "propose-edges", needs="mask"),
        Entry("edges_from_picture", "&Edges from picture…", ("Ctrl+Alt+P",), "edges-from-picture", needs="mask"),
        SEPARATOR,
        Entry("toggle_sketch", "Show s&ketch", ("Shift+Q",), "show-sketch", checkable=True),
        Entry("toggle_colour", "Show c&olour strokes", ("Alt+Q",), "show-colour", checkable=True),
        Entry("toggle_source", "Show where to cop&y from", ("Ctrl+Alt+Q",), checkable=True),
    ),
    "Fi&ll": (
        Entry("fill", "&Fill", ("Return", "Enter"), "fill"),
        Entry("fill_again", "Fill a&gain with a new seed", ("Ctrl+Return", "Ctrl+Enter"), "refill",
              needs="fill-layer"),
        Entry("reopen_fill", "&Reopen this fill", ("Ctrl+R",), "reopen", needs="fill-layer"),
        Entry("leave_fill", "&Leave reopened fill as it is", ("Ctrl+Shift+R",)),
        SEPARATOR,
        Entry("toggle_fill_on_release", "Fill when a stroke &ends", ("Shift+R",), "fill-on-release", needs="",
              checkable=True, on=False),
        Entry("toggle_touch_up", "&Touch up the last fill", ("Shift+T",), "touch-up", needs="", checkable=True,
              on=False),
        Entry("toggle_live_preview", "Li&ve preview", ("Shift+V",), "live-preview", needs="", checkable=True, on=False),
        SEPARATOR,
        Entry("next_variant", "&Next variant", ("Ctrl+Right",), needs="fill-layer"),
        Entry("previous_variant", "&Previous variant", ("Ctrl+Left",), needs="fill-layer"),
        SEPARATOR,
        Entry("cancel", "&Cancel", ("Esc",), "cancel", needs=""),
    ),
    "Fil&ter": (
        Entry("unfade", "&Unfade", ("Ctrl+U",), "unfade"),
        SEPARATOR,
        Entry("filter_denoise", "&Denoise…", (), "filter"),
        Entry("filter_descreen", "&Remove screen…"),
        Entry("filter_deblur", "De&blur…"),
        Entry("filter_local_contrast", "&Local contrast…"),
        SEPARATOR,
        Entry("edit_filter", "&Edit this filter…", needs="filter-layer"),
        Entry("apply_filter_again", "&Apply this filter again", ("Ctrl+Alt+A",), needs="filter-layer"),
    ),
    "La&yer": (
        Entry("add_layer", "&New paint layer", ("Ctrl+Shift+N",), "add-layer"),
        Entry("new_levels", "New le&vels…", ("Ctrl+L",), "levels"),
        Entry("new_curves", "New &curves…", ("Ctrl+M",), "curves"),
        Entry("edit_adjustment", "Edi&t levels or curves…", needs="adjustment"),
        SEPARATOR,
        Entry("duplicate_layer", "&Duplicate", ("Ctrl+J",), "duplicate", needs="layer"),
        Entry("merge_down", "&Merge down", ("Ctrl+E",), "merge-down", needs="layer"),
        Entry("flatten", "&Flatten", (), "flatten", needs="layer"),
        SEPARATOR,
        Entry("add_layer_mask", "&Add layer mask", ("Ctrl+Alt+L",), "layer-mask", needs="layer"),
        Entry("layer_mask_from_mask", "Layer mask fr&om the mask", needs="layer"),
        Entry("invert_layer_mask", "&Invert layer mask", needs="layer-mask"),
        Entry("toggle_layer_mask", "&Use the layer mask, or do without", needs="layer-mask"),
        Entry("apply_layer_mask", "A&pply layer mask", needs="layer-mask"),
        Entry("delete_layer_mask", "Delete layer mas&k", needs="layer-mask"),
        SEPARATOR,
        Entry("delete_layer", "D&elete", ("Del",), "delete", needs="layer"),
    ),
    "&View": (
        Entry("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), "zoom-in"),
        Entry("zoom_out", "Zoom &out", ("Ctrl+-",), "zoom-out"),
        Entry("fit", "&Fit", ("Ctrl+0",), "fit"),
        Entry("actual_size", "&100 %", ("Ctrl+1",), "actual-size"),
        SEPARATOR,
        Entry("toggle_split", "&Split line: before and after", ("Shift+\\", "|", "Shift+|"), checkable=True, on=False,
              group="compare"),
        Entry("toggle_side_by_side", "Si&de by side: before and after", ("Ctrl+\\",), checkable=True, on=False,
              group="compare"),
        SEPARATOR,
        Entry("toggle_changes", "Map of &changes", ("Ctrl+Alt+M",), "changes", checkable=True, on=False),
        Entry("export_changes", "&Export map of changes…", ("Ctrl+Alt+E",)),
        SEPARATOR,
        Entry("next_document", "Next docu&ment", ("Ctrl+Tab",)),
        Entry("previous_document", "Pre&vious document", ("Ctrl+Shift+Tab",)),
        SEPARATOR,
    ),
    "M&odels": (
        Entry("show_models", "&Models…", needs=""),
        Entry("add_model", "&Add from file…", needs=""),
        Entry("personalise", "&Personalise…", needs=""),
    ),
    "&Help": (
        Entry("show_guide", "&Guide", ("Shift+F1",), needs=""),
        Entry("show_shortcuts", "&Keys and gestures", ("F1",), needs=""),
        Entry("about", "&About Pentimento", needs=""),
    ),
}

GESTURES = (  # what it does, and how
    ("Zoom at the pointer", "Wheel"),
    ("Pan", "Space + drag, middle button + drag"),
    ("Straight line from the last stroke", "Shift + click with a brush"),
    ("Brush size (sideways) and hardness (up and down)", "Alt + right button, dragged"),
    ("Pick the colour under the pointer", "Alt + click with a brush"),
    ("Where to clone or heal from", "Alt + click with the clone stamp or the healing brush"),
    ("Outline with the lasso", "Drag round it, or click from point to point; Enter or double click closes"),
    ("Take back a point, give the outline up", "Backspace, Esc"),
    ("Smart select: what belongs to it, what does not", "Scribble on it, Alt + scribble beside it; Enter keeps"),
    ("Damage finder: search a part; keep what is marked, give it up", "Drag round it; Enter, Esc"),
    ("Add, subtract, intersect when selecting", "Shift, Alt, Shift + Alt held at the press"),
    ("Square or circle; from the centre", "Shift, Alt pressed while dragging a rectangle or ellipse"),
    ("Move, scale and turn the face frame", "Drag inside it, a corner, the knob, with its tool"),
    ("Move, scale and turn a picture whose edges are taken", "Drag inside it, a corner, the knob or beside it"),
    ("The same by keys (by more)", "Arrows, Page Up and Page Down, Home and End (with Shift)"),
    ("Scale it about its centre; turn it in steps", "Alt + drag a corner; Shift + drag the knob"),
    ("Nudge it (by ten pixels)", "Arrow keys (with Shift)"),
    ("Crop: draw, move and change the rectangle; carry it out", "Drag beside, inside, a handle; Enter"),
    ("Straighten by a line", "Drag along the horizon, or a wall, with its tool"),
    ("Show the photograph as it was", "Hold \\"),
    ("Erase with a pen", "Pen's other end"),
    ("Open files, each in a tab of its own", "Drop them on the window"),
    ("Close a document", "Middle click on its tab"),
)
