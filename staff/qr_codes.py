"""QR codes, for a telephone to take from a screen."""

import segno


def drawn(text: str, title: str) -> str:
    """The code as SVG. It is black on white in every colour scheme, since cameras want that."""
    return segno.make(text, error="m").svg_inline(
        scale=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True, title=title
    )
