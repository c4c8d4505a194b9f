"""Hours may run past midnight, and a whole day is one that says so: rows of 00:00 to 00:00 meant just that."""

import datetime

from django.db import migrations, models

import booking.models.practice


def say_all_day(apps, schema_editor):
    midnight = datetime.time(0)
    hours = apps.get_model("booking", "WorkingHours").objects.using(schema_editor.connection.alias)
    hours.filter(opens=midnight, closes=midnight).update(all_day=True)


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0007_practice_mail_and_place'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='workinghours',
            name='booking_hours_end_after_start',
        ),
        migrations.AddField(
            model_name='workinghours',
            name='all_day',
            field=models.BooleanField(default=False, help_text='Open from midnight to midnight.'),
        ),
        migrations.AlterField(
            model_name='workinghours',
            name='closes',
            field=models.TimeField(help_text='00:00 is the end of the day. Earlier than it opens is on the next day: 22:30 to 02:00.', validators=[booking.models.practice.validate_whole_minute]),
        ),
        migrations.RunPython(say_all_day, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('all_day', False), models.Q(('opens', models.F('closes')), _negated=True)), models.Q(('all_day', True), ('closes', datetime.time(0, 0)), ('opens', datetime.time(0, 0))), _connector='OR'), name='booking_hours_of_some_length', violation_error_message='It opens and closes at the same time. Change one, or tick “all day”.'),
        ),
    ]
