"""A check of our own beside those of schemathesis."""

import schemathesis

# No schema can say whether a provider has that name, whether a time is free, and how many digits a telephone number has
# in each country. So the API may refuse these fields.
BEYOND_A_SCHEMA = {"provider_name", "service", "appointment_time", "client_phone"}


@schemathesis.check
def nothing_else_refuses_what_the_schema_allows(ctx, response, case):
    """Data that the schema allows gets 422 only for a field of BEYOND_A_SCHEMA: all other rules are in the schema."""
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if meant and response.status_code == 422:
        named = set(response.json().get("errors", ()))
        assert named <= BEYOND_A_SCHEMA, f"The schema allows what is refused for {named - BEYOND_A_SCHEMA}"
