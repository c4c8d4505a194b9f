from django.db import migrations, models
from django.db.models.functions import Coalesce

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('booking', '0033_erased_at'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(Coalesce('cancelled_at', 'expired_at', 'end'), condition=models.Q(('erased_at', None)), name='booking_appointment_over'),
        ),
    ]
