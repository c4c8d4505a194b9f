"""The picture of a provider, for anybody. It has an address of its own as long as it is the same picture."""

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from booking.models import Portrait
from booking.responses import kept_for_good


# The policy is about pages.
@csp_exempt()  # type: ignore[arg-type]  # its types know only views without arguments
@require_safe
def portrait(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the bytes. They tell nothing of who asks, so every cache may keep them for good."""
    image = Portrait.objects.find(digest)
    if image is None:
        raise Http404
    return kept_for_good(HttpResponse(image, content_type="image/webp"))
