from django.apps import AppConfig
from django.conf import settings


class SandboxConfig(AppConfig):
    name = "payments.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from payments.sandbox import faults

        # A wrong setting is found now and keeps the site from starting. Otherwise the first webhook would fail.
        faults.parse(settings.STRIPE_SANDBOX_FAULTS)
