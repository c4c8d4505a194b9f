from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK_AND_WORK = ["view_appointment", "add_appointment", "change_appointment", "add_timeoff", "change_timeoff", "delete_timeoff"]
SET_UP = [
    f"{may}_{model}"
    for model in ("provider", "service", "workinghours", "timeoff", "formerproviderslug", "formerserviceslug")
    for may in ("view", "add", "change", "delete")
]
LOGINS = ["view_user", "add_user", "change_user", "delete_user", "view_group", "change_group"]
# Whose telephone is lost, and the recovery codes with it, has the second factor removed by an owner.
SECOND_FACTORS = [f"{may}_{model}" for model in ("totpdevice", "staticdevice") for may in ("view", "delete")]
PROVIDER_LOGINS = [f"{may}_providerlogin" for may in ("view", "add", "change", "delete")]

ROLES = {
    "Owner": [
        *LOOK_AND_WORK,
        *SET_UP,
        *LOGINS,
        *SECOND_FACTORS,
        *PROVIDER_LOGINS,
        "see_every_diary",
        "view_mail",
        "view_payment",
        "add_refund",
        "view_webhookevent",
        "change_webhookevent",
    ],
    "Reception": [*LOOK_AND_WORK, "see_every_diary", "view_payment"],
    "Provider": LOOK_AND_WORK,
}


def make_roles(apps: Any, schema_editor: Any) -> None:
    """Make a group for each role. One of that name that the practice has made before is not ours to give more to.

    Django writes permissions after all migrations, and these groups need them now: so they are written here first.
    """
    for label in ("auth", "booking", "payments", "staff", "otp_totp", "otp_static"):
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0)
        app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for role, may in ROLES.items():
        is_theirs = Group.objects.filter(name=role).exists()
        ours, is_new = Group.objects.get_or_create(name=f"{role} (desk)" if is_theirs else role)
        if is_new:
            ours.permissions.set(Permission.objects.filter(codename__in=may))


class Migration(migrations.Migration):
    """A group for each role at the desk. The practice may change what they may do, in the admin."""

    dependencies = [
        ('staff', '0001_provider_login'),
        ('booking', '0023_what_staff_change'),
        ('payments', '0010_indexes_of_short_lists'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('otp_totp', '0003_add_timestamps'),
        ('otp_static', '0003_add_timestamps'),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
