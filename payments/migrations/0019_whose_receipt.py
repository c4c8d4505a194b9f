from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac

AT_ONCE = 500
COLUMNS = {"client_email": "email_hash", "client_phone": "number_hash"}


def as_far_as_it_is_known(apps, schema_editor):
    """What staff have not corrected since it was made is what the appointment has now. The rest is not known."""
    receipts = apps.get_model("payments", "Receipt").objects
    changes = apps.get_model("booking", "Change").objects
    for column, hash_column in COLUMNS.items():
        corrected = changes.filter(
            appointment=OuterRef("appointment"),
            kind="corrected",
            at__gte=OuterRef("issued_at"),
            facts__fields__icontains=column,
        )
        without = Q(**{hash_column: ""}) & ~Q(**{f"appointment__{column}": ""})
        rows = receipts.filter(without, ~Exists(corrected), appointment__erased_at=None)
        while portion := list(rows.select_related("appointment").order_by("pk")[:AT_ONCE]):
            for receipt in portion:
                typed = getattr(receipt.appointment, column).lower()
                hashed = salted_hmac("booking.personal_data", typed, algorithm="sha256")
                setattr(receipt, hash_column, hashed.hexdigest())
            receipts.bulk_update(portion, [hash_column])


class Migration(migrations.Migration):
    """Under whose address and number a receipt was made, so that it is found when the appointment has others."""

    dependencies = [
        ('booking', '0037_rest_paid_online'),
        ('payments', '0018_taken_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='email_hash',
            field=models.CharField(blank=True, db_default='', default='', help_text="A keyed hash of the client's address, by which it is found when the appointment has another since.", max_length=64),
        ),
        migrations.AddField(
            model_name='receipt',
            name='number_hash',
            field=models.CharField(blank=True, db_default='', default='', help_text='The same of their phone number.', max_length=64),
        ),
        migrations.RunPython(as_far_as_it_is_known, migrations.RunPython.noop),
    ]
