from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0012_limits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('changed', 'Changed'), ('new rules', 'new rules for clocks'), ('in the way', 'another in the way'), ('cancelled', 'Cancelled'), ('returned', 'Returned'), ('not returned', 'Not Returned'), ('mismatched', 'Mismatched'), ('disputed', 'Disputed'), ('inquired', 'Inquired'), ('reminder', 'Reminder'), ('given back', 'Given Back')], max_length=15),
        ),
    ]
