"""The practice's logo, from our own host, at an address that changes with it."""

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from booking.responses import kept_for_good

# Pages show it by <img>, where no script of an SVG runs and nothing that it names is fetched. This says the same for
# whoever opens its address by itself.
ONLY_A_PICTURE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


# It has a policy of its own. The types of this decorator know only views without arguments, so mypy is told to pass it.
@csp_exempt()  # type: ignore[arg-type]
@require_safe
def serve(request: HttpRequest, digest: str) -> HttpResponse:
    logo = settings.PRACTICE_LOGO
    if not logo:
        raise Http404
    response = HttpResponse(logo.body, content_type=logo.content_type)
    response["Content-Security-Policy"] = ONLY_A_PICTURE
    return kept_for_good(response, is_present=digest == logo.digest)
