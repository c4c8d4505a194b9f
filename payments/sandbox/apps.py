from django.apps import AppConfig
from django.conf import settings


class SandboxConfig(AppConfig):
    name = "payments.sandbox"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from payments.sandbox import faults

        # For its refusal, at the start and not at the first webhook.
        faults.parse(settings.STRIPE_SANDBOX_FAULTS)
