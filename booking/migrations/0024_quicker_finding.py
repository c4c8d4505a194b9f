from django.db import migrations, models

from booking.index_operations import AddIndexOnline, letters_online
from booking.models.search import TRIPLES


class Migration(migrations.Migration):
    """A client is found by their number, or by any three letters, in the same time however many there are."""

    atomic = False

    dependencies = [
        ('booking', '0023_what_staff_change'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(fields=['client_phone'], name='booking_appointment_phone'),
        ),
        letters_online(TRIPLES),
    ]
