import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0032_taken_at_practice'),
        ('payments', '0012_examinations'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberedYear',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0, help_text='The last number that was given out.')),
            ],
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField(help_text='Counted from 1 in each year, without gaps.')),
                ('issued_at', models.DateTimeField()),
                ('language', models.CharField(help_text="The client's, in which all of it is written.", max_length=2)),
                ('practice_name', models.TextField()),
                ('practice_address', models.TextField(blank=True)),
                ('tax_line', models.TextField(blank=True)),
                ('client', models.CharField(blank=True, help_text='Their name, or else their address or number.', max_length=254)),
                ('for_whom', models.CharField(blank=True, max_length=100)),
                ('service_name', models.TextField()),
                ('provider_name', models.TextField()),
                ('appointment_time', models.DateTimeField()),
                ('time_zone', models.CharField(help_text='That of the wall by whose clock that time is written.', max_length=64)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('is_no_show', models.BooleanField(default=False)),
                ('price', models.PositiveIntegerField(help_text='In minor units.')),
                ('currency', models.CharField(max_length=3)),
                ('lines', models.JSONField(help_text='What was paid and what went back, each with its amount in minor units.')),
                ('total', models.IntegerField(help_text='In minor units: what the lines add up to.')),
                ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='booking.appointment')),
                ('corrects', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='payments.receipt')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('year', 'number'), name='payments_receipt_number'), models.UniqueConstraint(condition=models.Q(('corrects', None)), fields=('appointment',), name='payments_receipt_one_first')],
            },
        ),
    ]
