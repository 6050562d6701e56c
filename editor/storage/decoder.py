"""The child program that decodes photographs: ``python -m editor.storage.decoder SOCKET FOLDER``.

The C libraries that decode pictures can be crashed, or led to take memory and time without bound, by a file.
So they run here, under limits, and all that a bad file costs is this process.

Every message on the socket (SOCK_SEQPACKET) is one JSON object. The parent sends ``{"path", "link"}``: the file,
and the name of a link to be made to it, which hides from OpenImageIO what a file name may mean to it. Answers are
``{"seconds": limit}`` and ``{"progress": 0..1}`` as they come, then ``{"error": words}`` or ``{"photo": …}``; with
the latter comes the descriptor of a sealed memory file that holds the pixels and, behind them, the metadata blocks.
FOLDER is where the links are made; when the parent is gone, it is removed.
"""

import fcntl
import json
import mmap
import os
import re
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from editor.errors import UserError
from editor.storage import boxes, photoshop, signatures, tiff_tags
from editor.storage.limits import is_too_large
from editor.storage.metadata import BLOCKS, Blocks, read_blocks

SECONDS, SECONDS_A_MEGAPIXEL = 30, 1.0
"""The time limit: so much for any file, and so much more for its pixels."""

_STRIP = 1 << 20  # bytes decoded at a time, so that progress is seen and no second copy of the picture is needed
_SLACK = 512 << 20
_OPENING = 48  # bytes a pixel allowed to libjxl and libwebp; measured: 22 and 6, for 48 MP lossless RGB at 16 bits
_SIZES = {"webp": boxes.webp_size, "jpegxl": boxes.jxl_size}


def main() -> None:
    """Serve requests until the parent closes its end."""
    _settle()
    try:
        with socket.socket(fileno=int(sys.argv[1])) as link:
            import OpenImageIO as oiio

            # Only the reader of the format that was recognised may try: never all of them in turn.
            oiio.attribute("try_all_readers", 0)
            oiio.attribute("threads", 2)
            base = _address_space()
            link.send(b"{}")
            while request := link.recv(1 << 16):
                _answer(link, json.loads(request), base)
    finally:
        shutil.rmtree(sys.argv[2], ignore_errors=True)  # a parent that was killed could not


def _answer(link: socket.socket, request: dict, base: int) -> None:
    try:
        descriptor, photo = decode(Path(request["path"]), Path(request["link"]), partial(_send, link), base)
    except UserError as error:
        _send(link, {"error": str(error)})
    except MemoryError:
        _send(link, {"error": "it needs more memory than this machine can give it"})
    except OSError as error:
        _send(link, {"error": f"cannot be read: {error.strerror or error}"})
    except Exception as error:  # a defect here must cost one picture, not all those after it
        _send(link, {"error": f"cannot be decoded ({type(error).__name__}: {error})"})
    else:
        socket.send_fds(link, [json.dumps({"photo": photo}).encode()], [descriptor])
        os.close(descriptor)
    finally:
        signal.alarm(0)
        _limit_memory(None)


def _send(link: socket.socket, message: dict) -> None:
    link.send(json.dumps(message).encode())


def _settle() -> None:
    """No core files with people's photographs in them; Ctrl+C is the parent's to handle."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE


def _limit_memory(limit: int | None) -> None:
    """Set the limit of this process's address space; None is as much as the user's own limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if limit is None:
        limit = hard
    elif hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def decode(path: Path, link: Path, tell: Callable[[dict], None], base: int) -> tuple[int, dict]:
    """Decode a file into a sealed memory file: its descriptor, and what the answer says of it.

    ``base`` is the address space this process takes anyway. Raises UserError without the file's name.
    """
    signal.alarm(SECONDS + 5)  # its default action ends this process, should the parent be gone by then
    data = _mapped(path)
    name = signatures.identify(data)
    _refuse(name, data)
    # These are decoded when they are opened, so their size must be known, and found bearable, before.
    width, height = _SIZES.get(name, lambda data: None)(data) or (0, 0)
    _limit_pixels(width, height, _OPENING)
    _limit_memory(base + _SLACK + 4 * len(data) + _OPENING * width * height)
    blocks = read_blocks(name, data)
    link = link.with_suffix(signatures.EXTENSIONS[name][0])
    link.symlink_to(path)
    try:
        return _decode(link, name, blocks, tell, base + len(data))
    finally:
        link.unlink()


def _mapped(path: Path) -> memoryview:
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise UserError("the file is empty")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}") from error


def _refuse(name: str, data: memoryview) -> None:
    """Raise UserError for kinds of a format that would be opened with wrong colours."""
    if name == "psd":
        mode = photoshop.mode(data)
        if mode == "CMYK":
            raise UserError(signatures.CMYK_REFUSED)
        if mode in ("Lab", "multichannel", "unknown"):
            raise UserError(f"Photoshop files in {mode} mode cannot be opened; convert it to RGB first")
    if name == "tiff":
        tiff = tiff_tags.parse(data)
        first = next(tiff.chain(), None)
        kind = tiff.integer(first.entries.get(262)) if first else None
        if kind == 5:
            raise UserError(signatures.CMYK_REFUSED)
        if kind in (8, 9, 10):
            raise UserError("Lab pictures cannot be opened; convert it to RGB first")


def _decode(link: Path, name: str, blocks: Blocks, tell: Callable[[dict], None], base: int
            ) -> tuple[int, dict]:
    import OpenImageIO as oiio

    hint = oiio.ImageSpec()
    hint["oiio:UnassociatedAlpha"] = 1
    source = oiio.ImageInput.open(str(link), hint)
    if source is None:
        raise UserError(f"the {signatures.TITLES[name]} file is damaged or cut short ({_line(oiio.geterror())})")
    try:
        spec = source.spec()
        if "CMYK" in (spec.get("jpeg:ColorSpace"), spec.get("tiff:ColorSpace")):
            raise UserError(signatures.CMYK_REFUSED)
        channels, notices = _channels(spec, name)
        depth = np.dtype(np.uint8 if spec.format == oiio.UINT8 else np.uint16)
        if spec.format not in (oiio.UINT8, oiio.UINT16):
            notices.append(f"opened at 16 bits a channel (the file has {spec.format} values; "
                           "what is darker than black or brighter than white is cut off)")
        area = spec.width * spec.height
        pixels = area * len(channels) * depth.itemsize
        _limit_pixels(spec.width, spec.height, len(channels) * depth.itemsize)
        _limit_memory(base + _SLACK + pixels + 3 * area * spec.nchannels * max(spec.format.size(), 4))
        seconds = SECONDS + SECONDS_A_MEGAPIXEL * area / 1e6
        signal.alarm(int(seconds) + 5)
        tell({"seconds": seconds})
        turned = blocks.orientation >= 5
        shape = (spec.width, spec.height) if turned else (spec.height, spec.width)
        carried = {key: value for key in BLOCKS if (value := getattr(blocks.metadata, key))}
        profile = blocks.profile or _embedded_profile(spec, name)
        if profile:
            carried["profile"] = profile
        descriptor = _memory_file(pixels + sum(map(len, carried.values())))
        try:
            with mmap.mmap(descriptor, 0) as canvas:
                out = np.ndarray((*shape, len(channels)), depth, buffer=canvas)
                _read_rows(source, spec, channels, upright_view(out, blocks.orientation), tell)
                del out
                places, at = {}, pixels
                for key, value in carried.items():
                    canvas[at : at + len(value)] = value
                    places[key] = (at, len(value))
                    at += len(value)
            _seal(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
    finally:
        source.close()
    if blocks.animated or spec.get("oiio:Movie"):
        notices.append("it is an animation; its first picture was opened")
    if blocks.pages > 1:
        notices.append(f"it has {blocks.pages} pages; the first was opened")
    notices += blocks.notices
    resolution = blocks.metadata.resolution
    return descriptor, {
        "format": name, "shape": [*shape, len(channels)], "depth": depth.name, "blocks": places,
        "resolution": resolution[::-1] if resolution and turned else resolution,
        "tables": blocks.metadata.jpeg_quantisation, "subsampling": blocks.metadata.jpeg_subsampling,
        "notices": notices,
    }


def _limit_pixels(width: int, height: int, pixel: int) -> None:
    if is_too_large(width, height, pixel):
        raise UserError(f"it says it has {width} x {height} pixels, which is more than can be opened here")


def _channels(spec, name: str) -> tuple[list[int], list[str]]:
    """Which of the file's channels make a grey or RGB picture with or without alpha; notices for the user."""
    notices = []
    count = 1 if spec.nchannels < 3 else 3
    channels = list(range(count))
    alpha = spec.alpha_channel
    if spec.nchannels == count + 1 and alpha != count:
        alpha = count
        if name != "gif":  # OpenImageIO names no alpha channel in it, but that is what it is
            notices.append("the channel beside the colours was taken for transparency")
    if count <= alpha < spec.nchannels:
        channels.append(alpha)
    if len(channels) < spec.nchannels:
        notices.append(f"{spec.nchannels - len(channels)} further channels were left out")
    return channels, notices


def _embedded_profile(spec, name: str) -> bytes | None:
    """The profile that JPEG XL keeps in its codestream; plain sRGB needs none."""
    if name != "jpegxl" or spec.get("oiio:ColorSpace") == "srgb_rec709_scene":
        return None
    profile = spec.get("ICCProfile")
    return None if profile is None else bytes(np.asarray(profile, np.uint8))


def upright_view(out: np.ndarray, orientation: int) -> np.ndarray:
    """A view of the upright picture ``out`` (h, w, c) whose rows are the rows of the file (EXIF 2.32, 4.6.4)."""
    transposed = out.transpose(1, 0, 2)
    return {
        2: out[:, ::-1], 3: out[::-1, ::-1], 4: out[::-1],
        5: transposed, 6: transposed[::-1], 7: transposed[::-1, ::-1], 8: transposed[:, ::-1],
    }.get(orientation, out)


def _read_rows(source, spec, channels: list[int], rows: np.ndarray, tell: Callable[[dict], None]) -> None:
    """Decode into ``rows`` strip by strip; UserError where the file ends or breaks before its last row."""
    import OpenImageIO as oiio

    wanted = oiio.UINT8 if rows.dtype == np.uint8 else oiio.UINT16
    unit = spec.tile_height or max(spec.get("oiio:RowsPerChunk", 1), 1)
    line = spec.width * spec.nchannels * max(rows.dtype.itemsize, spec.format.size())
    step = max(_STRIP // line // unit, 1) * unit
    premultiplied = (len(channels) in (2, 4) and spec.alpha_channel >= 0
                     and source.format_name() == "tiff" and not spec.get("oiio:UnassociatedAlpha"))
    last = max(channels) + 1
    for top in range(0, spec.height, step):
        bottom = min(top + step, spec.height)
        if spec.tile_width:
            strip = source.read_tiles(spec.x, spec.x + spec.width, spec.y + top, spec.y + bottom, spec.z, spec.z + 1,
                                      0, last, wanted)
        else:
            strip = source.read_scanlines(spec.y + top, spec.y + bottom, spec.z, 0, last, wanted)
        if strip is None or source.has_error:
            raise UserError(f"the file is damaged or cut short: it can be read only down to about "
                            f"{100 * top // spec.height} % of its height ({_line(source.geterror())})")
        strip = strip.reshape(bottom - top, spec.width, last)
        strip = strip if last == len(channels) else strip[:, :, channels]
        rows[top:bottom] = straight(strip) if premultiplied else strip
        tell({"progress": bottom / spec.height})


def _line(text: str) -> str:
    text = re.sub(r' \("[^"]*/photo\.\w+"\)', "", text)  # the link that it was opened by
    return " ".join(text.split())[:200]


def straight(pixels: np.ndarray) -> np.ndarray:
    """Colours that were multiplied by their alpha (the last channel), divided by it again; same dtype."""
    top = np.iinfo(pixels.dtype).max
    alpha = pixels[..., -1:].astype(np.float32)
    colours = pixels[..., :-1] * (top / np.maximum(alpha, 1))
    return np.concatenate([np.clip(np.rint(colours), 0, top).astype(pixels.dtype), pixels[..., -1:]], axis=2)


def _memory_file(size: int) -> int:
    """The descriptor of ``size`` bytes of memory without a name, which can be handed to another process."""
    descriptor = os.memfd_create("pentimento", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.truncate(descriptor, size)
    return descriptor


def _seal(descriptor: int) -> None:
    """Make the memory file what it stays: the parent maps it and must never find it shorter, or other."""
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS,
                fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)


if __name__ == "__main__":
    main()
