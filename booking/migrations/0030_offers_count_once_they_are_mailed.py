from django.db import migrations, models
from django.db.models import F


def mailed_when_told(apps, schema_editor):
    """Until now a time counted as told when it was written down that its mail was owed."""
    apps.get_model("booking", "WaitingOffer").objects.update(mailed_at=F("told_at"))


class Migration(migrations.Migration):
    """Somebody counts as told once the mail has gone; a mailbox is also found among those who wait no more."""

    dependencies = [
        ('booking', '0029_own_words_in_other_languages'),
    ]

    operations = [
        migrations.AddField(
            model_name='waitingoffer',
            name='mailed_at',
            field=models.DateTimeField(blank=True, help_text='When the mail went. Empty while it is owed.', null=True),
        ),
        migrations.RunPython(mailed_when_told, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='waitingoffer',
            name='told_at',
            field=models.DateTimeField(help_text='When it was their turn.'),
        ),
        migrations.AlterField(
            model_name='waitingentry',
            name='told_at',
            field=models.DateTimeField(blank=True, help_text='When a mail told them of a time last.', null=True),
        ),
        migrations.AlterField(
            model_name='waitingentry',
            name='ending',
            field=models.CharField(blank=True, choices=[('by owner', 'By Owner'), ('booked', 'Booked'), ('over', 'The days that were asked for are over'), ('no answer', 'Told of several times, and none was booked'), ('no address', 'Nothing can be mailed to them any more')], max_length=10),
        ),
        migrations.RemoveIndex(
            model_name='waitingentry',
            name='booking_waiting_open',
        ),
        migrations.AddIndex(
            model_name='waitingentry',
            index=models.Index(fields=['mailbox'], name='booking_waiting_mailbox'),
        ),
    ]
