from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0015_moved_from'),
    ]

    operations = [
        migrations.CreateModel(
            name='LinksRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(help_text='In lower case.', max_length=254, unique=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('changed', 'Changed'), ('new rules', 'new rules for clocks'), ('in the way', 'another in the way'), ('cancelled', 'Cancelled'), ('returned', 'Returned'), ('not returned', 'Not Returned'), ('mismatched', 'Mismatched'), ('disputed', 'Disputed'), ('inquired', 'Inquired'), ('reminder', 'Reminder'), ('given back', 'Given Back'), ('links', 'Links')], max_length=15),
        ),
    ]
