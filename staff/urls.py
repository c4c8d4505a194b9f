"""The addresses of the desk."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from booking.responses import only_posted
from staff.pages import cancel, changes, own_login, people, receipt, settings, sign_in, takings
from staff.pages.appointment import appointment
from staff.pages.away import away
from staff.pages.book import book
from staff.pages.booked import book_another, booked
from staff.pages.calendar_address import calendar_address
from staff.pages.day import day
from staff.pages.find import find
from staff.pages.health import examine, health
from staff.pages.holidays import public_holidays
from staff.pages.hours import first_hours, hours
from staff.pages.links import links
from staff.pages.money import money, movements
from staff.pages.move import move
from staff.pages.portrait import portrait
from staff.pages.providers import add_provider, provider
from staff.pages.service_order import service_order
from staff.pages.services import add_service, service, services

app_name = "staff"
urlpatterns = [
    path("", day, name="day"),
    path("book/", book, name="book"),
    path("book/booked/", booked, name="booked"),
    path("book/another/", book_another, name="book-another"),
    path("find/", find, name="find"),
    path("people/", people.people, name="people"),
    path("people/download/", people.download, name="people-download"),
    path("people/erase/", people.erase_person, name="people-erase"),
    path("money/", money, name="money"),
    path("money/movements.csv", movements, name="movements"),
    path("away/", away, name="away"),
    path("away/holidays/", public_holidays, name="holidays"),
    path("hours/", first_hours, name="hours"),
    path("hours/<slug:provider>/", hours, name="hours"),
    path("services/", services, name="services"),
    path("services/<slug:service>/", service, name="service"),
    path("services/<slug:service>/order/", service_order, name="service-order"),
    path("providers/<slug:provider>/", provider, name="provider"),
    path("add/service/", add_service, name="add-service"),
    path("add/provider/", add_provider, name="add-provider"),
    path("health/", health, name="health"),
    path("health/examine/", examine, name="examine"),
    path("links/", links, name="links"),
    path("settings/", settings.settings, name="settings"),
    path("settings/colour.css", settings.colour_of_sample, name="settings-colour"),
    path("portraits/<slug:provider>/", portrait, name="portrait"),
    path("calendars/<slug:provider>/", calendar_address, name="calendar"),
    path("login/", sign_in.sign_in, name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("login/look-around/<str:username>/", sign_in.look_around, name="look-around"),
    path("logout/", only_posted(LogoutView.as_view(next_page="staff:login")), name="logout"),
    path("password/", own_login.password, name="password"),
    path("second-factor/", own_login.show_second_factor, name="second-factor"),
    path("second-factor/remove/", own_login.remove_second_factor, name="second-factor-remove"),
    path("second-factor/recovery-codes/", own_login.new_recovery_codes, name="recovery-codes"),
    path("appointments/<int:pk>/", appointment, name="appointment"),
    path("appointments/<int:pk>/move/", move, name="move"),
    path("appointments/<int:pk>/cancel/", cancel.cancel, name="cancel"),
    path("appointments/<int:pk>/refund/<int:payment_pk>/", cancel.refund, name="refund"),
    path("appointments/<int:pk>/take/", takings.take, name="take"),
    path("appointments/<int:pk>/rest/", takings.ask_for_rest, name="rest"),
    path("appointments/<int:pk>/takings/<int:taking_pk>/undo/", takings.undo, name="undo-taking"),
    path("appointments/<int:pk>/correct/", changes.correct, name="correct"),
    path("appointments/<int:pk>/no-show/", changes.no_show, name="no-show"),
    path("appointments/<int:pk>/link/", changes.send_link, name="link"),
    path("appointments/<int:pk>/keep/", changes.keep, name="keep"),
    path("appointments/<int:pk>/receipt/", receipt.receipt, name="receipt"),
    path("appointments/<int:pk>/receipt/<slug:label>/", receipt.earlier, name="earlier-receipt"),
]
