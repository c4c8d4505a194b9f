import pytest
from django.test import Client


@pytest.fixture
def address(settings):
    settings.SITE_URL = "https://book.example.com"


@pytest.fixture
def client():
    """A program has no cookies and no token. It gets an answer where our code raises, and not the exception."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)
