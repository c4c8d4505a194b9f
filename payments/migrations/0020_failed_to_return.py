from django.db import migrations

from booking import money


def as_it_is_reckoned(apps, schema_editor):
    """Write what a refund that failed left due, as payments/reconciliation.py does from now on."""
    appointments = apps.get_model("booking", "Appointment").objects
    paid = apps.get_model("payments", "Payment").objects.filter(status="paid", problem="", is_rest=False)
    failed = paid.filter(refund_due__gt=0, refunds__status__in=["failed", "canceled"])
    for pk in set(failed.values_list("appointment", flat=True)):
        payments = list(paid.filter(appointment=pk))
        units = sum(max(payment.refund_due - gone(payment), 0) for payment in payments)
        left = money.from_minor_units(units, payments[0].currency)
        appointments.filter(pk=pk).update(failed_to_return=left)


def gone(payment):
    returning = sum(payment.refunds.exclude(status__in=["failed", "canceled"]).values_list("amount", flat=True))
    return returning + min(payment.taken_back, max(payment.amount_captured - returning, 0))


class Migration(migrations.Migration):
    """What is still due back although a refund failed, of what was returned before that was written down."""

    dependencies = [
        ('payments', '0019_whose_receipt'),
        ('booking', '0039_failed_to_return'),
    ]

    operations = [
        migrations.RunPython(as_it_is_reckoned, migrations.RunPython.noop),
    ]
