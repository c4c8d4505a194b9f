"""The product's tick, which knows nothing of the sandbox, with the sandbox's own duties before it.

Django takes the command of the app that is listed first.
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
