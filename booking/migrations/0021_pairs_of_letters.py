from django.db import migrations

from booking.index_operations import letters_online
from booking.models.search import PAIRS


class Migration(migrations.Migration):
    """PostgreSQL's index for the search by name and address (booking/models/search.py)."""

    atomic = False

    dependencies = [
        ('booking', '0020_indexes_of_short_lists'),
    ]

    operations = [letters_online(PAIRS)]
