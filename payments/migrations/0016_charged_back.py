from django.db import migrations, models
from django.db.models import F

from booking import money


def as_it_was_told_until_now(apps, schema_editor):
    """A bank was taken to have all of what it disputes. What it really has, Stripe says when it is asked again."""
    payments = apps.get_model("payments", "Payment").objects
    statuses = ["needs_response", "under_review", "appeal_needs_response", "appeal_under_review", "lost"]
    payments.exclude(dispute="").filter(dispute__in=statuses).update(charged_back=F("amount_captured"))
    appointments = apps.get_model("booking", "Appointment").objects
    for rest in payments.filter(is_rest=True, status="paid", problem="").iterator():
        amount = money.from_minor_units(rest.amount_captured, rest.currency)
        appointments.filter(pk=rest.appointment_id).update(rest_paid_online=F("rest_paid_online") + amount)


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
