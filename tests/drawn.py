"""Pictures to upload, drawn here: a stand-in for a portrait, and what else somebody may choose by mistake or malice."""

import io

from PIL import Image, ImageDraw


def face(*, width=600, height=800, mode="RGB"):
    """A round head above the middle of a plain ground, so that one sees whether it was cut and turned rightly."""
    picture = Image.new("RGB", (width, height), "#2f6f8f")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width * 0.1, height * 0.75, width * 0.9, height * 1.3), fill="#7a3b69")
    pen.ellipse((width * 0.3, height * 0.15, width * 0.7, height * 0.65), fill="#e0b08a")
    return picture.convert(mode)


def as_file(picture, kind="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
