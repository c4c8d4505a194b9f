import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0032_taken_at_practice'),
        ('payments', '0010_indexes_of_short_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='is_rest',
            field=models.BooleanField(db_default=False, default=False, help_text='Whether it is what was still to be paid at the practice. It confirms nothing.'),
        ),
        migrations.CreateModel(
            name='Taking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.IntegerField(help_text='In minor units. Below zero for a counter-entry.')),
                ('currency', models.CharField(max_length=3)),
                ('method', models.CharField(choices=[('cash', 'Cash'), ('terminal', 'Card terminal'), ('transfer', 'Bank transfer')], max_length=10)),
                ('taken_at', models.DateTimeField(help_text='When the money changed hands, as staff say.')),
                ('at', models.DateTimeField(auto_now_add=True, help_text='When it was written down.')),
                ('by_name', models.CharField(help_text='Their name then.', max_length=310)),
                ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='booking.appointment')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undoes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='payments.taking')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['taken_at'], name='payments_taking_taken')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('undoes', None)), models.Q(('amount__lt', 0), ('undoes__isnull', False)), _connector='OR'), name='payments_taking_or_counter_entry')],
            },
        ),
    ]
