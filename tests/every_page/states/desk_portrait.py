"""States of the page on which the portrait of a provider is put up."""

from django.contrib.auth.models import User

from booking.models import Portrait
from tests.drawn import as_file, face
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import practice
from tests.every_page.states.site import state


@state("There is no picture yet")
def initials_instead_of_a_portrait(site):
    at_the_desk(site)
    site.open(f"/staff/portraits/{practice().slug}/")


@state("Remove the portrait")
def a_portrait(site):
    at_the_desk(site)
    provider = practice()
    Portrait.objects.put_up(provider, as_file(face(width=144, height=144), "WEBP"), by=User.objects.get())
    site.open(f"/staff/portraits/{provider.slug}/")


@state("Choose a picture first.")
def a_portrait_that_was_not_chosen(site):
    at_the_desk(site)
    site.open(f"/staff/portraits/{practice().slug}/")
    site.press("Show this picture to clients")
