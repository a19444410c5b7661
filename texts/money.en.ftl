# Payments, the wallet, presents.

## Topping up
pay-menu =
    💳 <b>Top up</b>
    Balance: { $balance }
    { $rail ->
        [stars] Choose a sum. You pay with Telegram Stars: 1 ⭐ = { $unit }.
       *[yookassa] Choose a sum. You pay by card, SBP or wallet.
    }
pay-open = You have an unpaid bill No. { $number } for { $sum }: it can still be paid.
pay-off =
    You can't top up inside the bot right now. Write to { $support ->
        [none] the owner of the bot
       *[other] the owner of the bot ({ $support })
    } and name your number <code>{ $id }</code>: the money will be credited by hand.
pay-rail-off = This way to pay is closed right now.
pay-ask-sum =
    Write the sum in rubles, from { $min } to { $max }.
    For example: 300
pay-ask-stars =
    Write how many rubles to top up, from { $min } to { $max }.
    One star is { $unit }: I round up to whole stars.
pay-sum-not-number = I don't understand the sum. Write it as one number without spaces or signs, for example: 300
pay-sum-decimals = Only two digits may follow the point. Write the sum again, for example: 300
pay-sum-zero = The sum has to be above zero. Write, for example: 300
pay-sum-limits = That won't do: at once you can top up from { $min } to { $max }.
pay-sum-units =
    { $rail ->
        [stars] The sum has to be whole stars.
       *[yookassa] The sum has to be whole rubles.
    } Will { $sum } do?
pay-preparing = Preparing the bill for { $sum }. The button to pay appears in a few seconds.
pay-wait =
    🧾 <b>Bill No. { $number }</b> for { $sum }
    Press “Pay”. The money is credited by itself, usually within a minute after you pay.
pay-pending =
    ⏳ Waiting for the bank. Usually under a minute.
    Bill No. { $number } for { $sum } is not paid yet. If you have paid already, there is nothing to do: the money is credited by itself.
pay-none-open = There are no unpaid bills.
pay-credited = ✅ { $sum } credited. Balance: { $balance }.
pay-bonus = 🎁 And { $bonus } as a bonus for the first top-up.
pay-retry = The payment system does not answer right now. I keep trying and will send bill No. { $number } for { $sum } myself. No money was taken.
pay-failed =
    Bill No. { $number } for { $sum } is not paid: { $reason }
    No money was taken. If the bank put some aside, it returns it by itself.
pay-reason = { $reason ->
        [secure_failed] the bank could not confirm that it is you (3-D Secure). Try again or use another card.
        [call_issuer] the bank declined without a reason. Call the bank or use another card.
        [canceled_by_merchant] the owner of the bot cancelled the bill.
        [card_expired] the card has expired. Use another one.
        [country_forbidden] cards of this country are not accepted. Use another one.
        [deal_expired] the time of the deal is over. Open a new bill.
        [expired_on_capture] the payment was not confirmed in time and is cancelled. Open a new bill.
        [expired_on_confirmation] the time to pay is over. Open a new bill.
        [fraud_suspected] the bank took the payment for fraud. Use another card or call the bank.
        [general_decline] the bank declined without a reason. Try another card.
        [identification_required] the limits of the YooMoney wallet are used up. Confirm your identity there or pay otherwise.
        [insufficient_funds] there is not enough money on the card or account.
        [internal_timeout] the payment system did not answer in time. Try again.
        [invalid_card_number] the card number is wrong.
        [invalid_csc] the code on the back of the card (CVC) is wrong.
        [issuer_unavailable] the bank does not answer right now. Try later or use another card.
        [loan_declined] the bank did not grant the instalments. Pay otherwise.
        [payment_method_limit_exceeded] the limit of the card or account is used up. Pay otherwise or tomorrow.
        [payment_method_restricted] this card or wallet is blocked for payments. Ask the bank.
        [permission_revoked] the permission to charge was taken back.
        [unsupported_mobile_operator] this mobile operator can't be used to pay.
        [unavailable] the payment system did not answer. Try a little later.
       *[other] the payment did not go through. Try again or pay otherwise.
    }
pay-too-many = Too many bills within an hour. The next one can be opened in { $minutes } min.
pay-toast-checking = Asking the payment system…
pay-toast-paid = This bill is paid already, the money is on your balance.

## Receipts
email-ask =
    📧 Where shall the receipt go?
    Write your e-mail address. I ask once; you can change or delete it in /settings.
email-set =
    📧 Receipts go to { $email }
    Write another address to change it.
email-bad = This does not look like an e-mail address. Write all of it, for example: name@example.com
email-saved = Done, receipts will go to { $email }.
email-deleted = The address is deleted. Before the next top-up I ask again if the receipt needs it.
settings-email = Receipts: { $email }
settings-email-none = Receipts: no address

## Terms
terms-ask =
    Before you top up, please accept the terms (version { $version }).
    Read them: /terms and /privacy
terms-version = Version of the terms: { $version }
terms-accepted = ✅ The terms are accepted.
terms-changed = The terms have changed, here are the new ones.

## The held order
held-kept = The order is kept for 24 hours and starts right after payment.
held-kept-off = The order is kept for 24 hours: top up with the owner of the bot and press “Create”.
held-minimum = The smallest payment is { $sum }: what is left stays on your balance.
held-replaced = The order held before is dropped: only the latest is kept.
held-head = ⏸ <b>Held order</b>
held-offer = You have a held order: “{ $what }”. Start it?
held-running = ▶️ Starting the held order: “{ $what }”, { $price }.
held-cheaper = The price went down: { $price } instead of { $was }.
held-rose = The price went up: { $price } instead of { $was }. Nothing is charged so far, you decide.
held-not-on-sale = The held order can't start: this choice is no longer sold. The money is on your balance.
held-unavailable = The held order can't start yet: the service is unavailable for a while. The money is on your balance, the order is kept.
held-queue-full =
    ⏳ There are too many orders right now, the held order has not started yet. The money is on your balance, the order is kept.
    Try again in about { $minutes } { $minutes ->
        [one] minute
       *[other] minutes
    }.
held-expired = ⏸ The held order “{ $what }” is dropped: no payment came within 24 hours. If money still comes, it goes to your balance.
held-expired-paid = The order that you paid for is dropped already: more than 24 hours have passed. Here it is again, please check the price.
held-dropped = The held order is cancelled. The money on your balance is untouched.
held-none = There is no held order.

## What stops orders
frozen =
    ⛔ Your balance has a debt of { $debt }: a payment was returned or disputed.
    Orders work again as soon as the debt is paid. Top up or write to support: /paysupport
banned =
    ⛔ Orders and top-ups are closed for you. The reason: { $reason }
    If this is a mistake, write to { $support ->
        [none] the owner of the bot
       *[other] the owner of the bot ({ $support })
    } and name your number <code>{ $id }</code>. Unspent money stays on the balance, the owner returns it.
maintenance =
    { $text ->
        [none] 🛠 Works are going on, new orders are not taken right now.
       *[other] 🛠 New orders are not taken right now: { $text }
    }
    Jobs that have started finish as usual, no money was touched. Come back a little later.
queue-full =
    ⏳ There are too many orders right now, new ones are not taken for a while. No money was touched.
    Try again in about { $minutes } { $minutes ->
        [one] minute
       *[other] minutes
    }: your order is ready, the button is below.

## Refunds
refunded = { $foreign ->
        [yes] ↩️ A payment was returned: { $sum } { $rail ->
            [stars] in Stars
           *[yookassa] to where you paid from
        }. This sum was taken from your balance.
       *[no] ↩️ We return { $sum } { $rail ->
            [stars] in Stars
           *[yookassa] to where you paid from. The bank credits it within a few days
        }.
    } Balance: { $balance }.
refund-failed = { $sum } could not be returned to where you paid from: the payment system refused. The money is back on your balance ({ $balance }). Questions: /paysupport

## Promo codes
promo-ask = 🎁 Write the promo code.
promo-given = 🎁 The promo code is accepted: { $sum } as a bonus. Balance: { $balance }.
promo-unknown = There is no such promo code. Check it for typing errors.
promo-expired = The time of this promo code is over.
promo-used-up = This promo code is used up.
promo-used-by-you = You have used this promo code already.
promo-not-for-you = This promo code is not for you: it may be only for new customers.

## Payment help
paysupport =
    <b>Payment help</b>
    Write to { $support ->
        [none] the owner of the bot
       *[other] the owner of the bot ({ $support })
    }: your number <code>{ $id }</code>, the sum and the time of the payment{ $payment ->
        [none] .
       *[other] {" "}or the number of the bill: <code>{ $payment }</code>.
    } Money for a failed job returns to the balance by itself, no need to ask.

## Words and buttons
words-check-payment = check payment, check the payment
button-sum = { $sum }
button-sum-stars = ⭐ { $stars } · { $sum }
button-other-sum = Another sum
button-pay-by = { $rail ->
        [stars] ⭐ Stars
       *[yookassa] 💳 Card or SBP
    }
button-pay-exact = 💳 Pay { $exact ->
        [yes] exactly { $sum }
       *[no] { $sum }
    }
button-pay-exact-stars = ⭐ Pay with Stars: { $stars }
button-pay = 💳 Pay { $sum }
button-pay-stars = ⭐ Pay { $sum }
button-pay-open = 💳 Pay bill No. { $number } · { $sum }
button-check-payment = 🔄 Check payment
button-try-pay = 🔁 New bill for { $sum }
button-pay-debt = 💳 Pay the debt: { $sum }
button-pay-help = 💬 Payment help
button-held = ⏸ Held order
button-held-drop = ✖️ Cancel the order
button-held-other = Find a replacement
button-email = 📧 E-mail for receipts
button-email-delete = 🗑 Delete the address
button-accept = ✅ I accept
button-accept-pay = ✅ I accept, pay { $sum }
button-terms = 📄 Terms
button-promo = 🎁 Promo code
button-statement = 🧾 Statement
button-statement-file = 📄 Download CSV
button-why-number = ❔ No. { $number }

pay-description = Balance top-up №{$number}
offset-description = A picture or video made to order, №{$number}
