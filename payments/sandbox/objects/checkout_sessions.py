"""A Checkout Session and its line items."""

from django.conf import settings
from django.urls import reverse

from payments.sandbox.models import Body
from payments.sandbox.wire import new_id


def checkout_session(accepted: Body, line_items: list[Body], now: int) -> Body:
    """A new, open session; `accepted` are the parameters that it is created with."""
    session_id = new_id("cs_test", 58)
    total = sum(item["amount_total"] for item in line_items)
    body: Body = {
        "id": session_id,
        "object": "checkout.session",
        # A parameter overrides the setting in the dashboard, which is taken to be on.
        "adaptive_pricing": {"enabled": True, **accepted.get("adaptive_pricing", {})},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "allowed_payment_method_types": accepted.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": accepted.get("cancel_url"),
        "client_reference_id": accepted.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": line_items[0]["currency"],
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_account": None,
        "customer_creation": accepted.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": accepted.get("customer_email"),
        "discounts": [],
        "expires_at": accepted["expires_at"],
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": accepted.get("locale"),
        "managed_payments": None,
        "metadata": accepted.get("metadata", {}),
        "mode": accepted["mode"],
        "optional_items": None,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": accepted.get("submit_type"),
        "subscription": None,
        "success_url": accepted["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": settings.SITE_URL + reverse("sandbox:pay", args=[session_id]),
        "wallet_options": None,
    }
    # The one key of a session that Stripe leaves out instead of sending null.
    if excluded := accepted.get("excluded_payment_method_types"):
        body["excluded_payment_method_types"] = excluded
    return body


def line_item(accepted: Body, now: int) -> Body:
    price_data, quantity = accepted["price_data"], accepted["quantity"]
    amount = price_data["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price_data["currency"],
        "description": price_data["product_data"]["name"],
        "metadata": {},
        "price": price(price_data, now),
        "quantity": quantity,
    }


def price(price_data: Body, now: int) -> Body:
    return {
        "id": new_id("price"),
        "object": "price",
        # Stripe makes a price inactive at once that was given as `price_data`.
        "active": False,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": price_data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": price_data["unit_amount"],
        "unit_amount_decimal": str(price_data["unit_amount"]),
    }


def customer_details(email: str | None) -> Body:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }
