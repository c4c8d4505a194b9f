from django.db import migrations, models

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    """The mails of somebody who waited are found when they are forgotten, among a million others."""

    atomic = False

    dependencies = [
        ('booking', '0027_for_whom_and_waiting_list'),
    ]

    operations = [
        AddIndexOnline(
            model_name='mail',
            index=models.Index(condition=models.Q(('waiting__isnull', False)), fields=['waiting'], name='booking_mail_of_waiting'),
        ),
    ]
