from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

# Whose telephone is lost, and the recovery codes with it, has the second factor removed by an owner.
MAY = [f"{may}_{model}" for model in ("totpdevice", "staticdevice") for may in ("view", "delete")]


def let_owners_remove_them(apps: Any, schema_editor: Any) -> None:
    for label in ("otp_totp", "otp_static"):
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0)
        app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for owner in Group.objects.filter(name="Owner"):
        owner.permissions.add(*Permission.objects.filter(codename__in=MAY))


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0002_roles'),
        ('otp_totp', '0003_add_timestamps'),
        ('otp_static', '0003_add_timestamps'),
    ]

    operations = [migrations.RunPython(let_owners_remove_them, migrations.RunPython.noop)]
