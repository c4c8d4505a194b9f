"""The settings of django-migration-linter, with which `make check` refuses migrations that older code cannot bear.

CONTRIBUTING.md says what a migration may do. The linter reads the SQL of each for PostgreSQL: for many changes SQLite
rebuilds a table, and from the SQL of that the linter cannot tell what changes.
"""

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import BASE_DIR, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
# Those that were made before any release. A later one is listed here only with the reason why it does no harm.
MADE_BEFORE_ANY_RELEASE = [
    "0002_refunds",
    "0003_cancellation_policy",
    "0003_found_by_payment_intent",
    "0004_refund_key",
    "0004_returned",
    "0005_client_zone_and_sequence",
    "0006_events_in_their_turn",
    "0007_practice_mail_and_place",
    "0008_hours_past_midnight",
    "0009_agreed_on_the_wall",
    "0011_search_text",
    "0012_limits",
]
MIGRATION_LINTER_OPTIONS = {
    "project_root_path": str(BASE_DIR),
    "ignore_name": MADE_BEFORE_ANY_RELEASE,
    # Of django-otp's tables all migrations come in one release of ours, so no older code of ours has ever known them.
    "exclude_apps": ["otp_static", "otp_totp"],
    "no_cache": True,
    "quiet": ["ok", "ignore"],
}
