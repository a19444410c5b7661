# For those who run the bot.

alert-payment-review =
    ⚠️ Payment №{$number} of {$sum} was not credited and waits for a decision: { $reason ->
        [amount] another sum came
        [currency] another currency
        [test] play money for real money, or the other way round
        [account] the money went to another shop
        [signature] our signature is missing
        [not_found] the payment system does not know it
        [name_taken] its name belongs to another payment
        [second_payment] a second payment for one bill
        [unknown_payment] we have no such bill
       *[other] {$reason}
    }.
alert-payment-refused = ⚠️ The payment system did not open payment №{$number}: {$reason}. The customer paid nothing.
alert-unknown-money =
    ⚠️ Money came that is nobody's: {$sum}, payment {$id} ({ $reason ->
        [amount] another sum came
        [currency] another currency
        [test] play money for real money, or the other way round
        [account] the money went to another shop
        [signature] our signature is missing
        [not_found] the payment system does not know it
        [name_taken] its name belongs to another payment
        [second_payment] a second payment for one bill
        [unknown_payment] we have no such bill
       *[other] {$reason}
    }). It stands in suspense; /suspense decides whose it is.
alert-receipt = ⚠️ The receipt of payment №{$number} was not registered. Look at it in YooKassa's merchant profile.
alert-offset =
    ⚠️ The offset receipt over {$sum} (order №{$order}, payment №{$number}) is not out: { $reason ->
        [no_email] the customer left no e-mail. It goes out by itself when there is one
        [canceled] the register refuses it. Make it in YooKassa's merchant profile
        [overdue] it was not registered within three days. Look at it in YooKassa's merchant profile
        [unavailable] nobody knows whether YooKassa has it. Look in the merchant profile, and make it there if not
       *[other] {$reason}
    }.
alert-notice-foreign = ⚠️ A notification about payment {$id} lacks our signature: another site of the same shop, an invoice by hand, or a forgery. Nobody was credited.
alert-notice-unreadable = ⚠️ Something came to the notification address that is no notification.
alert-foreign-refund = ⚠️ A refund past the bot, payment №{$number}: {$sum} taken from the wallet. The customer's debt: {$debt}.
alert-refund-failed = ⚠️ The refund of payment №{$number}, {$sum}, failed ({$reason}). The money is back in the wallet.
alert-reconciliation = ⚠️ Reconciliation with {$rail} found a difference of {$difference}.
    {$findings}
reconciliation-sound = ✅ Reconciliation with {$rail}: difference 0. Paid {$paid}, refunded {$refunded}, {$count} movements.
reconciliation-missing = • not in the book: { $what ->
        [refund] refund
       *[payment] payment
    } {$id}, {$theirs} at the payment system
reconciliation-extra = • not at the payment system: { $what ->
        [refund] refund
       *[payment] payment
    } {$id}, {$book} in the book
reconciliation-sum = • sums differ: { $what ->
        [refund] refund
       *[payment] payment
    } {$id}, {$theirs} at the payment system, {$book} in the book
reconciliation-offset = • offset receipts over more than was paid: payment {$id} over {$paid}, receipts over {$offset}
reconciliation-more = … and {$count} more

## Payments by hand
alert-orphan-refund = ⚠️ The payment system sent money back ({$id}) for payment {$payment}, which the book does not know. Nothing was booked; look into the merchant profile.
alert-suspense-refund = ⚠️ Money that was nobody's went back: {$sum}, payment {$payment}. It was taken from suspense.
refund-description = Refund of invoice №{$number}
payments-head = 💳 <b>Latest payments</b>
payments-review-head = ⚠️ <b>Waiting for a decision</b>
payments-none = No payments yet.
payment-state = { $state ->
        [preparing] being opened
        [waiting] waits to be paid
        [paid] paid
        [cancelled] closed unpaid
       *[review] waits for a decision
    }
payment-rail = { $rail ->
        [stars] Stars
       *[yookassa] YooKassa
    }
payment-line = №{$number} · {$sum} · <code>{$customer}</code> · { payment-rail } · { payment-state } · {$date}
payment-card =
    💳 <b>Payment №{$number}</b> of {$sum}, { payment-state }
    Customer <code>{$customer}</code>, { payment-rail }, {$date}
    Name at the payment system: { $id ->
        [none] none yet
       *[other] <code>{$id}</code>
    }
payment-card-reason = Reason: {$reason}
payment-card-refunded = {$sum} went back, {$left} may still go back.
payment-refund-line = ↩️ Refund №{$number} of {$sum}: { $state ->
        [asked] on its way
        [succeeded] done
       *[cancelled] refused
    }{ $origin ->
        [foreign] {" "}(past the bot)
        [chargeback] {" "}(disputed at the bank)
       *[ours] {""}
    }
suspense-head = ❓ <b>Money that is nobody's</b>
suspense-none = No money without an owner.
suspense-line = {$sum} · { payment-rail } · <code>{$id}</code> · {$reason} · {$date}{ $state ->
        [assigned] {" "}· given to a customer
        [returned] {" "}· returned
       *[open] {""}
    }

## Commands of admins
adm-usage =
    { $command ->
        [add] Use: /add ID SUM reason. Example: /add 42 100 a gift
        [sub] Use: /sub ID SUM reason. Example: /sub 42 100 credited by mistake
        [adjust] Use: /admin_adjust ID ±SUM reason. Example: /admin_adjust 42 -10.50 reconciliation
        [refund] Use: /admin_refund JOB [SUM] reason, or /admin_refund PPAYMENT [SUM] reason. Examples: /admin_refund 1234 25 spoiled, /admin_refund P77 asked for it
        [ban] Use: /ban ID [term] reason. Term: 30m, 12h, 7d, 2w; none means for ever. Example: /ban 42 7d spam
        [unban] Use: /unban ID [reason]. Example: /unban 42 a mistake
        [price] Use: /price MODEL KEY SUM [from DATE] [reason]. Example: /price nano-banana-pro 2K 55 from 2026-12-01. Without a sum: the versions; without a key: the prices of the model
        [price_nanobanana] Use: /price_nanobanana SUM [from DATE]. Example: /price_nanobanana 55
        [price_kling] Use: /price_kling SUM [from DATE], the price of five seconds. Example: /price_kling 120
        [flag] Use: /flag NAME on|off [reason]. Name: a model, images or videos. Example: /flag kling-26 off
        [provider] Use: /provider NAME pause|resume [reason]. Example: /provider kling pause
        [maintenance] Use: /maintenance on|off [text]. Example: /maintenance on Back at 15:00
        [payment] Use: /payment PAYMENT. Example: /payment 77
        [recheck] Use: /recheck PAYMENT. Example: /recheck 77
        [assign] Use: /assign PROVIDER_ID CUSTOMER reason. Example: /assign 2f1c9a3e-000f-5000-8000-1d2e3f4a5b6c 42 sent the receipt
        [return] Use: /return PROVIDER_ID reason. Example: /return 2f1c9a3e-000f-5000-8000-1d2e3f4a5b6c not ours
        [chargeback] Use: /chargeback PAYMENT reason. Example: /chargeback 77 the bank's letter of 12.11
        [promo_off] Use: /promo_off CODE. Example: /promo_off SUMMER
        [cancel_job] Use: /admin_cancel_job JOB [reason]. Example: /admin_cancel_job 1234
        [requeue] Use: /requeue JOB. Example: /requeue 1234
        [grant_role] Use: /grant_role ID role. Roles: owner, finance, support, viewer; none takes the role away. Example: /grant_role 42 support
        [admin_user] Use: /admin_user ID or /admin_user @name. Example: /admin_user 42
        [ledger] Use: /ledger ID. Example: /ledger 42
        [admin_job] Use: /admin_job JOB. Example: /admin_job 1234
       *[other] The command is not written so. The commands: /admin
    }
adm-no-reason = Name a reason: it goes into the audit and the customer sees it. How the command is written: send /{ $command } without words.
adm-bad-sum = The sum “{ $sum }” does not fit. Write rubles as a number above zero with two decimals at most: 100 or 10.50.
adm-bad-signed-sum = The sum “{ $sum }” does not fit. Write rubles with a sign and two decimals at most: +100 or -10.50.
adm-unknown-customer = There is no customer { $id }: nobody like that has written to the bot.
adm-not-allowed = Your role ({ $role }) does not allow this.
adm-not-yours = This is for another admin to confirm.
adm-not-self = A second admin is needed: nobody approves what he asked for himself.
adm-no-such-request = There is no such request.
adm-other-contents = This message was the command “{ $said }” already. Send another action as a new message.
adm-done-before = This command was carried out already: { $said }
adm-dropped = This command was cancelled or declined: { $said }
adm-expired = The time to confirm is over, nothing was done: { $said }. Send the command again.
adm-cancelled = ✖️ Cancelled, nothing was done: { $said }
adm-undone = ↩️ Taken back: { $said }
adm-undo-too-late = It is too late to take this back, more than a week has passed: { $said }. Do the opposite with a command.
adm-waits = ⏳ The sum is above the limit, a second admin has to approve: { $said }
adm-needs-second = The sum is above the limit: after your yes a second admin has to approve.
adm-nobody-approves = The sum is above the limit, and there is no second admin. Give somebody a role: /grant_role ID finance.
adm-approve-head = 🔐 <b>Your approval is needed.</b> Asked by the admin { $by }.
adm-approved = ✅ Approved by the admin { $by } and done: { $said }
adm-declined = ✖️ Declined by the admin { $by }, nothing was done: { $said }
adm-asker-may-not = The admin { $id } may not ask for this any more, nothing was done: { $said }
adm-unknown-admin-command = There is no such command: /{ $name }. The list: /admin
adm-unknown-button = This button is out of date.
adm-button-confirm = ✅ Confirm
adm-button-cancel = ✖️ Cancel
adm-button-sure = ⚠️ Yes, below cost
adm-button-approve = ✅ Approve
adm-button-decline = ✖️ Decline
adm-button-undo = ↩️ Take back
adm-menu =
    <b>Administration</b> · role { $role }
    Money: /add /sub /admin_adjust /admin_refund /ledger /trial
    Payments: /payments /payment /recheck /reconcile /suspense /assign /return /chargeback
    Presents: /promos /promo_new /promo_off
    Prices: /price /price_nanobanana /price_kling
    Sales: /flag /provider /maintenance
    People: /users /admin_user /ban /unban /grant_role
    Orders: /admin_jobs /admin_job /admin_cancel_job /requeue /stuck
    System: /stats /export /health /doctor /queues /config /version /audit
adm-menu-stats = 📊 Figures
adm-menu-trial = ⚖️ Trial balance
adm-menu-users = 👥 People
adm-menu-bans = 🚫 Bans
adm-menu-orders = 🗂 Orders
adm-menu-stuck = 🧱 Stuck
adm-menu-models = 🎛 Models
adm-menu-prices = 🏷 Prices
adm-menu-health = 🩺 Health
adm-menu-queues = ⏳ Queues
adm-menu-audit = 📜 Audit
adm-menu-roles = 🔑 Roles
adm-menu-payments = 💳 Payments
adm-menu-suspense = ❓ Nobody’s money
adm-preview-money =
    <b>{ $how ->
        [add] Credit
        [sub] Debit
       *[other] Correct the balance
    }</b> { $sign }{ $sum }
    Customer { $id } ({ $name })
    Balance: { $before } → { $after }
    Reason: { $reason }
adm-money-added = ✅ { $sum } credited to the customer { $id }. The balance: { $balance }. Reason: { $reason }
adm-money-taken = ✅ { $sum } debited from the customer { $id }. The balance: { $balance }. Reason: { $reason }
adm-too-much = { $sum } can not be debited: the customer { $id } has only { $free } free. Wallets are not taken below zero.
adm-customer-debited = { $sum } were debited from your balance: { $reason }. Balance { $balance }
adm-customer-taken-back = The credit of { $sum } was taken back ({ $reason }). Balance { $balance }
adm-customer-given-back = The debit of { $sum } was taken back ({ $reason }), the money is yours again. Balance { $balance }
adm-customer-refunded = { $sum } for your order No. { $number } are back: { $reason }. Balance { $balance }
adm-preview-refund =
    <b>Refund for the order No. { $number }</b>: { $sum }
    Customer { $id } ({ $name })
    Into: own money { $cash }, bonus { $bonus }. Charged for the order: { $charged }
    Reason: { $reason }
adm-preview-refund-payment =
    <b>Refund of the payment No. { $number }</b>: { $sum }, to where it was paid from
    Customer { $id } ({ $name })
    Reason: { $reason }
adm-refunded = ✅ { $sum } for the order No. { $number } given back to the customer { $id }. The balance: { $balance }
adm-refund-too-much = { $sum } can not be refunded (No. { $number }): { $left } are left to refund.
adm-refund-on-hold = The order No. { $number } is not charged yet, its price is on hold. To stop it: /admin_cancel_job { $number }
adm-refund-never-charged = Nothing was charged for the order No. { $number }: there is nothing to refund.
adm-refund-asked = ✅ Refund No. { $refund } of the payment No. { $number } has begun: { $sum }. The money is on hold in the wallet; the bot tells how it ends.
adm-refund-not-paid = The payment No. { $number } was not credited: there is nothing to refund.
adm-refund-unspent = { $sum } of the payment No. { $number } can not be refunded: only { $free } in the wallet are unspent.
adm-refund-not-possible = The payment No. { $number } can not be refunded so: { $why ->
        [closed] this way to pay is off in the settings. Turn it on and try again.
        [whole] Stars go back only whole. Try again without a sum.
        [unnamed] the payment system has no name for it. Have it looked at: /recheck { $number }
        [receipt] the customer’s e-mail does not fit for the receipt of a refund. It is changed in /settings.
       *[other] the request can not be made. The logs say more.
    }
adm-no-such-order = There is no order No. { $number }.
adm-no-such-payment = There is no payment No. { $number }.
adm-button-payment = No. { $number }
adm-button-recheck = 🔄 Check
adm-recheck-asked = { $state ->
        [paid] The payment No. { $number } is credited already. If a refund of it is on its way, the payment system is asked about that.
       *[other] Asking the payment system about the payment No. { $number }. If it is paid, it is credited by itself, and the customer is told.
    }
adm-reconcile-asked = Comparing { $date } (a day in UTC) with the payment systems; the result comes here.
adm-reconcile-nobody = There is nothing to compare with: no payment system is connected.
adm-bad-past-day = The date “{ $date }” does not fit. Write today or a day that is over: 2026-11-24 or 24.11.2026.
adm-suspense-how =
    To give it to a customer: /assign PROVIDER_ID CUSTOMER reason
    You sent it back yourself: /return PROVIDER_ID reason
adm-no-such-suspense = There is no money of nobody’s named “{ $id }”. The list: /suspense
adm-suspense-before = The money { $id } has been decided about: { $state ->
        [assigned] it was given to a customer.
       *[returned] it was sent back.
    }
adm-preview-assign =
    <b>Give money that is nobody’s</b>: { $sum }, payment <code>{ $payment }</code>
    Customer { $id } ({ $name })
    Reason: { $reason }
    ⚠️ This can not be taken back: what is too much has to be debited by /sub.
adm-assigned = ✅ { $sum } credited to the customer { $id }. The balance: { $balance }
adm-preview-return =
    <b>Money that is nobody’s went back</b>: { $sum }, payment <code>{ $payment }</code>
    The bot sends nothing: send it back yourself in the merchant profile, this only notes it.
    Reason: { $reason }
    ⚠️ The note can not be taken back.
adm-returned = ✅ Noted: { $sum } of the payment { $payment } went back and stand in suspense no more.
adm-preview-chargeback =
    <b>The bank took the payment No. { $number } back</b>: { $sum }
    Customer { $id } ({ $name })
    Own money: { $before } → { $after }
    Reason: { $reason }
    If there is not enough, the balance goes below zero, and orders are closed until the debt is paid.
    ⚠️ This can not be taken back: money is given again by /add.
adm-charged-back = ✅ The chargeback of the payment No. { $number } is booked: { $sum } taken from the customer { $id }. { $frozen ->
        [yes] The debt is { $debt }; orders are closed until it is paid.
       *[no] There was enough, nothing is owed.
    }
adm-chargeback-before = The chargeback of the payment No. { $number } was booked before.
adm-chargeback-not-paid = The payment No. { $number } was not credited: there is nothing to take back.
adm-chargeback-nothing-left = All of the payment No. { $number } has gone back: there is nothing to take back.
adm-preview-promo = { $what ->
        [new] <b>A new promo code</b>
       *[off] <b>End a promo code</b>: who has got the bonus keeps it. It can not be turned on again.
    }
adm-promo-made = ✅ The promo code { $code } is made. Customers write: /promo { $code }
adm-promo-ended = ✅ The promo code { $code } is over. Who has got the bonus keeps it.
adm-preview-ban =
    <b>Ban</b> { $id } ({ $name }), { $until }
    Balance { $balance }: it stays the customer’s, /paysupport gives it back
    Reason (the customer sees it): { $reason }
adm-banned = 🚫 The customer { $id } is banned, { $until }.
adm-preview-unban =
    <b>Lift the ban</b> of { $id } ({ $name })
    Banned for: { $bannedfor }
    Reason: { $reason }
adm-unbanned = ✅ The customer { $id } may order again.
adm-not-banned = The customer { $id } is not banned.
adm-ban-admin = { $id } is an admin and can not be banned. Owners never are; from others take the role first: /grant_role { $id } none
adm-customer-banned = Your access to orders is closed, { $until }. Reason: { $reason }. Unspent money ({ $balance }) stays yours: write to /paysupport to get it back. Support is open: /support
adm-customer-unbanned = Your access to orders is open again. Welcome back: /menu
adm-until = until { $moment } UTC
adm-until-lifted = for ever
adm-bans-empty = Nobody is banned.
adm-bans-head = <b>Banned</b>
adm-ban-line = • { $id } ({ $name }), { $until }: { $reason }
adm-button-unban = ✅ Lift the ban of { $id }
adm-preview-grant =
    <b>Role</b> of { $id } ({ $name }): { $before } → { $after }
    Reason: { $reason }
adm-granted = 🔑 The role of { $id } is { $role } now.
adm-grant-owner = { $id } is an owner by the settings (ADMIN_IDS); that is where this role is changed.
adm-alert-role = 🔑 The role of { $id } ({ $name }) is { $role } now. Changed by the admin { $by }.
adm-roles-head = <b>Roles</b>
adm-role-owner = • { $id } ({ $name }): owner, by the settings
adm-role-line = • { $id } ({ $name }): { $role }, given by { $by } { $moment }
adm-preview-switch =
    <b>Switch</b> { $name }: { $before } → { $after }
    Reason: { $reason }
adm-preview-maintenance =
    { $state ->
        [closed] <b>Close the shop</b>: new orders are refused, those at work are finished. Customers will read: { $words }
       *[other] <b>Open the shop</b> { $words }
    }
adm-switched = ✅ { $name }: { $state }. It counts at once, in other processes within 15 seconds.
adm-no-such-flag = There is no switch “{ $name }”. There are images, videos and the names of models: /models
adm-flag-of-file = The model { $name } is off in the catalogue or by the settings; it can not be turned on from here.
adm-no-such-provider = There is no provider “{ $name }”. There are: { $known }
adm-models-head = <b>Models</b> · catalogue { $version }
adm-model-line =
    { $state ->
        [on] 🟢
        [down] 🟡
       *[other] ⚪
    } <code>{ $sku }</code> { $title } · { $price }
adm-switch-line = 🔌 { $name }: { $state } · { $reason }
adm-button-pause = ⏸ Pause { $name }
adm-button-resume = ▶️ Resume { $name }
adm-preview-prices = <b>New prices</b>, { $from }
adm-price-at-once = at once; offers made before keep their price for up to 15 minutes
adm-price-from = from { $moment } UTC
adm-price-line = • <code>{ $sku }</code> { $choice } ({ $unit }): { $before } → { $after }, cost { $cost }, margin { $margin } %
adm-price-more = … and { $count } more
adm-preview-reason = Reason: { $reason }
adm-below-cost = ⚠️ <b>Below cost:</b> <code>{ $sku }</code> { $choice } would be sold at { $price }, and the provider takes { $cost }. Every such order is a loss. Are you sure?
adm-prices-set = ✅ Prices changed: { $count }. They count at once, in other processes within 15 seconds.
adm-prices-planned = ✅ Prices planned: { $count }, from { $moment } UTC.
adm-no-price-comes = Nothing of { $sku } { $choice } could be sold at that price: the sum leaves every reasonable bound.
adm-whole-rubles = The price of a video is a whole number of rubles, not { $sum }. Example: /price_kling 120
adm-nothing-to-price = Nothing like that is on sale: there is nothing to change.
adm-bad-date = The date “{ $date }” does not fit. Write a day to come: 2026-12-01 or 01.12.2026.
adm-no-such-model = There is no model “{ $sku }”. The list: /models
adm-no-such-choice = { $sku } has no such price. There are: { $known }
adm-price-models = <b>Prices</b>: choose a model
adm-price-model = <b>{ $title }</b> <code>{ $sku }</code>
adm-price-row = • { $choice } ({ $unit }): { $price }, cost { $cost }, margin { $margin } %
adm-versions-head = <b>Versions of the price</b> <code>{ $sku }</code> { $choice } for one unit (a picture or a second)
adm-versions-none = Nobody has changed it: the catalogue counts.
adm-version-line =
    • No. { $number }: { $price } from { $moment }, set by { $by }{ $state ->
        [withdrawn] {" "}(taken back)
       *[other] {""}
    }
adm-button-model = { $sku }
adm-button-versions = 🕘 { $choice }
adm-button-back-to = ↩️ Back to No. { $number }
adm-button-back-to-file = ↩️ Back to the catalogue
adm-preview-cancel =
    <b>Stop the order No. { $number }</b> ({ $state })
    The customer { $id } ({ $name }) gets { $price } back. A result that still comes is a present.
adm-order-cancelled = ✅ The order No. { $number } is stopped, { $price } are back with the customer.
adm-order-over = The order No. { $number } is over already.
adm-order-part-made = A part of the order No. { $number } is made already, it will end by itself. Money can be given back then: /admin_refund { $number }
adm-preview-requeue =
    <b>Try the job again</b> { $kind } (order No. { $number })
    Now: { $state }, tries { $attempts }, error: { $error }
adm-requeued = ✅ The job { $kind } is due at once.
adm-job-not-waiting = There is nothing to repeat: the job is { $state } now.
adm-no-such-job = There is no such job.
adm-button-requeue-job = 🔁 Again: { $kind }
adm-button-cancel-order = ✖️ Stop
adm-button-requeue = 🔁 Try again
adm-button-refund = 💸 Refund
adm-button-refresh = 🔄 Refresh
adm-button-card = 👤 Customer
adm-button-order = No. { $number }
adm-how-to-refund = Copy this and add a reason (or a sum before it): <code>/admin_refund { $number } </code>
adm-how-to =
    { $command ->
        [ban] Copy this and add a term (or none) and a reason: <code>/ban { $id } 7d </code>
       *[other] Copy this and add a sum and a reason: <code>/{ $command } { $id } 100 </code>
    }
adm-no-such-state = There is no such list. There are: active, all, { $known }
adm-orders-empty = No orders ({ $state }).
adm-orders-head = <b>Orders</b> ({ $state })
adm-order-line = No. { $number } · { $state } · { $sku } · { $price } · { $id } · { $moment }
adm-order-head =
    <b>Order No. { $number }</b> ({ $support }) · { $state }
    Customer { $id } ({ $name })
    { $sku } through { $provider } · price { $price }, charged { $charged } · made { $stored } of { $items }
    Reason: { $reason }
    { $placed } placed
    { $moved } last change
    { $deadline } deadline
adm-order-job = ⚙️ job: { $state }, tries { $attempts } of { $max }, error: { $error }
adm-order-attempt =
    🛰 { $moment } try { $no } (part { $item }): { $outcome } in { $took }, answer: { $code }
    key <code>{ $key }</code>, at the provider <code>{ $task }</code>
adm-order-money = 💰 { $moment } { $phase } { $sum } · { $account }
adm-order-delivery = 📨 { $moment } { $part }: { $state }, tries { $attempts }, error: { $error }
adm-stuck-head = <b>Stuck</b>
adm-stuck-nothing = ✅ Nothing is stuck.
adm-stuck-order = 🧱 order No. { $number } ({ $id }): { $state } for { $minutes } min, holds { $price }
adm-stuck-hold = 🔒 hold of { $sum } on { $account }, overdue by { $minutes } min
adm-stuck-job = 💀 { $kind } <code>{ $id }</code>: tries { $attempts }, { $error }
adm-users-empty = Nobody found ({ $filter }). Lists: all, new, active, paying, banned, blocked, frozen, or a part of a name.
adm-users-head = <b>Customers</b> ({ $filter })
adm-user-line = • <code>{ $id }</code> { $name } · { $balance } · { $seen }{ $mark }
adm-button-person = { $name } · { $id }
adm-card-head =
    <b>{ $name }</b> <code>{ $id }</code>
    Language { $lang } · here since { $since } · seen { $seen } UTC
adm-card-money = Cash { $cash } · bonus { $bonus } · on hold { $held }
adm-card-orders =
    Orders { $orders } (delivered { $delivered }, at work { $active }), spent { $spent }
    Payments { $payments }, { $paid }
adm-card-role = 🔑 role { $role }
adm-card-frozen = ❄️ the wallet is frozen: money was taken back past the bot
adm-card-blocked = 🚫 has blocked the bot
adm-card-banned = ⛔ banned, { $until }: { $reason }
adm-card-consent = 📄 { $subject }, version { $version }, { $moment }
adm-button-add = ➕ Credit
adm-button-sub = ➖ Debit
adm-button-ban = 🚫 Ban
adm-button-orders = 🗂 Orders
adm-button-ledger = 📒 Ledger
adm-button-audit = 📜 Audit
adm-ledger-empty = The customer { $id } has no transfers.
adm-ledger-head = <b>Transfers</b> of { $id }
adm-ledger-line = { $moment } { $phase } { $kind } <b>{ $sum }</b>: debit { $debit }, credit { $credit } · { $actor } { $memo }
adm-audit-empty = The audit is empty.
adm-audit-head = <b>Audit</b>
adm-audit-line = { $moment } · { $actor } · <b>{ $action }</b> · { $subject } · { $detail }
adm-audit-change = was “{ $was }”, became “{ $became }”
adm-audit-approved = approved by { $id }
adm-health =
    <b>Health</b> · version { $version }
    Book: { $balanced ->
        [yes] ✅ balanced
       *[other] ❌ NOT BALANCED, run rei audit
    }
    Jobs: waiting { $waiting }, running { $running }, dead { $dead }
    Messages: outgoing { $outbox }, incoming not handled { $inbox }
    Catalogue: on sale { $models }, rows set aside { $aside }
adm-health-provider =
    { $state ->
        [up] 🟢
        [paused] ⏸
       *[other] 🔴
    } { $name }: { $state }
adm-health-maintenance = 🚧 The shop is closed. { $words }
adm-doctor-healthy = ✅ Everything is in order: the book balances, periodic tasks run, the queues move, nothing is stuck.
adm-doctor-head = <b>What is not in order</b>
adm-doctor-book = ❌ The book does not balance. Run rei audit: it names the row.
adm-doctor-scheduler = ⏱ Nobody runs the periodic tasks. If it is still so in half a minute, start rei serve or rei worker (without --no-scheduler).
adm-doctor-updates = 📥 Messages not handled: { $updates }. Start one more rei bot.
adm-doctor-queue = ⏳ Queue { $queue }: { $jobs } wait, the oldest job for { $minutes } min. { $why ->
        [busy] There is more work than hands: add a rei worker, or for Kling places (KLING_CONCURRENCY). /queues
       *[other] Nobody takes it: start rei serve or rei worker. /queues
    }
adm-doctor-paused = ⏸ Paused queues: { $names }. To go on: rei queue resume NAME
adm-doctor-dead = 💀 Dead jobs: { $jobs }. Reasons, and buttons to try again: /stuck
adm-doctor-stuck = 🧱 Stuck orders: { $orders }, overdue holds: { $holds }. In detail: /stuck
adm-doctor-review = 💳 Payments that wait for a decision: { $payments }. The list: /payments
adm-doctor-suspense = ❓ Money that is nobody’s: { $sums } sums. The list: /suspense
adm-doctor-down = 🔴 The provider { $name } does not answer. Orders wait; to check key and network: rei check
adm-doctor-halted = ⏸ The provider { $name } is paused. To go on: /provider { $name } resume
adm-doctor-broken = 🗃 Catalogue rows with a fault, which are not sold: { $rows }. Reasons: rei catalog check
adm-doctor-closed = 🚧 The shop is closed. To open it: /maintenance off
adm-queues-empty = ✅ The queues are empty.
adm-queues-head = <b>Queues</b>
adm-queue-line = • { $queue } · { $state }: { $jobs }, the oldest { $age } s
adm-queues-paused = ⏸ Paused: { $names }
adm-config-head = <b>Settings</b> (secrets are hidden)
adm-config-line = <code>{ $name }</code>: { $value }
adm-version = REI bot { $version }, catalogue { $catalog }
## End of the commands of admins
