from django.db import migrations, models

from booking.index_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    """The new index has no condition, which SQLite could not match to a query with parameters."""

    atomic = False

    dependencies = [
        ('booking', '0017_indexes_in_the_order_of_the_lists'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(fields=['provider', 'blocked_until'], name='booking_appointment_provider'),
        ),
        RemoveIndexOnline(
            model_name='appointment',
            name='booking_appointment_holding',
        ),
        RemoveIndexOnline(
            model_name='appointment',
            name='booking_appointment_rules',
        ),
    ]
