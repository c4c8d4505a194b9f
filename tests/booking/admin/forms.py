"""The fields that a browser sends for a service and for a provider, and what the admin says beside them."""


def service_form(**facts):
    return {
        "name": "Physiotherapy",
        "slug": "physiotherapy",
        "position": "1",
        "description": "Hands-on treatment.",
        "duration_minutes": "45",
        "buffer_minutes": "15",
        "price": "72.50",
        "payment": "online",
        "deposit": "0",
        "active": "on",
        **facts,
    }


def provider_form(*, hours=(), time_off=(), **facts):
    """Return the provider's own fields and those of each row of opening hours and of time off below."""
    form = {"name": "Bo Lund", "slug": "bo-lund", "title": "", "bio": "", "time_zone": "Europe/Dublin", "active": "on"}
    for prefix, rows in (("working_hours", hours), ("time_off", time_off)):
        form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return {**form, **facts}


def week(opens, closes):
    return [{"weekday": day, "opens": opens, "closes": closes} for day in range(7)]


def errors(response):
    """Return every sentence that stands beside a field of the form or of its rows."""
    assert response.status_code == 200
    admin_form = response.context["adminform"].form
    said = [*admin_form.errors.values(), *admin_form.non_field_errors()]
    for inline in response.context["inline_admin_formsets"]:
        said += [sentences for row in inline.formset.errors for sentences in row.values()]
    return [str(sentence) for sentences in said for sentence in sentences]
