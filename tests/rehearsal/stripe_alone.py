"""The settings of a sandbox that stands alone, like Stripe: with a database and an address of its own.

What the site forgets when its database is restored, Stripe has not forgotten.
"""

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all

# It is asked over plain http, although the site has an https address.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
ALLOWED_HOSTS = ["127.0.0.1"]
