from django.apps import AppConfig
from django.conf import settings


class SandboxConfig(AppConfig):
    name = "payments.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from payments.sandbox import faults

        # A wrong setting shall keep the site from starting, and not only fail at the first webhook.
        faults.parse(settings.STRIPE_SANDBOX_FAULTS)
