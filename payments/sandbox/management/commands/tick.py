"""`manage.py tick` where the sandbox is installed: the product's own, with the sandbox's duties before it.

Of two commands with one name Django takes that of the app which INSTALLED_APPS lists first.
"""

from payments.management.commands import tick
from payments.sandbox.checkout import expire_overdue
from payments.sandbox.refunds import progress_all
from payments.sandbox.webhooks import deliver_due


class Command(tick.Command):
    duties = {
        "sandbox sessions expired": lambda now: expire_overdue(),
        "sandbox refunds moved on": lambda now: progress_all(),
        "sandbox webhooks delivered": deliver_due,
        **tick.Command.duties,
    }
