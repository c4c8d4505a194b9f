from django.db import migrations, models
from django.db.models import F

from booking import money


STATUSES = ["needs_response", "under_review", "appeal_needs_response", "appeal_under_review", "lost"]


def as_it_was_told_until_now(apps, schema_editor):
    """A bank was taken to have all of what it disputes. What it really has, Stripe says when it is asked again."""
    payments = apps.get_model("payments", "Payment").objects
    payments.filter(dispute__in=STATUSES).update(charged_back=F("amount_captured"))
    rests = payments.filter(is_rest=True, status="paid", problem="")
    for appointment in set(rests.values_list("appointment_id", flat=True)):
        reckon_anew(apps, appointment)


def reckon_anew(apps, pk):
    """Write what of the rest is paid online, and what is due at the practice, as payments/reconciliation.py does.

    What went back of a rest before is due at the practice again, as from now on. Nothing is due of what was cancelled.
    """
    appointments = apps.get_model("booking", "Appointment").objects.filter(pk=pk)
    appointment = appointments.get()
    settled = appointment.payments.filter(status="paid", problem="")
    rests, others = list(settled.filter(is_rest=True)), list(settled.filter(is_rest=False))
    stays = appointment.status != "confirmed"
    kept = captured(rests) - (0 if stays else sum(back(one) for one in rests))
    as_booked = appointment.price - money.from_minor_units(captured(others), appointment.currency)
    rest = min(money.from_minor_units(kept, appointment.currency), as_booked - appointment.taken_at_practice)
    due_again = captured(rests) - money.minor_units(rest, appointment.currency)
    returned = sum(map(gone, others)) + max(sum(map(gone, rests)) - due_again, 0)
    facts = {"rest_paid_online": rest, "returned": money.from_minor_units(returned, appointment.currency)}
    appointments.update(**facts, **({} if stays else {"due_at_practice": as_booked - rest}))


def captured(payments):
    return sum(one.amount_captured for one in payments)


def gone(payment):
    failed = ["failed", "canceled"]
    returning = sum(payment.refunds.exclude(status__in=failed).values_list("amount", flat=True))
    taken = payment.charged_back if payment.dispute == "lost" else 0
    return returning + min(taken, max(payment.amount_captured - returning, 0))


def back(payment):
    return max(gone(payment), payment.refund_due)


class Migration(migrations.Migration):
    """What banks hold of payments or have taken back, and what of the rest was paid online already."""

    dependencies = [
        ('payments', '0015_indexes_of_a_month'),
        ('booking', '0037_rest_paid_online'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='charged_back',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='What of it a bank holds because of disputes, or has taken for good.'),
        ),
        migrations.RunPython(as_it_was_told_until_now, migrations.RunPython.noop),
    ]
