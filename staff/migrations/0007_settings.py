from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps: Any, schema_editor: Any) -> None:
    """Let the owners change what is in force at the practice: those who may give others a login and a role."""
    booking = apps.get_app_config("booking")
    booking.models_module = True
    create_permissions(booking, apps=apps, verbosity=0)
    booking.models_module = None
    Group = apps.get_model("auth", "Group")
    setting = apps.get_model("auth", "Permission").objects.get(codename="change_practicesetting")
    for group in Group.objects.filter(permissions__codename="change_user"):
        group.permissions.add(setting)


class Migration(migrations.Migration):
    """What is set at the desk comes with a permission of its own."""

    dependencies = [
        ('staff', '0006_who_sees_people'),
        ('booking', '0036_what_is_set_at_the_desk'),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
