from django.db import migrations, models
from django.db.models.functions import Coalesce

from booking.index_operations import AddIndexOnline


class Migration(migrations.Migration):
    """Indexes by which the money of a month is found, and the payments whose fee is not known."""

    atomic = False

    dependencies = [
        ('payments', '0014_fees'),
    ]

    operations = [
        AddIndexOnline(
            model_name='payment',
            index=models.Index(fields=['paid_at'], name='payments_paid'),
        ),
        AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=models.Q(status='paid', fee=None), fields=['created_at'], name='payments_without_fee'),
        ),
        AddIndexOnline(
            model_name='refund',
            index=models.Index(Coalesce('sent_at', 'created_at'), name='payments_refund_made'),
        ),
    ]
