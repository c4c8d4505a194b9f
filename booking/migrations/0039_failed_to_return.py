from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    """What is still due back although a refund failed counts towards what cancelling promises."""

    dependencies = [
        ('booking', '0038_what_an_empty_place_means'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='failed_to_return',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=2, default=Decimal('0'), help_text='What of the price is due back and not on its way, because its refund failed.', max_digits=8),
        ),
    ]
