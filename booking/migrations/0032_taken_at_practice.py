from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0031_how_a_service_is_paid'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='taken_at_practice',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=2, default=Decimal('0'), help_text='What of that has been taken there: whoever takes the money writes it here.', max_digits=8),
        ),
        migrations.AlterField(
            model_name='change',
            name='kind',
            field=models.CharField(choices=[('booked', 'Booked'), ('moved', 'Moved'), ('new rules', 'moved by new rules for clocks'), ('cancelled', 'Cancelled'), ('corrected', 'Corrected'), ('no-show', 'did not come'), ('came', 'came after all'), ('link', 'link sent again'), ('kept longer', 'kept for another deadline'), ('returned', 'money returned'), ('taken', 'money taken at the practice'), ('undone', 'entry of money undone'), ('asked', 'rest asked for by link')], max_length=15),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('changed', 'Changed'), ('new rules', 'new rules for clocks'), ('in the way', 'another in the way'), ('cancelled', 'Cancelled'), ('returned', 'Returned'), ('not returned', 'Not Returned'), ('mismatched', 'Mismatched'), ('disputed', 'Disputed'), ('inquired', 'Inquired'), ('reminder', 'Reminder'), ('given back', 'Given Back'), ('links', 'Links'), ('confirm waiting', 'asked to wait for a time'), ('time freed', 'Time Freed'), ('payment link', 'Payment Link'), ('rest link', 'link to pay the rest')], max_length=15),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('taken_at_practice__gte', 0), ('taken_at_practice__lte', models.F('due_at_practice'))), name='booking_appointment_taken_at_practice'),
        ),
    ]
