"""The addresses of the admin's pages of appointments."""

APPOINTMENTS = "/admin/booking/appointment/"


def page_of(row):
    return f"{APPOINTMENTS}{row.pk}/change/"


def cancel_page(row):
    return f"{APPOINTMENTS}{row.pk}/cancel/"


def give_back(client, *rows):
    """Choose those rows in the list, and the action that gives their times back."""
    chosen = {"action": "give_back", "_selected_action": [row.pk for row in rows]}
    return client.post(APPOINTMENTS, chosen, follow=True)
