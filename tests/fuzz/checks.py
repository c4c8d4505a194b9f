"""What we ask beyond schemathesis's own checks."""

import schemathesis

# Whether somebody of that name can be booked at that time is the diary's to say, and no schema's.
OF_THE_DIARY = {"provider_name", "service", "appointment_time"}


@schemathesis.check
def only_the_diary_refuses_what_the_schema_allows(ctx, response, case):
    """A 422 to what is right by the schema names nothing else: each other rule of ours is in the schema."""
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if meant and response.status_code == 422:
        named = set(response.json().get("errors", ()))
        assert named <= OF_THE_DIARY, f"The schema allows what is refused for {named - OF_THE_DIARY}"
