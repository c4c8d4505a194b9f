from django.db import migrations, models

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('payments', '0007_heartbeat'),
    ]

    operations = [
        AddIndexOnline(
            model_name='payment',
            index=models.Index(fields=['created_at'], name='payments_created'),
        ),
        AddIndexOnline(
            model_name='webhookevent',
            index=models.Index(fields=['received_at'], name='payments_event_received'),
        ),
        AddIndexOnline(
            model_name='webhookevent',
            index=models.Index(fields=['object_id'], name='payments_event_object'),
        ),
    ]
