"""What a browser may load, show and send on our pages: our own files only, nothing inline, and in nobody's frame.

The booking page alone may be framed by those whom the practice has named (booking/pages/embedding.py).
"""

from csp.constants import NONE, SELF


def policy(*form_targets: str) -> dict[str, dict[str, list[str]]]:
    """Return the policy of every page, as django-csp takes it.

    `form_targets` are the origins that a form may lead to, besides our own. Chromium applies form-action to redirects
    as well, and without JavaScript the button Pay sends a form that is redirected to Stripe.
    """
    directives = {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *form_targets],
    }
    return {"DIRECTIVES": directives}
