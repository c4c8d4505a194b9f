from django.db import migrations, models
from django.db.models import F


def first_due_as_now(apps, schema_editor):
    apps.get_model('booking', 'Mail').objects.update(first_due_at=F('due_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0006_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='mail',
            name='first_due_at',
            field=models.DateTimeField(help_text='Its first turn.', null=True),
        ),
        migrations.RunPython(first_due_as_now, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='mail',
            name='first_due_at',
            field=models.DateTimeField(help_text='Its first turn.'),
        ),
        migrations.AlterField(
            model_name='mail',
            name='due_at',
            field=models.DateTimeField(help_text='Its next turn: put off by a failure, and for an address that had enough.'),
        ),
    ]
