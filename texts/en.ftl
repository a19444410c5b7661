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
button-create = ✅ Create for { $price }
button-option = { $what ->
        [model] Model: { $value }
        [size] Size: { $value }
        [quality] Quality: { $value }
        [length] Length: { $value }
        [sound] 🔊 { $value }
        [count] How many: { $value }
       *[ratio] Ratio: { $value }
    }
button-pick = { $mark }{ $value }
button-pick-from = { $mark }{ $value } · from { $price }
button-pick-price = { $mark }{ $value } · { $price }
button-other-model = Take { $title } · { $price }
button-plain = Without files, from the description
button-purpose = { $what ->
        [edit] 🛠 Edit
        [draw] 🎨 Draw after it
        [animate] 🎬 Animate
        [frames] 🎬 Video between two photos
        [clip] ✂️ Edit the video
        [motion] 🕺 Transfer its movement to a photo
       *[style] 🎞 A new video in this style
    }
button-setup = { $kind ->
        [image] 🎨 Pictures
        [edit] 🛠 Photos
       *[other] 🎬 Videos
    }
button-quick = ⚡ Without asking
button-quick-off = { $mark }Always ask
button-quick-up-to = { $mark }up to { $limit }
button-filter = { $mark }{ $what ->
        [images] 🎨
        [videos] 🎬
        [stars] ★
       *[all] All
    }
button-original-number = 📄 No. { $number }
name-seconds = { $seconds } s
name-sound = { $sound ->
        [off] no sound
        [native] with sound
        [original] sound of the clip
       *[other] { $sound }
    }
name-ratio = { $ratio ->
        [source] as the photo
       *[other] { $ratio }
    }
name-count = { $count } pc.
name-kind = { $kind ->
        [image] 🎨 Pictures
        [edit] 🛠 Photo edits
        [text_video] 🎬 Video from words
        [image_video] 🎬 Video from a photo
        [frames_video] 🎬 Video between two photos
        [video_video] ✂️ Video edits
        [motion] 🕺 Transfer of movement
       *[other] { $kind }
    }
button-change = ✏️ Change
button-tune = ⚙️ Adjust
button-drop = ✖️ Cancel
button-cheaper = Choose cheaper: { $what } for { $price }
button-cancel = ✖️ Cancel
button-retry = 🔁 Try again
button-rewrite = ✏️ Change the description
button-support = 💬 Support
button-help = ℹ️ Help
button-shorten = ✂️ Shorten to { $limit } characters
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
    Hello! I draw pictures, edit photos and make videos.

    Write what to draw, for example: <i>a cat in a spacesuit on the Moon</i>. Or send a photo and write what to do with it. I show the price first; you pay only for a finished result.

    Your balance: <b>{ $balance }</b>
menu =
    Main menu
    Your balance: <b>{ $balance }</b>

    Write what to draw, send a photo, or choose a button below.
menu-kept =
    Main menu
    Your balance: <b>{ $balance }</b>

    The unfinished order is closed, no money was touched. To come back to it, send the description again:
    “{ $prompt }”
menu-kept-files =
    Main menu
    Your balance: <b>{ $balance }</b>

    The unfinished order is closed, no money was touched. To come back to it, send { $count ->
        [one] the file
       *[other] the files
    } again.
help =
    <b>How to use it</b>
    🎨 Picture: write what to draw.
    🛠 Edit: send a photo (one or an album) with a caption that says what to change. Or reply with words to a finished picture.
    🎬 Video: /video and a description. You may add a photo, two photos (first and last frame) or a clip.

    Check the price and press “Create”. A picture takes half a minute, a video a few minutes: right in the chat, and the original as a file.

    The price is held first and paid only for a finished result. If it fails, the money returns by itself.

    Commands: /image · /edit · /video · /balance · /pay · /jobs · /history · /prices · /settings · /support
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
    }{ $videos ->
        [0] {""}
        [one] {" "}Or for ≈{ $videos } video.
       *[other] {" "}Or for ≈{ $videos } videos.
    }
prices-head = <b>Prices</b>
prices-kind = <b>{ $what }</b>
price-line = { $title }: from { $price }
prices-foot = You pay only for a finished result.
settings =
    <b>Settings</b>
    Language: English
settings-kind = { $what }: { $options }
settings-quick = Without asking: up to { $limit }
settings-quick-off = Without asking: off
setup =
    ⚙️ <b>{ $what }</b>
    New orders begin with this. In the order itself everything can be changed.
quick =
    ⚡ <b>Without asking</b>
    Orders up to the chosen sum start at once, without the “Create” button. As always, you pay only for a finished result. If the same was ordered a moment ago, I ask.
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
    Write to { $contact ->
        [none] the owner of the bot
       *[other] the owner of the bot ({ $contact })
    } and name your number <code>{ $id }</code>{ $order ->
        [none] .
       *[other] {" "}and the number of your last order: <code>{ $order }</code>.
    }
terms =
    <b>Terms</b>
    You pay for a finished result at the price shown before the start. Without a result the held sum returns to your balance. Illegal content, pictures of real people without their consent and explicit scenes with them may not be ordered. Results are made by a neural network: check them before use.
privacy =
    <b>Privacy</b>
    We keep the number of your Telegram profile, your orders, the photos and videos sent for them, payments and results. The description and the files are passed to the service that makes the picture or the video. We neither see nor keep card data.

## Not there yet
soon-other = I am still learning this. But I can already draw pictures, edit photos and make videos.

## Picture
draft =
    { $what ->
        [image] 🎨 <b>Image</b>
        [draw] 🎨 <b>Picture after an example</b>
        [edit] 🛠 <b>Edit a photo</b>
        [photo] 🛠 <b>Edit a photo</b>
        [photo_only] 🛠 <b>Edit a photo</b>
        [clip] ✂️ <b>Edit a video</b>
        [style] 🎞 <b>Video in the style of a clip</b>
        [motion_photo] 🕺 <b>Transfer of movement</b>
        [motion_clip] 🕺 <b>Transfer of movement</b>
       *[video] 🎬 <b>Video</b>
    }
    { $what ->
        [image] Describe what to draw. You may add photos as examples.
        [draw] { $photos ->
            [one] Describe the new picture. Your photo will be the example.
           *[other] Describe the new picture. Your photos ({ $photos }) will be the examples.
        }
        [edit] { $photos ->
            [one] Write what to change in the photo.
           *[other] Write what to do with these photos ({ $photos }).
        }
        [photo] Send a photo, one or several, and write what to change.
        [photo_only] Now send a photo, one or several. I remember the description:
        [clip] Write what to change in the video ({ $seconds } s).
        [style] Describe the new video. Style and camera come from yours ({ $seconds } s).
        [motion_photo] Send a photo: who shall repeat the movement of the clip.
        [motion_clip] Send a clip with the movement, 3 to 30 seconds.
       *[video] Describe what to film. Or send a photo (I animate it), two photos (first and last frame) or a clip (I edit it).
    }
draft-reask =
    Write a new description. The rest is kept: { $options }{ $photos ->
        [0] {""}
       *[other] {" "}· photos: { $photos }
    }{ $clips ->
        [0] {""}
       *[other] {" "}· clips: { $clips }
    }.
tune = ⚙️ <b>Adjust the order</b>
choose = { $what ->
        [model] Choose the model:
        [size] Choose the size. The button shows the price of the order:
        [quality] Choose the quality. The button shows the price of the order:
        [length] Choose the length. The button shows the price of the order:
        [sound] Choose the sound. The button shows the price of the order:
        [count] How many pictures? The button shows the price of the order:
       *[ratio] Choose the ratio (width to height). It does not change the price:
    }
task = { $what ->
        [image] 🎨 picture
        [draw] { $photos ->
            [one] 🎨 picture after an example
           *[other] 🎨 picture after { $photos } examples
        }
        [edit] { $photos ->
            [one] 🛠 edit of a photo
           *[other] 🛠 edit of { $photos } photos
        }
        [image_video] 🎬 video from a photo
        [frames_video] 🎬 video between two photos
        [video_video] ✂️ edit of a video, { $seconds } s
        [style] 🎞 video in the style of a clip, { $seconds } s
        [motion] 🕺 movement of a clip for a photo, { $seconds } s
       *[other] 🎬 video
    }
quote-head = <b>Check your order</b> · { $task }
quote-prompt = “{ $prompt }”
quote-no-words = <i>You may write what should happen, or create it as it is.</i>
quote-price =
    Price: <b>{ $price }</b> · Balance: { $balance } → { $left } left
    You pay only for a finished result.
quote-short =
    Price: <b>{ $price }</b> · Balance: { $balance }
    You are { $missing } short
quote-dropped = The order is cancelled, no money was touched.
received-photos = { $count ->
        [one] Got the photo. Write what to do with it, or choose:
       *[other] Got { $count } photos. Write what to do with them, or choose:
    }
received-clip = Got the video, { $seconds } s. Write what to change in it, or choose:
note-late-part = This came when the last order was already closed, so I begin a new one.
note-joined = Added the files to the order, please check it again.
note-clip-replaced = I take the latest video instead of the one before.
note-too-many = I take the first { $limit } files, one order holds no more.
note-unused = { $allphotos ->
        [0] {""}
       *[other] I take photos: { $photos } of { $allphotos }.{" "}
    }{ $allclips ->
        [0] {""}
       *[other] I take clips: { $clips } of { $allclips }.{" "}
    }This order needs no more.
note-twice = You ordered this { $seconds ->
        [0] just now
       *[other] { $seconds } s ago
    }. One more?
note-stale = This screen is out of date, here is a fresh one.
note-price-changed = The price has changed, please check the order again. Nothing is charged so far.
hint-short = Write a few more words, for example: “a ginger cat on a window sill”.
prompt-too-long =
    The description is too long: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, the limit is { $limit }. Send a shorter one, or let me shorten it.
not-on-sale = This choice is no longer sold. Here is what there is now.
nothing-on-sale = { $what ->
        [edit] I can't edit photos right now. Try again later.
        [video] I can't make videos right now. Try again later.
        [clip] I can't work with your videos right now. Try again later.
       *[other] No pictures are on sale right now. Try again later.
    }

## Order
need-more =
    You are <b>{ $missing }</b> short
    Price: { $price }, balance: { $balance }.
accepted =
    ⏳ <b>Job No. { $number }</b> · { $ahead ->
        [0] next in the queue
       *[other] in the queue, { $ahead } ahead of you
    }
    { $price } on hold · usually done in { $wait }
wait-seconds = { $from }–{ $to } s
wait-minutes = { $from }–{ $to } min
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
cancel-too-late = It is in the making already and can't be cancelled. If it fails, the money returns by itself.
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
provider-down = { $what ->
        [pictures] Drawing is unavailable for a while.
        [videos] Videos are unavailable for a while.
       *[all] Drawing and videos are unavailable for a while.
    } No money was touched, come back a little later.
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
job-ahead = └ { $ahead ->
        [0] next
       *[other] { $ahead } ahead of you
    } · ready in about { $left }
job-left = └ ready in about { $left }
job-long = └ takes longer than usual, still waiting
history-empty = Your pictures and videos will appear here. Write what to draw.
history-none = Nothing here yet.
history-head = <b>History</b>
history-line = { $star }No. { $number } · { $date } · { $state } · { $price } · “{ $prompt }”
state-queued = in the queue
state-submitting = in the making
state-unknown = being checked
state-running = in the making
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
unknown-content = I don't understand this yet. Write in words what to draw, send a photo or a clip, or open the /menu
voice = I don't listen to voice messages yet. Please write in words what to draw.
file-too-big = The file is over 20 MB, Telegram doesn't hand such files to bots. Send a smaller one, or send it as a photo.
file-over = The file is over { $megabytes } MB. Send a smaller one.
file-not-media = This is neither a picture nor a video. JPG, PNG, WEBP, MP4 and MOV will do.
file-heic = I don't read HEIC files. Send it as an ordinary photo, Telegram turns it into JPG.
file-broken = The file can't be read, it seems to be damaged. Send it again, or another one.
file-gone = The file did not arrive: Telegram did not hand it over. Please send it again.
file-busy = The file could not be taken in. Please send it again a little later.
file-coming = One second, the file is still coming in.
file-unfit = Please send another file.
limit-type = This file won't do, it has to be { $types }.
limit-size = The file is too large: up to { $megabytes } MB are possible.
limit-side-min = Too small: each side needs at least { $pixels } pixels.
limit-side-max = Too large: a side may have at most { $pixels } pixels.
limit-pixels = Too large: up to { $megapixels } megapixels are possible.
limit-narrow = Too narrow: one side may be at most 2.5 times the other.
limit-length-min = The video is too short: it needs at least { $seconds } s.
limit-length-max = The video is too long: up to { $seconds } s are possible.
files-gone = The files of this order are no longer kept. Send them again, I remember the description.
result-gone = This result is no longer kept. Send it as a file, and I go on with it.
prompt-upscale = The very same picture without changes, but sharper and with more detail.
group = I work in private chats: https://t.me/{ $bot }
stranger-button = This button is not yours.
stale-button = This screen is out of date.
toast-accepted = Accepted
toast-largest = This model can't make it larger.
toast-starred = ⭐ Added to favourites
toast-unstarred = Removed from favourites

## Admin
admin-granted = You were credited { $sum }: { $reason }. Balance { $balance }
admin-trial = <b>Trial balance</b>
admin-trial-line = { $account }: debit { $debits }, credit { $credits }
admin-trial-zero = It balances: the difference is 0.
admin-trial-off = WARNING, it does not balance: the difference is { $difference }.
alert-provider = ⚠️ The service { $provider } declines our requests ({ $code }). Order No. { $number } was refunded. Check the key, the quotas and the model.
alert-poison = ⚠️ Job { $kind } failed after { $attempts } attempts, order No. { $number } was refunded. Error: { $error }
alert-parked = ⚠️ Update { $update } could not be handled and is set aside. Error: { $error }
alert-audit = ⚠️ The audit of the book found differences: { $findings }. Run rei audit.
alert-model = ⚠️ Model { $sku } is off sale: the service does not know it any more ({ $code }).

## Results
alert-no-funds = ⚠️ The account at { $provider } has run out of money ({ $code }). Sales through it are stopped, its orders were given back. Top it up and run: rei catalog resume { $provider }
alert-result = ⚠️ Order No. { $number }: the result cannot be handed over ({ $reason }). The customer has the money back.
result-video = Ready in { $seconds } s · { $price } charged · balance { $balance }
result-one-of = { $no } of { $made } · order No. { $number }
result-fewer = { $made } of { $ordered } came out. { $returned } is back on your balance.
result-shorter = The video came out shorter. { $returned } is back on your balance.
result-other-ratio = The ratio is not the ordered one: the service decided otherwise.
result-other-ratio-refund = The ratio is not the ordered one. { $returned } is back on your balance.
result-link =
    🎬 <b>Order No. { $number }</b> · ready, { $megabytes } MB
    Telegram does not take files of this size. Download it from this link, it works for { $hours } h:
    { $link }
result-unlinked =
    🎬 <b>Order No. { $number }</b> · ready, but its { $megabytes } MB are too much for Telegram.
    We keep the file. Write to support and we will hand it over: /support
filming =
    🎬 <b>Order No. { $number }</b> · filming…
    Usually ready in { $from }–{ $to } min
filming-for =
    🎬 <b>Order No. { $number }</b> · in the making for { $minutes } min
    Usually { $from }–{ $to } min
filming-long =
    🎬 <b>Order No. { $number }</b> · takes longer than usual
    I wait for the result up to a day. If it does not work out, the money comes back by itself.
result-button-again = 🔁 One more · { $price }
result-button-redo = 🛠 Edit
result-button-upscale = 🔍 Upscale · { $price }
result-button-animate = 🎬 Animate · { $price }
result-button-original = 📄 Original
result-button-star = ⭐
result-button-rewrite = ♻️ Reword
