from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0014_former_slugs'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='moved_from',
            field=models.DateTimeField(blank=True, help_text='Its time before the client chose another, since it is held or confirmed.', null=True),
        ),
    ]
