"""The people at the desk, and what they read and press on the page of an appointment."""

from html import unescape

from django.contrib.auth.models import User

from staff.models import ProviderLogin
from tests.pages import form_of, words
from tests.staff import member_of_staff

AT_WORK = ["view_appointment", "change_appointment"]
RECEPTION = [*AT_WORK, "see_every_diary", "view_payment", "add_taking"]
OWNER = [*RECEPTION, "add_refund"]


def somebody(name, permissions):
    """Return the browser of somebody of that name, like `Grace Kelly`."""
    first, last = name.split()
    browser = member_of_staff(*permissions, name=first.lower())
    User.objects.filter(username=first.lower()).update(first_name=first, last_name=last)
    return browser


def provider_at_the_desk(provider, permissions=AT_WORK):
    """Return the browser of the provider, who sees their own diary only."""
    browser = somebody("Ada Byrne", permissions)
    ProviderLogin.objects.create(user=User.objects.get(username="ada"), provider=provider)
    return browser


def address(appointment, part=""):
    return f"/staff/appointments/{appointment.pk}/{part}"


def read(browser, appointment, part=""):
    """Return all that the page says, with single spaces between the words."""
    return words(browser.get(address(appointment, part)))


def press(browser, appointment, part, seen_on=None, **typed):
    """Open the page that has the form, unless it was `seen_on` another before, and send it with what is typed."""
    hidden = seen_on if seen_on is not None else opened(browser, appointment, part)
    return browser.post(address(appointment, part), {**hidden, **typed})


def opened(browser, appointment, part):
    """Return the hidden fields of the page that has that form, as somebody has it open who presses later."""
    at_once = part in {"no-show/", "link/", "rest/"}
    return form_of(browser.get(address(appointment, "" if at_once else part)).content.decode())


def story(browser, appointment):
    """Return the sentences of the story, in order."""
    page = browser.get(address(appointment)).content.decode()
    events = page.partition('<ol class="story">')[2].partition("</ol>")[0]
    return [unescape(one.partition("</span>")[0]) for one in events.split("<span>")[1:]]
