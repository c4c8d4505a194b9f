"""The page of one appointment is for whoever has its address, and for nobody else."""

import pytest

from tests.factories import in_days, make_appointment

pytestmark = pytest.mark.django_db


def test_even_a_refused_method_on_a_page_of_a_reference_is_private(client, provider):
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    response = client.put(f"/appointments/{row.reference}/")
    assert (response.get("X-Robots-Tag"), response.get("Cache-Control")) == ("noindex", "no-store")
