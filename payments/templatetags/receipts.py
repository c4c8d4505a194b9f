"""Whether a page leads to a receipt."""

from django import template

from payments.receipts import can_be_asked_for

register = template.Library()
register.filter("can_have_a_receipt", can_be_asked_for)
