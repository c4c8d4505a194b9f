"""A check of our own beside those of schemathesis."""

import schemathesis

# No schema can say whether a provider has that name and whether a time is free. So the API may refuse these fields.
OF_THE_DIARY = {"provider_name", "service", "appointment_time"}


@schemathesis.check
def only_the_diary_refuses_what_the_schema_allows(ctx, response, case):
    """Data that the schema allows gets 422 only for a field of OF_THE_DIARY: all other rules are in the schema."""
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if meant and response.status_code == 422:
        named = set(response.json().get("errors", ()))
        assert named <= OF_THE_DIARY, f"The schema allows what is refused for {named - OF_THE_DIARY}"
