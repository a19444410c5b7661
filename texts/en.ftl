# Everything that customers and admins read. Markup is Telegram HTML; the values in braces are escaped already.

## Main keyboard
label-image = 🎨 Create an image
label-edit = 🛠 Edit a photo
label-video = 🎬 Create a video
label-ideas = ✨ Ideas
label-history = 🗂 History
label-jobs = ⏳ My jobs
label-balance = 💰 Balance
label-pay = 💳 Top up
label-settings = ⚙️ Settings
label-help = ℹ️ Help

## Words that mean the same as commands: comma separated, case and signs do not matter
words-menu = menu, main menu, start over, back
words-image = create an image, create image, new image
words-edit = edit, edit image, edit photo
words-video = video, create video, make a video
words-jobs = my jobs, jobs
words-balance = balance, my balance
words-pay = top up, pay, top up balance
words-cancel = cancel
words-help = help

## Buttons under messages
button-menu = ⬅️ Menu
button-back = ⬅️ Back
button-ratio = Ratio: { $ratio }
button-size = Size: { $size } · { $price }
button-size-price = { $mark }{ $size } · { $price }
button-ratio-choice = { $mark }{ $ratio }
button-create = ✅ Create for { $price }
button-change = ✏️ Change
button-tune = ⚙️ Adjust
button-drop = ✖️ Cancel
button-cheaper = Choose cheaper: { $size } for { $price }
button-cancel = ✖️ Cancel
button-again = 🔁 One more · { $price }
button-retry = 🔁 Try again
button-rewrite = ✏️ Change the description
button-support = 💬 Support
button-help = ℹ️ Help
button-shorten = ✂️ Shorten to { $limit } characters
button-order-number = No. { $number } · { $state } · { $price }
button-cancel-number = ✖️ Cancel No. { $number }
button-repeat-number = 🔁 No. { $number } · { $price }
button-older = Older ➡️
button-newer = ⬅️ Newer
button-russian = Русский
button-english = English
button-balance = 💰 Balance
button-image = 🎨 Create an image
button-jobs = ⏳ My jobs

## Menu and help
welcome =
    Hello! I draw pictures from a description.

    Write what to draw, for example: <i>a cat in a spacesuit on the Moon</i>. I show the price first; you pay only for a finished result.

    Your balance: <b>{ $balance }</b>
menu =
    Main menu
    Your balance: <b>{ $balance }</b>

    Write what to draw, or choose a button below.
menu-kept =
    Main menu
    Your balance: <b>{ $balance }</b>

    The unfinished order is closed, no money was touched. To come back to it, send the description again:
    “{ $prompt }”
help =
    <b>How to use it</b>
    1. Write what to draw.
    2. Check the price, ratio and size, and press “Create”.
    3. In half a minute the picture arrives: right in the chat, and the original as a file.

    The price is held first and paid only for a finished result. If it fails, the money returns by itself.

    Commands: /image · /balance · /jobs · /history · /prices · /settings · /support
how =
    <b>How it works</b>
    You know the price before the start. At the start it is held on your balance, the job joins the queue, and a neural network does it. Once the result is checked and stored, the hold becomes a payment. A refusal, a failure or too long a wait: the hold is lifted by itself, no need to ask support.
balance =
    💰 <b>Balance: { $free }</b>
    Money: { $cash } · bonus: { $bonus } · on hold in jobs: { $held }
    { $count ->
        [0] That is not enough for a picture yet.
        [one] Enough for ≈{ $count } more image.
       *[other] Enough for ≈{ $count } more images.
    }
prices-head = <b>Prices</b>
price-line = { $title } · { $size }: { $price }
prices-foot = You pay only for a finished result.
settings =
    <b>Settings</b>
    Language: English
    Picture ratio: { $ratio } · size: { $size }
language-set = Done, I speak English now.
ideas =
    <b>Ready ideas</b>
    Press any, and I will show the price.
idea-1 = A cosy café in the rain, warm light, watercolour
idea-2 = A cat in a spacesuit on the Moon, film poster
idea-3 = A bakery logo: an ear of wheat and the sun, minimalism
idea-4 = A fairy-tale forest in autumn, morning mist, realism
my-id = Your number: <code>{ $id }</code>
support =
    <b>Support</b>
    Write to the owner of the bot and name your number <code>{ $id }</code>{ $order ->
        [none] .
       *[other] {" "}and the number of your last order: <code>{ $order }</code>.
    }
paysupport =
    <b>Payment help</b>
    Name your number <code>{ $id }</code>, the sum and the time of the payment. Money for a failed job returns to the balance by itself, no need to ask.
terms =
    <b>Terms</b>
    You pay for a finished result at the price shown before the start. Without a result the held sum returns to your balance. Illegal content, pictures of real people without their consent and explicit scenes with them may not be ordered. Results are made by a neural network: check them before use.
privacy =
    <b>Privacy</b>
    We keep the number of your Telegram profile, your orders, payments and results. The description is passed to the service that draws the picture. We neither see nor keep card data.
statement-head = <b>Statement</b>
statement-line = { $date } · { $sum } · { $what }
statement-empty = No operations yet.
statement-hold = held for an order
statement-capture = paid for an order
statement-release = hold returned
statement-topup = top-up
statement-grant = credited
statement-other = operation

## Not there yet
soon-edit = I am still learning to edit photos. But I can draw a new picture: just describe it in words.
soon-video = I am still learning to make videos. But I can draw a picture: just describe it in words.
soon-pay = You can't top up inside the bot yet. Write to the owner of the bot and name your number <code>{ $id }</code>: the money will be credited by hand.
soon-other = I am still learning this. But I can already draw pictures from a description.

## Picture
draft =
    🎨 <b>Image</b>
    Describe what to draw.
    Model: { $title } · Ratio: { $ratio } · Size: { $size }
draft-reask = Write a new description. The rest is kept: { $title } · { $ratio } · { $size }.
tune =
    ⚙️ <b>Adjust the order</b>
    “{ $prompt }”
    Model: { $title } · Ratio: { $ratio } · Size: { $size }
ratio-choose = Choose the ratio (width to height):
size-choose = Choose the size. The price is for one picture:
quote =
    <b>Check your order</b>
    “{ $prompt }”
    { $title } · { $ratio } · { $size } · 1 pc.
    Price: <b>{ $price }</b> · Balance: { $balance } → { $left } left
    You pay only for a finished result.
quote-short =
    <b>Check your order</b>
    “{ $prompt }”
    { $title } · { $ratio } · { $size } · 1 pc.
    Price: <b>{ $price }</b> · Balance: { $balance }
    You are { $missing } short
quote-dropped = The order is cancelled, no money was touched.
note-twice = You ordered this { $seconds ->
        [0] just now
       *[other] { $seconds } s ago
    }. One more?
note-stale = This screen is out of date, here is a fresh one.
note-new-picture = I am still learning to edit finished pictures, so I will draw a new one.
note-photo = I am still learning to edit photos, so I will draw a new picture from your caption.
note-price-changed = The price has changed, please check the order again. Nothing is charged so far.
hint-short = Describe the picture in a few more words, for example: “a ginger cat on a window sill”.
prompt-too-long =
    The description is too long: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, the limit is { $limit }. Send a shorter one, or let me shorten it.
not-on-sale = This choice is no longer sold. Here is what there is now.
nothing-on-sale = No pictures are on sale right now. Try again later.

## Order
need-more =
    You are <b>{ $missing }</b> short
    Price: { $price }, balance: { $balance }.
accepted =
    ⏳ <b>Job No. { $number }</b> · { $ahead ->
        [0] next in the queue
       *[other] in the queue, { $ahead } ahead of you
    }
    { $price } on hold · usually done in { $from }–{ $to } s
working =
    🎨 <b>Job No. { $number }</b> · drawing…
    Usually done in { $from }–{ $to } s
waiting-again =
    ⏳ <b>Job No. { $number }</b> · the service is busy, trying again
    Your money is safe: if it fails, it returns by itself.
checking =
    ⏳ <b>Job No. { $number }</b> · checking whether the service has started
    Your money is safe.
done-status = ✅ <b>Job No. { $number }</b> · done
result = Done in { $seconds } s · charged { $price } · balance { $balance }{ $count ->
        [0] {""}
        [one] {" "}(enough for ≈{ $count } more image)
       *[other] {" "}(enough for ≈{ $count } more images)
    }
result-original = The original · job No. { $number }
result-late = The result came late. It is yours for free: the money for job No. { $number } has already returned.
cancelled = ✖️ Job No. { $number } is cancelled. { $price } is back on your balance ({ $balance }).
cancel-too-late = It is being drawn already and can't be cancelled. If it fails, the money returns by itself.
cancel-finished = This job is already over.
refused =
    The service declined the request for safety reasons. The money is back: { $price }, balance { $balance }.
    What you can do: leave out names of real people, violence, explicit scenes.
    Number for support: <code>{ $support }</code>
refused-similar =
    The picture came out too close to somebody's work, and the service withheld it. { $price } is back on your balance ({ $balance }).
    Describe it in your own words, without titles and names of authors.
    Number for support: <code>{ $support }</code>
refused-language =
    The service did not understand the language of the description. { $price } is back on your balance ({ $balance }).
    Try English or Russian.
    Number for support: <code>{ $support }</code>
refused-words =
    The service answered in words and drew no picture. { $price } is back on your balance ({ $balance }).
    Describe what the picture should show rather than asking a question.
    Number for support: <code>{ $support }</code>
refused-input =
    The service did not accept this order. { $price } is back on your balance ({ $balance }).
    Change the description or the settings.
    Number for support: <code>{ $support }</code>
failed =
    It did not work: the service is overloaded. { $price } is already back on your balance ({ $balance }).
    Number for support: <code>{ $support }</code>
failed-ours =
    It did not work: a fault on our side, we know already. { $price } is already back on your balance ({ $balance }).
    Number for support: <code>{ $support }</code>
expired =
    Not in time: the service did not answer soon enough. { $price } is already back on your balance ({ $balance }).
    Number for support: <code>{ $support }</code>
provider-down = Drawing is unavailable for a while: the service does not answer. No money was touched, try again in a few minutes.
too-many-active =
    You already have { $count ->
        [one] { $count } active job
       *[other] { $count } active jobs
    }, no more at once. Wait for a result or cancel something, then press “Create” again.
order-running = This order is already running.
edit-too-late = The order is already running, editing the message won't change it. Send a new description as a message of its own.
edit-unused = I don't follow edits of old messages. Send the description as a new message.

## Lists
jobs-empty = No active jobs.
jobs-head = <b>Your jobs</b>
jobs-more = … and { $count } more
job-line = No. { $number } · { $state } · { $price } · “{ $prompt }”
history-empty = Your pictures will appear here. Write what to draw.
history-head = <b>History</b>
history-line = No. { $number } · { $date } · { $state } · { $price } · “{ $prompt }”
state-queued = in the queue
state-submitting = being drawn
state-unknown = being checked
state-running = being drawn
state-fetching = being fetched
state-ready = ready
state-delivering = being delivered
state-delivered = delivered
state-cancelled = cancelled
state-refused = declined
state-failed = failed
state-expired = not in time
state-gifted = given for free

## Other
nothing-to-cancel = There is nothing to cancel.
cancelled-form = Cancelled, no money was touched.
cancel-which = <b>Which job shall I cancel?</b>
unknown-command = There is no such command. Here is what I can do: /help
unknown-content = I don't understand this yet. Write in words what to draw, or open the /menu
voice = I don't listen to voice messages yet. Please write in words what to draw.
file-too-big = The file is over 20 MB, Telegram doesn't hand such files to bots. Send a smaller one, or send it as a photo.
album = Got the album. I am still learning to edit photos. But I can draw a new picture: just describe it in words.
group = I work in private chats: https://t.me/{ $bot }
stranger-button = This button is not yours.
stale-button = This screen is out of date.
toast-accepted = Accepted
something-broke = Something went wrong, we are looking into it. Your money is safe. Try again: /menu
welcome-back-files = Welcome back! Sending the results that were waiting for you.

## Admin
admin-add-usage = Format: /add ID SUM reason. For example: /add 42 100 a gift
admin-add-sum = The sum “{ $sum }” won't do. Write rubles as a number above zero with up to two decimals: 100 or 10.50.
admin-add-reason = Name a reason: /add { $id } { $sum } reason
admin-add-unknown = There is no customer { $id }: nobody with this number has written to the bot.
admin-add-done = Credited { $sum } to customer { $id }. The balance is now { $balance }. Reason: { $reason }
admin-add-repeat = This command was carried out before: { $sum } to customer { $id }.
admin-granted = You were credited { $sum }: { $reason }. Balance { $balance }
admin-stats =
    <b>Summary</b>
    Customers: { $customers } · new in 24 h: { $fresh }
    Orders: { $orders } · delivered: { $delivered } · refunded: { $refunded } · active: { $active }
    Revenue: { $revenue } · in wallets: { $wallets } · on hold: { $held }
    Provider cost: { $cost } $
    Queue: { $queue } · outbox: { $outbox }
admin-trial = <b>Trial balance</b>
admin-trial-line = { $account }: debit { $debits }, credit { $credits }
admin-trial-zero = It balances: the difference is 0.
admin-trial-off = WARNING, it does not balance: the difference is { $difference }.
alert-provider = ⚠️ The service { $provider } declines our requests ({ $code }). Order No. { $number } was refunded. Check the key, the quotas and the model.
alert-poison = ⚠️ Job { $kind } failed after { $attempts } attempts, order No. { $number } was refunded. Error: { $error }
alert-parked = ⚠️ Update { $update } could not be handled and is set aside. Error: { $error }
alert-audit = ⚠️ The audit of the book found differences: { $findings }. Run rei audit.
alert-model = ⚠️ Model { $sku } is off sale: the service does not know it any more ({ $code }).
