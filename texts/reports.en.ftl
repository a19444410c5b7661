# Statements, the owner's figures and files, promo codes for those who make them.

## Statement
ledger-head = <b>Statement</b>{ $page ->
        [1] {""}
       *[other] {" "}· page { $page }
    }
ledger-none = No operations yet.
month-name = { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
ledger-day = <b>{ $day } { month-name } { $year }</b>
ledger-row = { $time } · { $sum } · { $what }{ $pocket ->
        [bonus] {" "}(bonus)
       *[cash] {""}
    }
ledger-foot = Times are UTC. What is held is charged for a finished result only.
ledger-file-head = Date and time (UTC);Change of balance, RUB;Balance after, RUB;Sum of operation, RUB;Pocket;Operation;Order
ledger-file-caption = All operations: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }. Times are UTC.
ledger-file-cut = Latest operations: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, earlier ones did not fit. Times are UTC.
pocket-name = { $pocket ->
        [bonus] bonus
       *[cash] money
    }
said-held = held for { $number ->
        [0] an order
       *[other] order №{ $number }
    }
said-held-out = { $rail ->
        [stars] waits to go back to Stars
       *[yookassa] waits to go back to the card
    }
said-charged = charged from the hold: { $number ->
        [0] the order is ready
       *[other] order №{ $number } is ready
    }
said-charged-part = charged from the hold: { $number ->
        [0] the order came
       *[other] order №{ $number } came
    } in part, { $returned } went back to the balance
said-sent-out = { $rail ->
        [stars] returned to Stars
       *[yookassa] returned to the card
    }
said-released = { $number ->
        [0] the order was not made
       *[other] order №{ $number } was not made
    }, the money is back
said-expired = { $number ->
        [0] the order ran out of time
       *[other] order №{ $number } ran out of time
    }, the money is back
said-out-failed = { $rail ->
        [stars] the return to Stars failed, the money is on the balance again
       *[yookassa] the return to the card failed, the money is on the balance again
    }
said-topup = top-up { $rail ->
        [stars] with Stars
       *[yookassa] by card
    }{ $number ->
        [0] {""}
       *[other] , payment №{ $number }
    }
said-found = a payment that was found is credited
said-granted = credited by support: { $reason }
said-welcome = welcome gift
said-first-topup = bonus for the first top-up
said-gift = gift
said-promo = promo code { $code }
said-added = a correction in your favour: { $reason }
said-taken = taken by support: { $reason }
said-bonus-back = the bonus for the first top-up is withdrawn: that payment was returned
said-returned = returned for { $number ->
        [0] an order
       *[other] order №{ $number }
    }
said-paid-back = { $rail ->
        [stars] returned to Stars
       *[yookassa] returned to the card
    }
said-foreign-refund = { $rail ->
        [stars] the payment was returned to Stars
       *[yookassa] the payment was returned to the card
    }
said-chargeback = the bank took the payment back
said-other = operation
moment = { $day } { month-name } { $year }, { $time } UTC

## Why charged
why-head =
    <b>Why charged: order №{ $number }</b>
    { $title }
why-choices = You chose: { $choices }
why-seconds = { $seconds } s
why-sound = with sound
why-price = The price { $price } was shown before you ordered and has not changed since. The order was taken on { $moment }.
why-price-each = The price { $price }: { $count } × { $each }. It was shown before you ordered and has not changed since. The order was taken on { $moment }.
why-held = Held { $sum }: { $moment } ({ $pockets })
why-charged = Charged { $sum }: { $moment }, when the result was ready ({ $pockets })
why-released = Back from the hold { $sum }: { $moment }
why-returned = Returned to the balance { $sum }: { $moment }
why-waiting = Nothing is charged yet: the money waits for the result. If there is none, it comes back by itself.
why-nothing = Nothing was charged: all the money is back.
why-pockets = money { $cash } and bonus { $bonus }
why-one-pocket = { $pocket ->
        [bonus] bonus
       *[cash] money
    }
why-support = Number for support: <code>{ $support }</code>

## The owner's figures
stats-usage = Usage: /stats day, week, month or two dates: /stats 2026-07-01 2026-07-31. A year at most.
stats-head =
    <b>Figures</b> · { $from } – { $upto }
    Arrows compare with the same length of time just before.
stats-revenue = 💰 Revenue (customers' money): <b>{ $sum }</b>{ $change }
stats-given = 🎁 Paid with bonus, given away: { $sum }{ $change } · bonus handed out: { $bonus }
stats-paid-back = ↩️ Returned to cards and Stars: { $sum }{ $change } · { $percent } of top-ups
stats-cost = Cost: { $sum }{ $change } · fees: { $fees }{ $feeschange }
stats-margin = 📈 Margin: <b>{ $sum }</b>{ $change } · { $percent } of revenue
stats-margin-unknown = 📈 Margin: — (the settings name no rate of the dollar)
stats-people = 👥 New: { $came }{ $camechange } · active: { $active }{ $activechange } · paying: { $paying }{ $payingchange }
stats-conversion = Of the new ones have paid: { $percent }{ $change }
stats-average = Average top-up: { $sum }{ $change } · { $count ->
        [one] { $count } top-up
       *[other] { $count } top-ups
    }
stats-arpu = Revenue per active customer: { $sum }{ $change }
stats-model = { $sku }: { $percent }{ $change } made · { $placed ->
        [one] { $placed } order
       *[other] { $placed } orders
    }
stats-models-more = … the first { $limit } models
stats-rail = 💳 { $rail ->
        [stars] Stars
       *[yookassa] YooKassa
    }: { $percent }{ $change } paid · { $paid ->
        [one] { $paid } payment
       *[other] { $paid } payments
    }
stats-wait = ⏱ { $what ->
        [video] Videos
       *[image] Pictures
    }: half of them within { $half }{ $change }, 95% within { $most }
stats-queue = In the queue now: { $live } · outgoing: { $outbox }
stats-chart = Bars: revenue by day, ₽. Line: orders, scale on the right. { $from } – { $upto }, UTC

## The owner's files
export-usage = Usage: /export ledger, payments or jobs and two dates: /export ledger 2026-07-01 2026-07-31. A year at most.
export-coming = The file is being made and will come here.
export-caption =
    { $what } · { $from } – { $upto } · { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }
    SHA-256: <code>{ $hash }</code>
export-cut = ⚠️ Only the first { $rows } rows fitted in. Take a shorter time.
report-failed = The file could not be made. Please try again.

## Promo codes
promo-usage =
    Usage: /promo_new CODE SUM [x100] [each 1] [until 2026-12-31] [new]
    x100: uses in all, each: per customer, until: the last day, new: only for those who have not bought anything yet.
promo-bad-code = The code “{ $code }” won't do: 3 to 32 Latin letters, digits, - and _.
promo-bad-sum = The sum “{ $sum }” won't do. Write rubles as a number above zero: 50 or 10,50.
promo-bad-count = “{ $word }”: a whole number from 1 to 1000000 is needed.
promo-bad-date = “{ $word }”: a date such as 2026-12-31 is needed.
promo-past-date = “{ $word }”: that day is over.
promo-bad-word = I don't understand “{ $word }”. After the sum there may be: x100, each 1, until 2026-12-31, new. Each once.
promo-line = <code>{ $code }</code> · { $sum } · used { $used }{ $limit ->
        [0] {""}
       *[other] {" "}of { $limit }
    } · per customer: { $each }{ $until ->
        [none] {""}
       *[other] {" "}· until { $until }
    }{ $only ->
        [new] {" "}· new customers only
       *[all] {""}
    }{ $state ->
        [off] {" "}· off
        [over] {" "}· over
        [used] {" "}· used up
       *[on] {""}
    }
promo-exists = The promo code { $code } exists already, its terms are as they were.
promo-off-nothing = There is no promo code { $code }, or it is off already.
promos-head = <b>Promo codes</b>
promos-none = No promo codes yet. Make one: /promo_new
