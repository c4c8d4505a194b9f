from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps: Any, schema_editor: Any) -> None:
    """Let what is held about a person be seen and erased by the owners: those who may give others a login.

    Whom the practice lets do more or less by now, in groups of its own or ours, is told by what they may do.
    """
    staff = apps.get_app_config("staff")
    staff.models_module = True
    create_permissions(staff, apps=apps, verbosity=0)
    staff.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    theirs = Permission.objects.filter(content_type__app_label="staff", codename__in=["see_people", "view_personlog"])
    for group in Group.objects.filter(permissions__codename="change_user").distinct():
        group.permissions.add(*theirs)


class Migration(migrations.Migration):
    """What is held about a person comes with a permission of its own, and so does the log of who has looked."""

    dependencies = [
        ('staff', '0005_people'),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
