"""The hosted payment page, opened and paid by a browser without JavaScript."""

from tests.cards import GOOD, card_form
from tests.gunicorn import quiet_session
from tests.pages import form_of


class PayPage:
    def __init__(self, url):
        self.url = url
        self.http = quiet_session()
        self.opened = None

    def open(self):
        self.opened = self.http.get(self.url)
        return self.opened

    def pay(self, number=GOOD, **changes):
        return self.post(**card_form(number, **changes))

    def answer_the_bank(self, answer):
        return self.post(authentication=answer)

    def post(self, **form):
        opened = self.opened or self.open()
        return self.http.post(self.url, data={**form_of(opened.text), **form}, allow_redirects=False)
