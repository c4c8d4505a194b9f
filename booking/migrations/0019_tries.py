from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0018_index_of_a_provider'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tries',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('forgotten_at', models.FloatField(help_text='Seconds since 1970, by the clock of the machine that counted.')),
            ],
            options={
                'verbose_name_plural': 'tries',
            },
        ),
    ]
