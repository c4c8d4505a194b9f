from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps: Any, schema_editor: Any) -> None:
    """Let the portrait of a provider be changed by who may set providers up, and by those who see their own diary only.

    Whom the practice lets do more or less by now, in groups of its own or ours, is told by what they may do.
    """
    booking = apps.get_app_config("booking")
    booking.models_module = True
    create_permissions(booking, apps=apps, verbosity=0)
    booking.models_module = None
    Group = apps.get_model("auth", "Group")
    portrait = apps.get_model("auth", "Permission").objects.get(codename="change_portrait")
    owners = Group.objects.filter(permissions__codename="change_provider")
    at_the_desk = Group.objects.filter(permissions__codename="add_timeoff")
    providers = at_the_desk.exclude(permissions__codename="see_every_diary")
    for group in {*owners, *providers}:
        group.permissions.add(portrait)


class Migration(migrations.Migration):
    """The pictures of providers come with a permission of their own."""

    dependencies = [
        ('staff', '0002_roles'),
        ('booking', '0026_portraits'),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
