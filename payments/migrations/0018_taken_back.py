from django.db import migrations, models
from django.db.models import F

NOT_DECIDED = ["needs_response", "under_review", "appeal_needs_response", "appeal_under_review"]


def as_it_was_reckoned_until_now(apps, schema_editor):
    """While a dispute was open, all that a bank had was taken for held, and once none was, for taken."""
    payments = apps.get_model("payments", "Payment").objects
    payments.filter(charged_back__gt=0).exclude(dispute__in=NOT_DECIDED).update(taken_back=F("charged_back"))


class Migration(migrations.Migration):
    """What of a disputed payment a bank has taken for good, also while it disputes the next part."""

    dependencies = [
        ('payments', '0017_zone_of_a_receipt'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='taken_back',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='What of that a bank has taken for good, because a dispute was lost.'),
        ),
        migrations.RunPython(as_it_was_reckoned_until_now, migrations.RunPython.noop),
    ]
