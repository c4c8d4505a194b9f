"""A check of our own beside those of schemathesis."""

import schemathesis

# No schema can say whether there is somebody of that name and whether a time is free, so these fields may be refused.
OF_THE_DIARY = {"provider_name", "service", "appointment_time"}


@schemathesis.check
def only_the_diary_refuses_what_the_schema_allows(ctx, response, case):
    """What is right by the schema is answered 422 only for such a field, since all other rules are in the schema."""
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if meant and response.status_code == 422:
        named = set(response.json().get("errors", ()))
        assert named <= OF_THE_DIARY, f"The schema allows what is refused for {named - OF_THE_DIARY}"
