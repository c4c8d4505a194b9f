from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0032_taken_at_practice'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When all was erased that says who its client was.', null=True),
        ),
    ]
