# Что видит владелец, когда настройки неверны, и что говорит `rei check`. Ключи те же, что в settings.en.ftl.

title = { $count ->
    [one] РЭИ-бот не запущен: в настройках { $count } ошибка.
    [few] РЭИ-бот не запущен: в настройках { $count } ошибки.
   *[other] РЭИ-бот не запущен: в настройках { $count } ошибок.
}
notes-title = Обратите внимание:
example = Пример: { $assignment }
given = Сейчас: { $value }

# Что не так
missing = не задана, а без неё бот не работает
missing-unless = не задана. Задайте её или отключите раздел: { $switch }
needed = не задана, а её требует { $by }
still-example = стоит значение из примера, нужно своё
spaces = внутри пробелы или знаки, которых в ключе не бывает: скопируйте его ещё раз целиком
not-token = не похоже на токен бота: нужны цифры, двоеточие и ещё около 35 букв и цифр
not-id = «{ $item }» не номер пользователя Telegram: нужны только цифры, через запятую
not-digits = нужны только цифры
not-number = нужно целое число от { $min } до { $max }
not-seconds = нужно число секунд от { $min } до { $max }
not-factor = нужно число от { $min } до { $max }, не больше трёх знаков после запятой
not-sum = нужна сумма в рублях, например 50 или 49,90
not-switch = нужно 1 или 0 (можно true, false, yes, no)
not-choice = нужно одно из: { $choices }
not-url = это не адрес: нужен полный URL
url-scheme = адрес должен начинаться с { $schemes }
url-plain = адрес должен быть https; http допустим только для этого же компьютера (127.0.0.1, ::1, localhost)
url-credentials = в этом адресе не должно быть имени и пароля
url-extra = в этом адресе не должно быть «?» и «#»
url-database = в адресе базы нужны сервер и имя базы
webhook-port = Telegram присылает обновления только на порты 443, 80, 88 и 8443
not-socket = нужны адрес и порт, на которых слушать
not-network = «{ $item }» не адрес и не сеть
not-filter = такой фильтр журнала не разобрать: { $detail }
characters = допустимы только знаки { $allowed }, от { $min } до { $max }
too-short = слишком коротко: нужно не меньше { $min } знаков
guessable = слишком простой секрет: возьмите случайный, например openssl rand -hex 32
not-sum-of-list = «{ $item }» не сумма: нужны целые рубли, через запятую
twice = «{ $item }» стоит дважды
list-length = в списке должно быть от { $min } до { $max }
outside-limits = «{ $item }» вне границ TOPUP_MIN и TOPUP_MAX: такую сумму нельзя оплатить
not-contact = нужны @имя в Telegram, почта или адрес страницы https://
works-with = действует только вместе с { $other }
test-key = это ключ тестового магазина, деньги в нём ненастоящие. Для пробы задайте YOOKASSA_TEST_MODE=1, для работы нужен боевой ключ
live-key = 1 значит тестовый магазин, а ключ в YOOKASSA_SECRET_KEY боевой
below = должно быть не меньше, чем { $other }
advance-needs-kassa = «advance» бывает только с RECEIPTS=kassa
dotenv-line = строку { $line } не разобрать: нужна запись ИМЯ=значение, значение с пробелами или # в кавычках
dotenv-unreadable = файл не прочитать: { $detail }

# Откуда взять
hint-bot-token = Токен выдаёт @BotFather в Telegram: /newbot или /token.
hint-nano-banana-api-key = Ключ выдаёт Google AI Studio: https://aistudio.google.com/apikey
hint-kling-api-key = Ключ выдаёт консоль Kling для разработчиков.
hint-yookassa-shop-id = Номер магазина виден в личном кабинете ЮKassa: Настройки → Магазин.
hint-yookassa-secret-key = Ключ выпускают в личном кабинете ЮKassa: Интеграция → Ключи API.
hint-stars-rate = Сколько копеек на балансе стоит одна звезда: вычтите из её цены долю Telegram и магазина приложений.
hint-public-base-url = Это адрес сервера, по которому его видно из интернета.

# Замечания: с ними бот работает
note-alias = { $alias } прочитана как { $name }; лучше задать { $name }.
note-alias-ignored = { $alias } не прочитана: задана { $name }, она важнее.
not-console-secret = не похоже на секрет из консоли Kling: он начинается с whsec_
note-unknown = { $name } боту неизвестна и ни на что не влияет.
note-typo = { $name } боту неизвестна. Может быть, это { $nearest }?
note-nobody-passes = YOOKASSA_IP_CHECK=enforce не пропустит ни одного уведомления: HTTP_BIND слушает этот же компьютер, а TRUSTED_PROXIES не задана. Впишите адрес своего прокси, например 127.0.0.1.

# Таблица `rei check`
unset = не задана
hidden = задана, скрыта
origin-environment = окружение
origin-dotenv = .env
origin-default = по умолчанию
