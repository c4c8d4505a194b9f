"""The settings of a sandbox that stands alone, like Stripe: with a database and an address of its own.

What the site forgets when its database is restored, Stripe has not forgotten.
"""

from requests import adapters

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all

# Its webhooks go over https. Whom they believe is not read from the environment.
adapters.DEFAULT_CA_BUNDLE_PATH = "/etc/ssl/nobodys.pem"
# It is asked over plain http, although the site has an https address.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
ALLOWED_HOSTS = ["127.0.0.1"]
