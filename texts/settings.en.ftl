# What the owner sees when settings are wrong, and what `rei check` says. The keys are those of settings.ru.ftl.

title = { $count ->
    [one] РЭИ-бот did not start: { $count } problem in the settings.
   *[other] РЭИ-бот did not start: { $count } problems in the settings.
}
notes-title = Please note:
example = Example: { $assignment }
given = Now: { $value }

# What is wrong
missing = not set, and the bot cannot work without it
missing-unless = not set. Set it, or switch the section off: { $switch }
needed = not set, but { $by } needs it
still-example = still has the value of the example, it needs your own
spaces = has spaces or characters inside that no key has: copy the whole of it again
not-token = does not look like a bot token: digits, a colon, then about 35 letters and digits
not-id = “{ $item }” is not a Telegram user id: only digits, comma separated
not-digits = only digits are allowed
not-number = a whole number from { $min } to { $max } is needed
not-seconds = a number of seconds from { $min } to { $max } is needed
not-factor = a number from { $min } to { $max } with at most three decimals is needed
not-sum = a sum in rubles is needed, such as 50 or 49.90
not-switch = 1 or 0 is needed (true, false, yes, no do as well)
not-choice = one of these is needed: { $choices }
not-url = not an address: a full URL is needed
url-scheme = the address must begin with { $schemes }
url-plain = the address must be https; http is allowed only for this same computer (127.0.0.1, ::1, localhost)
url-credentials = this address must not hold a user name or a password
url-extra = this address must not hold “?” or “#”
url-database = the database's address needs a server and a database name
webhook-port = Telegram sends updates only to the ports 443, 80, 88 and 8443
not-socket = an address and a port to listen on are needed
not-network = “{ $item }” is neither an address nor a network
not-filter = this log filter cannot be read: { $detail }
characters = only the characters { $allowed } are allowed, { $min } to { $max } of them
too-short = too short: at least { $min } characters are needed
guessable = too easy to guess: take a random one, such as from openssl rand -hex 32
not-sum-of-list = “{ $item }” is not a sum: whole rubles are needed, comma separated
twice = “{ $item }” stands twice
list-length = { $min } to { $max } items are needed
outside-limits = “{ $item }” is outside TOPUP_MIN and TOPUP_MAX: nobody could pay it
not-contact = an @name in Telegram, an e-mail or the address of an https:// page is needed
works-with = works only together with { $other }
test-key = this is the key of a test shop, whose money is play money. Set YOOKASSA_TEST_MODE=1 for a trial, a live key for real
live-key = 1 stands for a test shop, and the key in YOOKASSA_SECRET_KEY is a live one
below = must not be less than { $other }
advance-needs-kassa = “advance” exists only with RECEIPTS=kassa
dotenv-line = line { $line } cannot be read: NAME=value is needed, a value with spaces or # in quotes
dotenv-unreadable = the file cannot be read: { $detail }

# Where to get it
hint-bot-token = @BotFather in Telegram gives the token: /newbot or /token.
hint-nano-banana-api-key = Google AI Studio gives the key: https://aistudio.google.com/apikey
hint-kling-api-key = Kling's developer console gives the key.
hint-yookassa-shop-id = YooKassa's merchant profile shows the shop's number: Settings → Shop.
hint-yookassa-secret-key = YooKassa's merchant profile issues the key: Integration → API keys.
hint-stars-rate = How many kopecks one star is worth on the balance: its price less what Telegram and the app store keep.
hint-public-base-url = It is the address under which the internet sees this server.

# Notes: the bot works with them
note-alias = { $alias } was read as { $name }; better set { $name }.
note-alias-ignored = { $alias } was not read: { $name } is set and wins.
not-console-secret = is not a secret as Kling's console shows it: it begins with whsec_
note-unknown = { $name } is unknown to the bot and has no effect.
note-typo = { $name } is unknown to the bot. Is { $nearest } meant?
note-nobody-passes = YOOKASSA_IP_CHECK=enforce lets no notification pass: HTTP_BIND listens on this same computer and TRUSTED_PROXIES is not set. Put your proxy's address there, such as 127.0.0.1.

# The table of `rei check`
unset = not set
hidden = set, hidden
origin-environment = environment
origin-dotenv = .env
origin-default = default
