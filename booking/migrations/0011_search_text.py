from django.db import migrations, models

from booking.text import folded


def fold_all(apps, schema_editor):
    Appointment = apps.get_model("booking", "Appointment")
    rows = list(Appointment.objects.only("client_name", "client_email"))
    for row in rows:
        row.search_text = folded(f"{row.client_name} {row.client_email}")
    Appointment.objects.bulk_update(rows, ["search_text"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0010_idempotent_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='appointment',
            name='search_text',
            field=models.TextField(default='', editable=False, help_text='Name and address, folded for a search.'),
        ),
        migrations.RunPython(fold_all, migrations.RunPython.noop),
    ]
