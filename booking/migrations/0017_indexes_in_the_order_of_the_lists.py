from django.db import migrations, models

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('booking', '0016_links'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(fields=['appointment_time', 'zone_rules'], name='booking_appointment_time'),
        ),
        AddIndexOnline(
            model_name='mail',
            index=models.Index(fields=['created_at'], name='booking_mail_created'),
        ),
    ]
