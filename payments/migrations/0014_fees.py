from django.db import migrations, models


class Migration(migrations.Migration):
    """What Stripe has kept of each payment."""

    dependencies = [
        ('payments', '0013_receipts'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='fee',
            field=models.IntegerField(blank=True, help_text='What Stripe has kept of it; null until Stripe says it.', null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='fee_currency',
            field=models.CharField(blank=True, db_default='', default='', help_text='That of the account, which may be another one.', max_length=3),
        ),
    ]
