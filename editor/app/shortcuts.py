"""Which keys do what: the program's own, and what the user has made of them. All of it values.

Keys are written as Qt does in its portable form: "Ctrl+Shift+P". One press each, no sequences.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

Chosen = Mapping[str, tuple[str, ...]]
"""By the action's name, all of its keys; only of those whose keys are not the program's own."""

HELD = {"Space": "Pan, while it is held", "\\": "The photograph as it was, while it is held"}
"""Keys that nothing else can have."""


@dataclass(frozen=True)
class Binding:
    """Something that keys can be given to."""

    name: str  # of the QAction
    title: str
    own: tuple[str, ...]  # the program's own keys


def binding_of(action: QAction) -> Binding:
    """With the keys that it has now."""
    return Binding(action.objectName(), title_of(action), tuple(written(key) for key in action.shortcuts()))


def title_of(action: QAction) -> str:
    """With the menu in which it stands: "Clear" alone would not say what is cleared."""
    menu = next((plain(one.title()) for one in action.associatedObjects() if isinstance(one, QMenu)), "")
    return ": ".join(filter(None, (menu, plain(action.text()))))


def plain(title: str) -> str:
    return title.replace("&", "").removesuffix("…")


def written(key: QKeySequence | str) -> str:
    """In the portable form; "" for what is no key, or more than one."""
    sequence = QKeySequence(key)
    if sequence.count() != 1 or sequence[0].key() == Qt.Key.Key_unknown:
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def native(keys: Iterable[str]) -> str:
    """As this machine's keyboard has them."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def effective(bindings: Sequence[Binding], chosen: Chosen) -> dict[str, tuple[str, ...]]:
    """The keys of each. No key is had twice: the user's choices come first, then the program's own.

    What in ``chosen`` is no key, belongs to nothing there is, or is taken, does not count.
    """
    taken = set(HELD)
    keys: dict[str, tuple[str, ...]] = {}
    for binding in sorted(bindings, key=lambda one: one.name not in chosen):  # the order within both stays
        wanted = (written(key) for key in chosen.get(binding.name, binding.own))
        free = tuple(dict.fromkeys(key for key in wanted if key and key not in taken))
        taken.update(free)
        keys[binding.name] = free
    return {binding.name: keys[binding.name] for binding in bindings}


def holder(bindings: Sequence[Binding], chosen: Chosen, key: str) -> str:
    """The title of what has this key; "" where it is free."""
    if key in HELD:
        return HELD[key]
    keys = effective(bindings, chosen)
    return next((binding.title for binding in bindings if key in keys[binding.name]), "")


def assigned(bindings: Sequence[Binding], chosen: Chosen, name: str, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Choices in which ``name`` has these keys, and whatever had one of them no longer has it."""
    new = effective(bindings, chosen)
    for other in new:
        new[other] = tuple(keys) if other == name else tuple(key for key in new[other] if key not in keys)
    own = effective(bindings, {})
    kept = {other: value for other, value in chosen.items() if other not in own}  # of another version of the program
    return kept | {other: value for other, value in new.items() if value != own[other]}


def reset(bindings: Sequence[Binding], chosen: Chosen, name: str) -> dict[str, tuple[str, ...]]:
    """Choices in which ``name`` has its own keys again, taken back from whatever has them."""
    own = next(binding.own for binding in bindings if binding.name == name)
    return assigned(bindings, chosen, name, own)
