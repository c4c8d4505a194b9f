from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give(apps: Any, schema_editor: Any) -> None:
    """Let money be taken at the practice by who sees money and works on appointments, and looked at by who sees money.

    Whom the practice lets do more or less by now, in groups of its own or ours, is told by what they may do.
    """
    payments = apps.get_app_config("payments")
    payments.models_module = True
    create_permissions(payments, apps=apps, verbosity=0)
    payments.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    see_money = Group.objects.filter(permissions__codename="view_payment")
    given = {
        "view_taking": see_money,
        "add_taking": see_money.filter(pk__in=Group.objects.filter(permissions__codename="change_appointment")),
    }
    for codename, groups in given.items():
        permission = Permission.objects.get(codename=codename)
        for group in groups:
            group.permissions.add(permission)


class Migration(migrations.Migration):
    """Money that is taken at the practice comes with permissions of its own."""

    dependencies = [
        ('staff', '0003_portraits'),
        ('payments', '0011_takings'),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
