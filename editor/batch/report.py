"""What a batch has done, as one HTML file: nothing in it comes from elsewhere."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from editor.atomic import write_bytes
from editor.batch.manifest import Entry

_ROOM = 32 << 20  # bytes of thumbnails: a report that no browser can open is none

_STYLE = """
body { background: #262626; color: #e0e0e0; font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em;
  padding: 0 1em; }
h1 { font-size: 1.5em; font-weight: 600; }
h2 { font-size: 1em; font-weight: 600; margin: 0 0 .4em; overflow-wrap: anywhere; }
p, ul { margin: .3em 0; }
section { border-top: 1px solid #444; padding: 1.2em 0; }
figure { display: inline-block; margin: 0 1em .6em 0; vertical-align: top; }
figcaption { color: #a0a0a0; font-size: .87em; overflow-wrap: anywhere; max-width: 20em; }
img { background: #1c1c1c; display: block; }
.quiet { color: #a0a0a0; }
.failed { color: #ff9d8a; }
"""


def write_report(path: Path, entries: Sequence[Entry], steps: Sequence[str], left: int = 0) -> None:
    """Write it, whole or not at all. steps: titles of what was to be done; left: photographs that were not begun.
    Raises UserError where it cannot be written."""
    write_bytes(path, report(entries, steps, left).encode())


def report(entries: Sequence[Entry], steps: Sequence[str], left: int = 0) -> str:
    """An HTML document (https://html.spec.whatwg.org): failures first, then each photograph with before and after, as
    long as there is room for their pictures."""
    failed = [entry for entry in entries if entry.error]
    done = [entry for entry in entries if not entry.error]
    parts = ["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
             '<meta name="viewport" content="width=device-width, initial-scale=1">',
             f"<title>Restored photographs</title><style>{_STYLE}</style></head><body>",
             "<h1>Restored photographs</h1>", f"<p>{_count(entries, left)}</p>"]
    if steps:
        parts.append(f'<p class="quiet">Steps: {html.escape(", ".join(steps))}</p>')
    room = _ROOM
    for entry in (*failed, *done):
        size = sum(map(len, (entry.before, *entry.after)))
        parts.append(_section(entry, pictured=0 < size <= room))
        room -= size
    parts.append("</body></html>\n")
    return "\n".join(parts)


def duration(seconds: float) -> str:
    """In the words that a person would use: 8 s, 2 min 5 s, 1 h 20 min."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _count(entries: Sequence[Entry], left: int) -> str:
    new = [entry for entry in entries if not entry.error and not entry.again]
    again, failed = sum(entry.again for entry in entries), sum(bool(entry.error) for entry in entries)
    words = [f"{len(new)} done in {duration(sum(entry.seconds for entry in new))}"] if new or not again else []
    words += [f"{again} done before"] if again else []
    words += [f'<span class="failed">{failed} failed</span>'] if failed else []
    words += [f"{left} not begun"] if left else []
    return ", ".join(words) + "."


def _section(entry: Entry, pictured: bool) -> str:
    photo = Path(entry.photo)
    lines = [f"<section><h2>{_escaped(photo.name)}</h2>"]
    if pictured:
        lines.append(_figure(entry.before, "Before", photo.name))
        lines += [_figure(data, f"After: {Path(out).name}", Path(out).name)
                  for data, out in zip(entry.after, entry.outs, strict=False)]
    if entry.error:
        lines.append(f'<p class="failed">{_escaped(entry.error)}</p>')
    else:
        lines.append(f"<p>{_escaped(', '.join(Path(out).name for out in entry.outs))}</p>")
    if entry.words:
        lines.append(f"<p>{_escaped('; '.join(entry.words))}</p>")
    lines += [f'<p class="quiet">{_escaped(note)}</p>' for note in entry.notes]
    when = "done before" if entry.again else duration(entry.seconds)
    lines.append(f'<p class="quiet">{when} · {_escaped(str(photo))}</p></section>')
    return "\n".join(lines)


def _figure(data: bytes, caption: str, of: str) -> str:
    source = "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")
    return (f'<figure><img src="{source}" alt="{_escaped(of)}"><figcaption>{_escaped(caption)}</figcaption></figure>')


def _escaped(words: str) -> str:
    """For HTML; what no encoding can hold, in the name of a file, is shown as such."""
    return html.escape(words.encode("utf-8", "backslashreplace").decode())
