"""A model's card as a person reads it."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from editor.engines.networks.cards import NETWORKS, Card
from editor.engines.networks.store import Model


def model_html(model: Model) -> str:
    """The model's card, and what is wrong with it, as rich text; nothing in it is taken for markup or fetched."""
    parts = [f"<h3>{escape(model.title)}</h3>"]
    if model.fault:
        parts.append(f'<p style="color: #e3b341">{escape(model.fault)}</p>')
    parts.append(_table([*(_rows(model.card) if model.card else ()), ("File", str(model.path))]))
    if model.card and model.card.held_out:
        parts += ["<h4>On photographs never trained on</h4>", _table(_figures(model.card.held_out))]
    return "".join(parts)


def size_text(count: int) -> str:
    """A number of bytes."""
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.0f} KiB"


def _rows(card: Card) -> Iterator[tuple[str, str]]:
    yield "Network", NETWORKS[card.network].title
    yield "Built with", ", ".join(f"{name} {value}" for name, value in card.config.items())
    yield "What it is", card.notes
    yield "Trained on", card.data
    yield "Licence", card.licence
    yield "Started from", card.parent
    yield "Training", _training(card)
    yield "Command", card.command
    yield "Commit", card.commit
    yield "Made", card.created
    yield "Size", size_text(card.bytes) if card.bytes else ""
    yield "SHA-256", card.sha256


def _training(card: Card) -> str:
    parts = [f"{card.steps:,} steps".replace(",", "\N{NARROW NO-BREAK SPACE}") if card.steps else "",
             f"in {_duration(card.seconds)}" if card.seconds else "", f"on {card.device}" if card.device else ""]
    return " ".join(filter(None, parts))


def _duration(seconds: float) -> str:
    minutes, hours = round(seconds / 60), seconds / 3600
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if hours < 2 else f"{hours:.1f} h"


def _figures(held_out: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Each figure under its path of names."""
    for name, value in held_out.items():
        path = f"{above} · {name}" if above else name
        if isinstance(value, Mapping):
            yield from _figures(value, path)
        else:
            yield path, f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><td style="color: #a0a0a0; padding-right: 12px">{escape(name)}</td><td>{escape(text)}</td>'
                    "</tr>" for name, text in rows if text)
    return f'<table cellspacing="0" cellpadding="2">{cells}</table>'
