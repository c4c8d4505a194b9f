from django.db import migrations, models

from booking.index_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    """The lists of what is not the rule: payments that are neither paid nor expired, events that tell of no payment."""

    atomic = False

    dependencies = [
        ('payments', '0009_indexes_of_what_is_owed'),
    ]

    operations = [
        AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=~models.Q(status='paid') & ~models.Q(status='expired'), fields=['status', 'asked_at'], name='payments_unsettled'),
        ),
        RemoveIndexOnline(
            model_name='payment',
            name='payments_status',
        ),
        AddIndexOnline(
            model_name='webhookevent',
            index=models.Index(condition=~models.Q(type='checkout.session.completed'), fields=['type', 'received_at'], name='payments_event_type'),
        ),
    ]
