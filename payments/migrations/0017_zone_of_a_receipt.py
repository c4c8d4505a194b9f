from django.conf import settings
from django.db import migrations, models


def as_it_is_now(apps, schema_editor):
    """Until now every receipt was written by the one time zone that the practice had."""
    apps.get_model("payments", "Receipt").objects.update(practice_zone=settings.TIME_ZONE)


class Migration(migrations.Migration):
    """By which time zone a receipt writes its days."""

    dependencies = [
        ('payments', '0016_charged_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='receipt',
            name='practice_zone',
            field=models.CharField(blank=True, db_default='', default='', help_text='The time zone by which it writes its days. Empty if a release made it that did not copy it.', max_length=64),
        ),
        migrations.RunPython(as_it_is_now, migrations.RunPython.noop),
    ]
