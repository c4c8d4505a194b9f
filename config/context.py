from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What base.html says on every page."""
    return {"practice_name": settings.PRACTICE_NAME, "sandbox": settings.STRIPE_SANDBOX}
