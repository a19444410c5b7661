"""Drives the simulator with the official library. Prints `ok`; anything else is a failure.

Arguments: base URL, site URL, shop id, secret key.
"""

import json
import sys
import urllib.request
import uuid

from yookassa import Configuration, Payment, Receipt, Refund, Settings
from yookassa.domain.exceptions import (
    BadRequestError,
    ForbiddenError,
    InternalServerError,
    NotFoundError,
    ResponseProcessingError,
    TooManyRequestsError,
    UnauthorizedError,
)
from yookassa.domain.notification import WebhookNotificationFactory

BASE, SITE, SHOP, SECRET = sys.argv[1:5]


def lever(path, **body):
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{SITE}/sim/{path}", data, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def raises(error, call):
    try:
        call()
    except error as raised:
        return raised
    raise AssertionError(f"{error.__name__} was not raised")


def configure(secret=SECRET):
    Configuration.configure(SHOP, secret, api_url=BASE)


def wanted(capture=True, value="500.00"):
    return {
        "amount": {"value": value, "currency": "RUB"},
        "capture": capture,
        "confirmation": {"type": "redirect", "return_url": "https://example.com/back"},
        "description": "Order 1",
        "metadata": {"order_id": "1"},
        "receipt": receipt(value),
    }


def receipt(value):
    return {
        "customer": {"email": "user@example.com"},
        "items": [{
            "description": "Balance", "quantity": "1.00", "vat_code": 1, "measure": "piece",
            "amount": {"value": value, "currency": "RUB"},
            "payment_subject": "service", "payment_mode": "full_payment",
        }],
    }


configure()

# Create, the same key twice, and read.
key = str(uuid.uuid4())
payment = Payment.create(wanted(), key)
assert Payment.create(wanted(), key).id == payment.id
assert (payment.status, payment.paid, payment.test) == ("pending", False, True)
assert payment.confirmation.type == "redirect"
assert payment.confirmation.confirmation_url.startswith(SITE + "/checkout/")
assert payment.recipient.account_id == SHOP
lever("pay", id=payment.id)
read = Payment.find_one(payment.id)
assert (read.status, read.paid, read.refundable) == ("succeeded", True, True)
assert (str(read.amount.value), read.amount.currency) == ("500.00", "RUB")
assert str(read.income_amount.value) == "482.50"
assert read.payment_method.card.last4 == "4444"
assert read.authorization_details.rrn
assert read.metadata["order_id"] == "1"
assert read.receipt_registration == "pending"

# Two stages: capture and cancel.
held = Payment.create(wanted(capture=False))
lever("pay", id=held.id)
assert Payment.find_one(held.id).status == "waiting_for_capture"
captured = Payment.capture(held.id, {"amount": {"value": "300.00", "currency": "RUB"}})
assert (captured.status, str(captured.amount.value)) == ("succeeded", "300.00")
held = Payment.create(wanted(capture=False))
lever("pay", id=held.id, method="bank_card")
assert Payment.capture(held.id).status == "succeeded"
held = Payment.create(wanted(capture=False))
lever("pay", id=held.id)
canceled = Payment.cancel(held.id)
assert canceled.status == "canceled"
assert canceled.cancellation_details.reason == "canceled_by_merchant"

# Other ways to confirm and to pay.
for confirmation in ({"type": "embedded"}, {"type": "qr"}, {"type": "external"}):
    made = Payment.create({**wanted(), "confirmation": confirmation})
    assert made.confirmation.type == confirmation["type"]
sbp = Payment.create({**wanted(), "payment_method_data": {"type": "sbp"}})
lever("pay", id=sbp.id)
assert Payment.find_one(sbp.id).payment_method.sbp_operation_id

# Lists, page by page.
seen, cursor = [], None
while True:
    page = Payment.list({"limit": 2, **({"cursor": cursor} if cursor else {})})
    seen += [item.id for item in page.items]
    cursor = page.next_cursor
    if not cursor:
        break
assert len(seen) == len(set(seen)) == 8, seen
assert payment.id in [item.id for item in Payment.list({"status": "succeeded"}).items]

# Refunds and receipts.
part = {"payment_id": payment.id, "amount": {"value": "200.00", "currency": "RUB"}}
refund = Refund.create({**part, "receipt": receipt("200.00")})
assert (refund.status, refund.payment_id) == ("succeeded", payment.id)
assert str(Refund.find_one(refund.id).amount.value) == "200.00"
assert [item.id for item in Refund.list({"payment_id": payment.id}).items] == [refund.id]
assert str(Payment.find_one(payment.id).refunded_amount.value) == "200.00"
offset = Receipt.create({
    **receipt("500.00"), "type": "payment", "payment_id": payment.id, "send": True,
    "settlements": [{"type": "prepayment", "amount": {"value": "500.00", "currency": "RUB"}}],
})
assert (offset.status, offset.payment_id) == ("pending", payment.id)
assert Receipt.find_one(offset.id).id == offset.id
assert Settings.get_account_settings().account_id == SHOP

# Its own errors.
bad = raises(BadRequestError, lambda: Payment.create(wanted(value="0.50")))
assert bad.content["code"] == "invalid_request" and bad.content["parameter"] == "amount.value"
raises(BadRequestError, lambda: Payment.create(wanted(value="501.00"), key))
raises(BadRequestError, lambda: Refund.create({**part, "amount": {"value": "300.01", "currency": "RUB"}}))
raises(NotFoundError, lambda: Payment.find_one(str(uuid.uuid4())))
foreign = lever("other-shop-payment", kopecks=100)["id"]
raises(NotFoundError, lambda: Payment.find_one(foreign))
raises(ForbiddenError, lambda: Payment.create({**wanted(), "save_payment_method": True}))
for error, fault in (
    (TooManyRequestsError, {"kind": "too_many_requests", "retry_after_ms": 1800}),
    (InternalServerError, {"kind": "internal", "committed": False}),
    (ResponseProcessingError, {"kind": "accepted", "retry_after_ms": 1, "committed": False}),
):
    lever("faults", **fault)
    raises(error, lambda: Payment.find_one(payment.id))
configure("test_wrong")
unknown = raises(UnauthorizedError, lambda: Payment.find_one(payment.id))
assert unknown.content["code"] == "invalid_credentials"
configure()

# What the shop was told is what the library reads.
bodies = [json.loads(sent["body"]) for sent in json.load(urllib.request.urlopen(f"{SITE}/sim/sent"))]
told = [WebhookNotificationFactory().create(body) for body in bodies]
assert ("payment.succeeded", payment.id) in [(one.event, one.object.id) for one in told]
assert ("refund.succeeded", refund.id) in [(one.event, one.object.id) for one in told]

print("ok")
