from django.db import migrations, models

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    """A caller's appointments are found by the number that they call from."""

    atomic = False

    dependencies = [
        ('booking', '0023_what_staff_change'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(fields=['client_phone'], name='booking_appointment_phone'),
        ),
    ]
