"""What was agreed is a time on the provider's wall. Of what is booked already, it is what the wall shows by the rules of
today: whether they were others when it was booked, nobody can tell any more.
"""

from zoneinfo import ZoneInfo

import tzdata
from django.db import migrations, models

AT_ONCE = 1000


def write_down_walls(apps, schema_editor):
    for model, walls in (
        ("Appointment", {"wall_time": "appointment_time"}),
        ("TimeOff", {"wall_starts": "starts", "wall_ends": "ends"}),
    ):
        rows = apps.get_model("booking", model).objects.using(schema_editor.connection.alias)
        batch = []
        for row in rows.select_related("provider").iterator(AT_ONCE):
            row.wall_zone, row.zone_rules = row.provider.time_zone, tzdata.IANA_VERSION
            for wall, instant in walls.items():
                setattr(row, wall, getattr(row, instant).astimezone(ZoneInfo(row.wall_zone)).isoformat())
            batch.append(row)
        rows.bulk_update(batch, ["wall_zone", "zone_rules", *walls], AT_ONCE)


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0008_hours_past_midnight'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='wall_time',
            field=models.CharField(default='', help_text="On the provider's wall, with its offset then.", max_length=40, verbose_name='agreed time'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='appointment',
            name='wall_zone',
            field=models.CharField(default='', help_text='The time zone of that wall.', max_length=64, verbose_name='agreed in'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='appointment',
            name='zone_rules',
            field=models.CharField(default='', help_text='The edition of the time-zone rules it was last checked by.', max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='timeoff',
            name='wall_ends',
            field=models.CharField(default='', editable=False, max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='timeoff',
            name='wall_starts',
            field=models.CharField(default='', editable=False, max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='timeoff',
            name='wall_zone',
            field=models.CharField(default='', editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='timeoff',
            name='zone_rules',
            field=models.CharField(default='', editable=False, max_length=10),
            preserve_default=False,
        ),
        migrations.RunPython(write_down_walls, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('confirmed', 'Confirmed'), ('changed', 'Changed'), ('new rules', 'new rules for clocks'), ('in the way', 'another in the way'), ('cancelled', 'Cancelled'), ('returned', 'Returned'), ('not returned', 'Not Returned'), ('mismatched', 'Mismatched'), ('disputed', 'Disputed'), ('reminder', 'Reminder'), ('given back', 'Given Back')], max_length=15),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('status__in', ['held', 'confirmed'])), fields=['zone_rules', 'appointment_time'], name='booking_appointment_rules'),
        ),
    ]
