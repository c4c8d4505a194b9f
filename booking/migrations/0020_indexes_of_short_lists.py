from django.db import migrations, models

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    """The lists of what is not the rule: appointments that are not confirmed, mails that are not sent."""

    atomic = False

    dependencies = [
        ('booking', '0019_tries'),
    ]

    operations = [
        AddIndexOnline(
            model_name='appointment',
            index=models.Index(condition=~models.Q(status='confirmed'), fields=['status', 'appointment_time'], name='booking_appointment_status'),
        ),
        AddIndexOnline(
            model_name='mail',
            index=models.Index(condition=~models.Q(status='sent'), fields=['status', 'created_at'], name='booking_mail_status'),
        ),
        AddIndexOnline(
            model_name='mail',
            index=models.Index(condition=~models.Q(kind__in=['confirmed', 'reminder']), fields=['kind', 'created_at'], name='booking_mail_kind'),
        ),
    ]
