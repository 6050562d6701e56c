"""What a file says of its picture goes along byte for byte, but for what is no longer true."""

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from photo_samples import (
    IPTC,
    MAKER_NOTE_AT,
    XMP,
    exif,
    gradient,
    jpeg,
    noise,
    profile,
    psd,
    resource,
    rgb_profile,
)

from editor.document.photo import Metadata, Photo
from editor.storage import jpeg_segments, tiff_exif, tiff_tags
from editor.storage.export import ExportOptions, export_photo
from editor.storage.metadata import read_blocks
from editor.storage.photos import Decoder

SUFFIXES = (".jpg", ".png", ".tif", ".webp", ".jxl")


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def photo(pixels: np.ndarray, icc: bytes | None = None, **metadata: object) -> Photo:
    return Photo(pixels, icc, Metadata(**metadata))


@pytest.mark.parametrize("dtype", (np.uint8, np.uint16))
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_block_comes_back_as_it_was(tmp_path, decoder, suffix, dtype):
    block = exif(size=(60, 40))
    icc = rgb_profile()
    given = photo(noise((40, 60, 3), dtype), icc, exif=block, xmp=XMP, iptc=IPTC, resolution=(300.0, 300.0))
    notices = export_photo(given, given.pixels, tmp_path / f"out{suffix}")
    back = decoder.read(tmp_path / f"out{suffix}")
    assert back.profile == icc
    assert back.metadata.xmp == XMP
    assert back.metadata.resolution == (300.0, 300.0)
    if suffix in (".jpg", ".png", ".tif"):
        assert back.metadata.iptc == IPTC
        assert not notices
    else:
        assert any("IPTC" in notice for notice in notices)
    if suffix != ".tif":
        assert back.metadata.exif == block
    else:  # there it is part of the file, at the same place
        data = (tmp_path / "out.tif").read_bytes()
        assert data[8:1000] == block[8:1000]


@pytest.mark.parametrize("order", ("<", ">"))
@pytest.mark.parametrize("dtype", (np.uint8, np.uint16))
@pytest.mark.parametrize("compression", ("none", "lzw", "deflate"))
def test_a_tiff_takes_the_byte_order_of_its_exif(tmp_path, decoder, order, dtype, compression):
    pixels = noise((40, 60, 3), dtype)
    given = photo(pixels, exif=exif(order=order, size=(60, 40)))
    export_photo(given, pixels, tmp_path / "out.tif", ExportOptions(tiff_compression=compression))
    np.testing.assert_array_equal(decoder.read(tmp_path / "out.tif").pixels, pixels)
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.byteorder == order
        tags = file.pages[0].tags
        assert tags["Make"].value == "Pentax"
        assert tags["ExifTag"].value["FNumber"] == (300, 1)
        assert tags["GPSTag"].value["GPSLatitudeRef"] == "N"
        if compression == "none":
            np.testing.assert_array_equal(file.pages[0].asarray(), pixels)


@pytest.mark.parametrize("order", ("<", ">"))
def test_exif_survives_from_tiff_to_jpeg_and_back(tmp_path, decoder, order):
    first = photo(noise((40, 60, 3), np.uint16), exif=exif(order=order, size=(60, 40)), xmp=XMP, iptc=IPTC)
    export_photo(first, first.pixels, tmp_path / "a.tif")
    scan = decoder.read(tmp_path / "a.tif")
    export_photo(scan, scan.pixels, tmp_path / "b.jpg")
    back = decoder.read(tmp_path / "b.jpg")
    tiff = tiff_tags.parse(back.metadata.exif)
    ifd0 = tiff.directory(tiff.first)
    sub = tiff.directory(tiff.integer(ifd0.entries[tiff_tags.EXIF_IFD]))
    gps = tiff.directory(tiff.integer(ifd0.entries[tiff_tags.GPS_IFD]))
    assert tiff.raw(ifd0.entries[271]) == b"Pentax\0"
    assert tiff.raw(sub.entries[tiff_tags.MAKER_NOTE]) == bytes(range(200)) * 3
    assert tiff.rational(sub.entries[33437]) == 300
    assert tiff.raw(gps.entries[29]) == b"abc\0"
    assert (back.metadata.xmp, back.metadata.iptc) == (XMP, IPTC)


def test_orientation_dimensions_and_thumbnail_are_corrected_and_nothing_moves():
    thumbnail = b"\xff\xd8" + bytes(range(256)) + b"\xff\xd9"
    before = exif(6, thumbnail=thumbnail)
    after = tiff_exif.corrected(before, (480, 640))
    tiff = tiff_tags.parse(after)
    assert tiff_tags.orientation(tiff) == 1
    assert len(list(tiff.chain())) == 1
    assert thumbnail[2:-2] not in after
    sub = tiff.directory(tiff.integer(tiff.directory(tiff.first).entries[tiff_tags.EXIF_IFD]))
    assert (tiff.integer(sub.entries[40962]), tiff.integer(sub.entries[40963])) == (640, 480)
    assert sub.entries[tiff_tags.MAKER_NOTE].start == MAKER_NOTE_AT
    different = [at for at in range(1000) if before[at] != after[at]]
    assert len(different) <= 12
    assert after[MAKER_NOTE_AT:1000] == before[MAKER_NOTE_AT:1000]


def test_a_side_too_long_for_its_tag_makes_the_tag_longer():
    after = tiff_exif.corrected(exif(), (70000, 80000))
    tiff = tiff_tags.parse(after)
    sub = tiff.directory(tiff.integer(tiff.directory(tiff.first).entries[tiff_tags.EXIF_IFD]))
    assert tiff.integer(sub.entries[40963]) == 70000


def test_a_thumbnail_that_claims_the_maker_note_does_not_get_it():
    before = bytearray(exif(thumbnail=b"x" * 50))
    at = before.index(struct.pack("<HHI", 513, 4, 1))
    before[at + 8 : at + 12] = struct.pack("<I", MAKER_NOTE_AT + 10)
    assert tiff_exif.corrected(bytes(before), (30, 40))[MAKER_NOTE_AT:1000] == before[MAKER_NOTE_AT:1000]


def test_turned_by_the_decoder_written_upright(tmp_path, decoder):
    (tmp_path / "in.jpg").write_bytes(jpeg(gradient(40, 60), exif=exif(6, size=(60, 40))))
    turned = decoder.read(tmp_path / "in.jpg")
    assert turned.pixels.shape == (60, 40, 3)
    for suffix in SUFFIXES:
        export_photo(turned, turned.pixels, tmp_path / f"out{suffix}", ExportOptions(webp_lossless=True))
        back = decoder.read(tmp_path / f"out{suffix}")
        assert back.pixels.shape == (60, 40, 3)
        assert tiff_tags.orientation(tiff_tags.parse(back.metadata.exif)) == 1
        limit = 12 if suffix == ".jpg" else 0
        assert np.abs(back.pixels.astype(int) - turned.pixels).max() <= limit


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_metadata_may_be_left_behind_but_not_the_profile(tmp_path, decoder, suffix):
    given = photo(noise((40, 60, 3)), rgb_profile(), exif=exif(), xmp=XMP, iptc=IPTC, comment=b"secret",
                  resolution=(300.0, 300.0))
    export_photo(given, given.pixels, tmp_path / f"out{suffix}", ExportOptions(keep_metadata=False))
    back = decoder.read(tmp_path / f"out{suffix}")
    assert (back.metadata.exif, back.metadata.xmp, back.metadata.iptc, back.metadata.comment) == (None,) * 4
    assert b"secret" not in (tmp_path / f"out{suffix}").read_bytes()
    assert back.profile == rgb_profile()
    if suffix in (".jpg", ".png", ".tif"):
        assert back.metadata.resolution == pytest.approx((300, 300), abs=0.02)


def test_a_jpeg_keeps_a_long_profile_its_comment_and_extended_xmp(tmp_path, decoder):
    icc = bytearray(rgb_profile() + bytes(200_000))
    icc[:4] = struct.pack(">I", len(icc))
    extended = b"<x:xmpmeta>" + bytes(range(32, 127)) * 2000
    import hashlib

    guid = hashlib.md5(extended).hexdigest().upper().encode()
    packet = XMP.replace(b"/>", b" xmpNote:HasExtendedXMP='" + guid + b"'/>")
    given = photo(gradient(40, 60), bytes(icc), xmp=packet, xmp_extended=extended, comment=b"a comment")
    assert export_photo(given, given.pixels, tmp_path / "out.jpg") == ()
    back = decoder.read(tmp_path / "out.jpg")
    assert back.profile == icc
    assert back.metadata.xmp == packet
    assert back.metadata.xmp_extended == extended
    assert back.metadata.comment == b"a comment"


def test_what_does_not_fit_into_a_jpeg_is_left_out_and_said(tmp_path, decoder):
    given = photo(gradient(40, 60), exif=exif() + bytes(70_000), xmp=XMP)
    notices = export_photo(given, given.pixels, tmp_path / "out.jpg")
    assert any("EXIF" in notice for notice in notices)
    assert decoder.read(tmp_path / "out.jpg").metadata.xmp == XMP


def test_a_grey_photographs_profile_does_not_go_on_colours(tmp_path, decoder):
    given = photo(noise((40, 60, 1)), b"a grey profile")
    export_photo(given, noise((40, 60, 3)), tmp_path / "out.png")
    assert decoder.read(tmp_path / "out.png").profile is None


def test_a_profile_for_other_colours_is_ignored_with_a_notice(tmp_path, decoder):
    (tmp_path / "a.jpg").write_bytes(jpeg(gradient(40, 60), icc_profile=profile("LAB")))
    back = decoder.read(tmp_path / "a.jpg")
    assert back.profile is None
    assert any("Lab" in notice for notice in back.notices)


def test_photoshops_resources(tmp_path, decoder):
    icc = rgb_profile()
    resolution = struct.pack(">IHHIHH", 300 << 16, 1, 1, 240 << 16, 1, 1)
    blocks = b"".join((resource(0x03ED, resolution), resource(0x0404, IPTC), resource(0x040F, icc),
                       resource(0x0422, exif(6)), resource(0x0424, XMP)))
    (tmp_path / "a.psd").write_bytes(psd(noise((40, 60, 3)), resources=blocks))
    back = decoder.read(tmp_path / "a.psd")
    assert back.pixels.shape == (40, 60, 3)  # Photoshop's pictures are upright
    assert back.profile == icc
    assert back.metadata.iptc == IPTC
    assert back.metadata.xmp == XMP
    assert back.metadata.exif == exif(6)
    assert back.metadata.resolution == (300, 240)


def test_tables_and_sampling_of_a_jpeg_as_pillow_has_them(tmp_path):
    from PIL import Image

    for quality, subsampling in ((10, "4:2:0"), (85, "4:2:2"), (97, "4:4:4")):
        (tmp_path / "a.jpg").write_bytes(jpeg(gradient(40, 60), quality=quality, subsampling=subsampling))
        header = jpeg_segments.read_header(memoryview((tmp_path / "a.jpg").read_bytes()))
        with Image.open(tmp_path / "a.jpg") as image:
            tables = {number: tuple(table) for number, table in image.quantization.items()}
        assert header.tables == tables
        assert jpeg_segments.own_tables(header) == {0: tables[0], 1: tables[1], 2: tables[1]}
        assert jpeg_segments.own_subsampling(header) == subsampling


@pytest.mark.parametrize("suffix", (*SUFFIXES, ".psd"))
def test_damaged_blocks_never_raise(tmp_path, suffix):
    """Headers are read in the child, but a defect there would still cost a picture that could be opened."""
    given = photo(gradient(16, 16), rgb_profile(), exif=exif(thumbnail=b"x" * 50), xmp=XMP, iptc=IPTC)
    path = tmp_path / f"a{suffix}"
    if suffix == ".psd":
        path.write_bytes(psd(gradient(16, 16), resources=resource(0x0422, exif()) + resource(0x0404, IPTC)))
    else:
        export_photo(given, given.pixels, path)
    name = {".jpg": "jpeg", ".png": "png", ".tif": "tiff", ".webp": "webp", ".jxl": "jpegxl", ".psd": "psd"}[suffix]
    dice, data = random.Random(suffix), path.read_bytes()
    for _ in range(400):
        bad = bytearray(data)
        for _ in range(dice.randint(1, 10)):
            bad[dice.randrange(len(bad))] = dice.choice((0, 1, 0xFF, dice.randrange(256)))
        if dice.random() < 0.3:
            del bad[dice.randrange(len(bad)):]
        blocks = read_blocks(name, memoryview(bytes(bad)))
        assert blocks.orientation in range(1, 9)
        if blocks.metadata.exif:
            assert tiff_exif.corrected(blocks.metadata.exif, (16, 16))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize("resolution", [(1e8, 1e9), (1e-9, 1e-9)])
def test_a_resolution_that_no_format_can_hold_spoils_nothing(tmp_path, decoder, suffix, resolution):
    given = photo(gradient(16, 16), resolution=resolution)
    export_photo(given, given.pixels, tmp_path / f"a{suffix}")
    assert min(decoder.read(tmp_path / f"a{suffix}").metadata.resolution) > 0


def test_a_directory_that_points_to_itself_ends():
    block = bytearray(exif())
    block[8 + 2 + 7 * 12 : 8 + 2 + 7 * 12 + 4] = struct.pack("<I", 8)
    tiff = tiff_tags.parse(bytes(block))
    assert len(list(tiff.chain())) == 1
    assert tiff_exif.corrected(bytes(block), (30, 40))


def test_a_compressed_block_that_is_a_bomb_is_left_out(tmp_path: Path):
    import zlib

    from editor.storage.metadata import LIMIT

    bomb = zlib.compress(bytes(LIMIT + 1000), 9)
    name, payload = b"iCCP", b"x\0\0" + bomb
    chunk = struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))
    blocks = read_blocks("png", memoryview(b"\x89PNG\r\n\x1a\n" + chunk))
    assert blocks.profile is None
