"""What becomes of an uploaded picture: a small square without anything that the file told beside it, or a sentence."""

import io
import random
import re
import zlib

import pytest
from PIL import Image, ImageCms

from booking.pictures import Refused, portrait
from tests.drawn import as_file, face

UNREADABLE = "This file is no picture that we can read. Choose a JPEG, PNG or WebP picture."
DAMAGED = "This picture is damaged, or did not arrive whole. Save it anew, or choose another one."
TOO_MANY_PIXELS = "This picture has more pixels than we can open. Save it about 1,000 pixels wide, and try again."
SKIN, GROUND = (224, 176, 138), (47, 111, 143)


def made(content):
    return Image.open(io.BytesIO(portrait(io.BytesIO(content))))


def refusal(content):
    with pytest.raises(Refused) as refused:
        portrait(io.BytesIO(content))
    return str(refused.value)


def is_like(colour, wanted):
    return all(abs(one - other) <= 12 for one, other in zip(colour, wanted, strict=True))


def head_of(picture):
    """Where the skin of the drawn face is on it: left, top, right and bottom."""
    skin = [(x, y) for x in range(144) for y in range(144) if is_like(picture.getpixel((x, y)), SKIN)]
    across, down = zip(*skin, strict=True)
    return min(across), min(down), max(across), max(down)


# What is taken


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *[("RGB", kind) for kind in ("JPEG", "PNG", "WEBP")],
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        *[(mode, "PNG") for mode in ("RGBA", "LA", "L", "P", "1")],
    ],
)
def test_a_picture_of_any_channels_becomes_a_small_square(mode, kind):
    kept = made(as_file(face(mode=mode), kind))
    assert (kept.format, kept.size, kept.mode) == ("WEBP", (144, 144), "RGB")
    if mode not in {"L", "LA", "1"}:
        assert is_like(kept.getpixel((72, 60)), SKIN)


def test_sixteen_bits_of_grey_keep_their_shades():
    picture = Image.new("I;16", (200, 200))
    picture.putdata([300 * (at % 200) for at in range(200 * 200)])
    kept = made(as_file(picture, "PNG"))
    assert [round(kept.getpixel((x, 70))[0], -1) for x in (0, 72, 143)] == [0, 120, 230]


@pytest.mark.parametrize(("width", "height"), [(600, 800), (800, 600), (150, 5000), (72, 72)])
def test_a_picture_of_any_shape_becomes_a_square(width, height):
    assert made(as_file(face(width=width, height=height))).size == (144, 144)


def test_of_a_portrait_the_whole_head_is_kept():
    left, top, right, bottom = head_of(made(as_file(face(width=600, height=800), quality=95)))
    assert (abs(left + right - 143) <= 2, top > 0, bottom < 120) == (True, True, True)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_a_camera_has_laid_on_its_side_stands_upright(orientation):
    upright, exif = face(width=600, height=800), Image.Exif()
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif[0x0112] = orientation
    laid = upright.transpose(turns[orientation]) if orientation in turns else upright
    wanted, came = head_of(made(as_file(upright, quality=95))), head_of(made(as_file(laid, quality=95, exif=exif)))
    assert [abs(one - other) <= 2 for one, other in zip(came, wanted, strict=True)] == [True] * 4


def test_what_is_transparent_is_white():
    picture = Image.new("RGBA", (300, 300), (200, 0, 0, 0))
    assert made(as_file(picture, "PNG")).getpixel((72, 72)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_by_whom_it_was_taken_is_not_kept(kind):
    exif = Image.Exif()
    exif[0x013B] = "Jo Photographer"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = portrait(io.BytesIO(as_file(face(), kind, exif=exif, icc_profile=profile)))
    assert [mark for mark in (b"EXIF", b"ICCP", b"XMP ", b"Jo Photographer") if mark in content] == []


def test_colours_of_a_profile_become_those_of_every_browser():
    """The profile says that what is red in the file is blue, which no real one says so plainly."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    kept = made(as_file(Image.new("RGB", (200, 200), "red"), "PNG", icc_profile=swapped))
    assert is_like(kept.getpixel((72, 72)), (0, 0, 255))


def test_a_profile_that_is_broken_means_nothing():
    kept = made(as_file(Image.new("RGB", (200, 200), "red"), "PNG", icc_profile=b"broken"))
    assert is_like(kept.getpixel((72, 72)), (255, 0, 0))


@pytest.mark.parametrize("channels", ["RGB", "RGBA"])
def test_even_noise_becomes_no_more_than_seven_kilobytes(channels):
    noise = random.Random(1).randbytes(300 * 300 * len(channels))
    assert len(portrait(io.BytesIO(as_file(Image.frombytes(channels, (300, 300), noise), "PNG")))) <= 7_000


def test_of_a_moving_picture_the_first_frame_is_kept():
    frames = [Image.new("RGB", (144, 144), (200 - at, at, 0)) for at in range(100)]
    content = as_file(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert is_like(made(content).getpixel((72, 72)), (200, 0, 0))


# What is refused


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        as_file(Image.new("RGB", (200, 200)), "GIF", save_all=True, append_images=[Image.new("L", (200, 200), 9)] * 50),
        as_file(face(), "TIFF"),
    ],
    ids=["nothing", "svg with a script", "pdf", "only a first word", "moving gif", "tiff"],
)
def test_what_is_no_jpeg_png_or_webp_is_refused_whatever_its_name_says(content):
    assert refusal(content) == UNREADABLE


@pytest.mark.parametrize(("kind", "sentence"), [("JPEG", DAMAGED), ("PNG", DAMAGED), ("WEBP", UNREADABLE)])
def test_a_picture_that_is_cut_off_is_refused(kind, sentence):
    content = as_file(face(), kind)
    assert refusal(content[: len(content) // 2]) == sentence


@pytest.mark.parametrize(
    ("width", "height", "kind"), [(5000, 4000, "PNG"), (12_000, 12_000, "PNG"), (30_000, 30_000, "PNG")]
)
def test_a_decompression_bomb_is_refused_by_what_it_says_of_its_size(width, height, kind):
    """The file has a few pixels, and its header says more: had one been decoded, it would be called damaged."""
    header = b"IHDR" + width.to_bytes(4) + height.to_bytes(4)
    content = as_file(Image.new("L", (100, 100)), kind)
    start = content.index(b"IHDR")
    body = header + content[start + 12 : start + 17]
    assert refusal(content[:start] + body + zlib.crc32(body).to_bytes(4) + content[start + 21 :]) == TOO_MANY_PIXELS


def test_a_jpeg_that_is_drawn_over_a_thousand_times_is_refused():
    content = as_file(face(), progressive=True)
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    assert refusal(content[:-2] + 1000 * last_scan + content[-2:]) == TOO_MANY_PIXELS


def called_larger(jpeg, width, height):
    """The same file, whose header says another size. What is missing of the pixels is made up as grey."""
    size = re.search(rb"\xff[\xc0-\xc2]...", jpeg, re.DOTALL).end()
    return jpeg[:size] + height.to_bytes(2) + width.to_bytes(2) + jpeg[size + 4 :]


def drawn_channel_by_channel(jpeg):
    """The same file, whose first scan says that it draws only the first of the channels."""
    scan = jpeg.index(b"\xff\xda")
    length = int.from_bytes(jpeg[scan + 2 : scan + 4])
    return jpeg[:scan] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + jpeg[scan + 2 + length :]


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_of_a_jpeg_that_is_kept_whole_while_it_is_decoded_fewer_pixels_are_taken(mode):
    """Each pixel takes up to eight bytes while the scans of a progressive one come, and next to nothing otherwise."""
    at_once, progressive = (called_larger(as_file(face(mode=mode), progressive=it), 5000, 4000) for it in (False, True))
    assert (made(at_once).size, refusal(progressive)) == ((144, 144), TOO_MANY_PIXELS)
    if mode != "L":
        assert refusal(drawn_channel_by_channel(at_once)) == TOO_MANY_PIXELS


@pytest.mark.parametrize("behind", [b"\xff\xda" * 100, as_file(face(), progressive=True) * 10])
def test_what_a_telephone_puts_behind_a_photo_is_not_counted(behind):
    assert made(as_file(face()) + behind).size == (144, 144)


def test_what_would_begin_a_scan_of_a_jpeg_is_nothing_in_a_png():
    noise = Image.frombytes("L", (200, 200), b"\xff\xda" * 20_000)
    assert made(as_file(noise, "PNG", compress_level=0)).size == (144, 144)


def test_a_photo_with_a_preview_behind_it_is_a_jpeg():
    content = as_file(face(), "MPO", save_all=True, append_images=[face(width=150, height=200)])
    assert (Image.open(io.BytesIO(content)).format, made(content).size) == ("MPO", (144, 144))


def test_a_picture_of_few_pixels_is_refused():
    sentence = "This picture is only 71 by 400 pixels. Choose one of 144 by 144 or more."
    assert refusal(as_file(face(width=71, height=400))) == sentence


def test_of_a_file_of_forty_megabytes_no_more_than_ten_are_read():
    file = io.BytesIO(as_file(face()) + bytes(40_000_000))
    with pytest.raises(Refused, match=r"This file is larger than 10 MB\. Choose a smaller one"):
        portrait(file)
    assert file.tell() == 10_000_001
