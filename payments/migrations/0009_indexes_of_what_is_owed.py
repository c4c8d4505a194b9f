from django.db import migrations, models

from booking.index_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    """SQLite could match no `IN` of a condition to a query with parameters, but it can match these conditions."""

    atomic = False

    dependencies = [
        ('payments', '0008_indexes_in_the_order_of_the_lists'),
    ]

    operations = [
        AddIndexOnline(
            model_name='payment',
            index=models.Index(fields=['status', 'asked_at'], name='payments_status'),
        ),
        RemoveIndexOnline(
            model_name='payment',
            name='payments_awaited',
        ),
        AddIndexOnline(
            model_name='refund',
            index=models.Index(condition=~models.Q(status='succeeded'), fields=['status'], name='payments_refund_not_succeeded'),
        ),
        RemoveIndexOnline(
            model_name='refund',
            name='payments_refund_not_done',
        ),
        AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=~models.Q(problem=''), fields=['problem'], name='payments_problem'),
        ),
        AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=~models.Q(dispute=''), fields=['dispute'], name='payments_dispute'),
        ),
    ]
