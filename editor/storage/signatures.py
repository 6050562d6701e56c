"""What a file is, told by its first bytes and never by its name."""

from editor.errors import UserError
from editor.storage import tiff_tags

EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "jpegxl": (".jxl",),
    "psd": (".psd", ".psb"),
    "bmp": (".bmp",),
    "gif": (".gif",),
}
"""Every format that can be opened, with the names its files usually have; the first is the usual one."""

TITLES = {
    "jpeg": "JPEG",
    "png": "PNG",
    "tiff": "TIFF",
    "webp": "WebP",
    "jpegxl": "JPEG XL",
    "psd": "Photoshop",
    "bmp": "Windows bitmap",
    "gif": "GIF",
}

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\xff\x0a", "jpegxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jpegxl"),
    (b"8BPS", "psd"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)

_RAW = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM")
"""Olympus, Panasonic, Fujifilm, Sigma, Minolta."""

RAW_REFUSED = ("camera raw files cannot be opened; develop it in darktable, RawTherapee or the camera maker's "
               "program and export a 16-bit TIFF")
CMYK_REFUSED = ("CMYK pictures cannot be opened; convert it to RGB first, "
                "in Krita or with ImageMagick: magick IN -profile CMYK.icc -profile sRGB.icc OUT")
_HEIF_REFUSED = ("HEIC and AVIF pictures cannot be opened; export it as JPEG, or convert it "
                 "with: heif-convert IN OUT.png")
_REFUSED = (
    (b"%PDF", "this is a PDF, not a photograph; export its picture as PNG or TIFF"),
    (b"%!PS", "this is PostScript, not a photograph; export it as PNG or TIFF"),
    (b"gimp xcf", "this is a GIMP image; export it from GIMP as PNG, TIFF or OpenRaster"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000 pictures cannot be opened; convert it to TIFF or PNG"),
    (b"\xff\x4f\xff\x51", "JPEG 2000 pictures cannot be opened; convert it to TIFF or PNG"),
    (b"v/1\x01", "OpenEXR pictures cannot be opened; convert it to a 16-bit TIFF"),
    (b"#?RADIANCE", "Radiance HDR pictures cannot be opened; convert it to a 16-bit TIFF"),
    (b"PK\x03\x04", "this is an archive or a project, not a photograph"),
    (b"\x1f\x8b", "this is a compressed file, not a photograph"),
)


def identify(data: memoryview) -> str:
    """The format, a key of EXTENSIONS, of a file with these bytes.

    Raises UserError, saying what to do but not which file, for whatever cannot be opened.
    """
    head = bytes(data[:4096])
    if head.startswith(_RAW):
        raise UserError(RAW_REFUSED)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            if name == "tiff" and tiff_tags.looks_raw(data):
                raise UserError(RAW_REFUSED)
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and len(head) >= 26 and head[14:18] in _BITMAP_HEADERS:
        return "bmp"
    if head[4:8] == b"ftyp":
        raise UserError(_brand(head[8:12]))
    for magic, words in _REFUSED:
        if head.startswith(magic):
            raise UserError(words)
    text = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        raise UserError("this is a drawing or XML (SVG?), not a photograph; export it as PNG")
    if _is_text(head):
        raise UserError("this is a text file, not a picture, whatever its name says")
    raise UserError("this is no picture of a kind that can be opened ("
                    + ", ".join(TITLES[name] for name in EXTENSIONS) + ")")


_BITMAP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def _brand(brand: bytes) -> str:
    if brand == b"crx ":
        return RAW_REFUSED
    if brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"heim", b"heis"):
        return _HEIF_REFUSED
    return "this is a film, not a photograph; save one frame of it as PNG"


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
