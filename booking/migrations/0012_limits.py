from django.db import migrations, models

from booking.limits import mailbox

AT_ONCE = 1000


def write_mailboxes(apps, schema_editor):
    rows = apps.get_model("booking", "Appointment").objects.using(schema_editor.connection.alias)
    batch = list(rows.only("client_email"))
    for row in batch:
        row.client_mailbox = mailbox(row.client_email)
    rows.bulk_update(batch, ["client_mailbox"], AT_ONCE)


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0011_search_text'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='begun_from',
            field=models.CharField(blank=True, editable=False, help_text="A keyed hash of the network's address, while it counts.", max_length=64),
        ),
        migrations.AddField(
            model_name='appointment',
            name='client_mailbox',
            field=models.CharField(default='', editable=False, help_text='The address without case and +tag.', max_length=254),
            preserve_default=False,
        ),
        migrations.RunPython(write_mailboxes, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['client_mailbox', 'appointment_time'], name='booking_appointment_mailbox'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('begun_from', ''), _negated=True), fields=['begun_from'], name='booking_appointment_network'),
        ),
    ]
