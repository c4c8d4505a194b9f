from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    """What was due at the practice and was paid online since."""

    dependencies = [
        ('booking', '0036_what_is_set_at_the_desk'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='rest_paid_online',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=2, default=Decimal('0'), help_text='What was due at the practice when it was booked, and was paid online since, and not returned.', max_digits=8),
        ),
    ]
