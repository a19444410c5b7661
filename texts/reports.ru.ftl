# Выписки, сводки и файлы владельца, промокоды для тех, кто их создаёт.

## Выписка
ledger-head = <b>Выписка</b>{ $page ->
        [1] {""}
       *[other] {" "}· страница { $page }
    }
ledger-none = Операций пока нет.
month-name = { $month ->
        [1] января
        [2] февраля
        [3] марта
        [4] апреля
        [5] мая
        [6] июня
        [7] июля
        [8] августа
        [9] сентября
        [10] октября
        [11] ноября
       *[12] декабря
    }
ledger-day = <b>{ $day } { month-name } { $year }</b>
ledger-row = { $time } · { $sum } · { $what }{ $pocket ->
        [bonus] {" "}(бонусы)
       *[cash] {""}
    }
ledger-foot = Время по UTC. Удержанное спишется только за готовый результат.
ledger-file-head = Дата и время (UTC);Изменение баланса, ₽;Баланс после, ₽;Сумма операции, ₽;Счёт;Операция;Заказ
ledger-file-caption = Все операции: { $rows ->
        [one] { $rows } строка
        [few] { $rows } строки
       *[other] { $rows } строк
    }. Время по UTC.
ledger-file-cut = Последние операции: { $rows ->
        [one] { $rows } строка
        [few] { $rows } строки
       *[other] { $rows } строк
    }, более ранние в файл не вошли. Время по UTC.
pocket-name = { $pocket ->
        [bonus] бонусы
       *[cash] деньги
    }
said-held = удержано за { $number ->
        [0] заказ
       *[other] заказ №{ $number }
    }
said-held-out = { $rail ->
        [stars] ждёт возврата в Stars
       *[yookassa] ждёт возврата на карту
    }
said-charged = списано из удержанного: { $number ->
        [0] заказ готов
       *[other] заказ №{ $number } готов
    }
said-charged-part = списано из удержанного: { $number ->
        [0] заказ выполнен
       *[other] заказ №{ $number } выполнен
    } частично, { $returned } вернулись на баланс
said-sent-out = { $rail ->
        [stars] возвращено в Stars
       *[yookassa] возвращено на карту
    }
said-released = { $number ->
        [0] заказ не выполнен
       *[other] заказ №{ $number } не выполнен
    }, деньги вернулись
said-expired = { $number ->
        [0] заказ не успел
       *[other] заказ №{ $number } не успел
    }, деньги вернулись
said-out-failed = { $rail ->
        [stars] возврат в Stars не прошёл, деньги снова на балансе
       *[yookassa] возврат на карту не прошёл, деньги снова на балансе
    }
said-topup = пополнение { $rail ->
        [stars] через Stars
       *[yookassa] картой
    }{ $number ->
        [0] {""}
       *[other] , платёж №{ $number }
    }
said-found = зачислен найденный платёж
said-granted = начислено поддержкой: { $reason }
said-welcome = подарок за знакомство
said-first-topup = бонус за первое пополнение
said-gift = подарок
said-promo = промокод { $code }
said-added = исправление в вашу пользу: { $reason }
said-taken = списано поддержкой: { $reason }
said-bonus-back = бонус за первое пополнение снят: тот платёж возвращён
said-returned = возвращено за { $number ->
        [0] заказ
       *[other] заказ №{ $number }
    }
said-paid-back = { $rail ->
        [stars] возвращено в Stars
       *[yookassa] возвращено на карту
    }
said-foreign-refund = { $rail ->
        [stars] платёж возвращён в Stars
       *[yookassa] платёж возвращён на карту
    }
said-chargeback = банк отозвал платёж
said-other = операция
moment = { $day } { month-name } { $year }, { $time } UTC

## За что списано
why-head =
    <b>За что списано: заказ №{ $number }</b>
    { $title }
why-choices = Вы выбрали: { $choices }
why-seconds = { $seconds } с
why-sound = со звуком
why-price = Цена { $price } показана вам до заказа и с тех пор не менялась. Заказ принят { $moment }.
why-price-each = Цена { $price }: { $count } × { $each }. Она показана вам до заказа и с тех пор не менялась. Заказ принят { $moment }.
why-held = Удержано { $sum }: { $moment } ({ $pockets })
why-charged = Списано { $sum }: { $moment }, когда результат был готов ({ $pockets })
why-released = Вернулось из удержанного { $sum }: { $moment }
why-returned = Возвращено на баланс { $sum }: { $moment }
why-waiting = Пока ничего не списано: деньги ждут результата. Не получится, вернутся сами.
why-nothing = Ничего не списано: все деньги вернулись.
why-pockets = деньги { $cash } и бонусы { $bonus }
why-one-pocket = { $pocket ->
        [bonus] бонусы
       *[cash] деньги
    }
why-support = Номер для поддержки: <code>{ $support }</code>

## Сводка владельца
stats-usage = Формат: /stats day, week, month или две даты: /stats 2026-07-01 2026-07-31. Не больше года.
stats-head =
    <b>Сводка</b> · { $from } – { $upto }
    Стрелка сравнивает с таким же сроком перед этим.
stats-revenue = 💰 Выручка (деньги покупателей): <b>{ $sum }</b>{ $change }
stats-given = 🎁 Оплачено бонусами, подарено: { $sum }{ $change } · роздано бонусов: { $bonus }
stats-paid-back = ↩️ Возвращено на карты и в Stars: { $sum }{ $change } · { $percent } от пополнений
stats-cost = Себестоимость: { $sum }{ $change } · комиссии: { $fees }{ $feeschange }
stats-margin = 📈 Маржа: <b>{ $sum }</b>{ $change } · { $percent } от выручки
stats-margin-unknown = 📈 Маржа: — (в настройках нет курса доллара)
stats-people = 👥 Новых: { $came }{ $camechange } · активных: { $active }{ $activechange } · платящих: { $paying }{ $payingchange }
stats-conversion = Из новых заплатили: { $percent }{ $change }
stats-average = Средний чек: { $sum }{ $change } · { $count ->
        [one] { $count } пополнение
        [few] { $count } пополнения
       *[other] { $count } пополнений
    }
stats-arpu = Выручка на активного: { $sum }{ $change }
stats-model = { $sku }: { $percent }{ $change } успешных · { $placed ->
        [one] { $placed } заказ
        [few] { $placed } заказа
       *[other] { $placed } заказов
    }
stats-models-more = … показаны первые { $limit } моделей
stats-rail = 💳 { $rail ->
        [stars] Stars
       *[yookassa] ЮKassa
    }: { $percent }{ $change } оплачено · { $paid ->
        [one] { $paid } платёж
        [few] { $paid } платежа
       *[other] { $paid } платежей
    }
stats-wait = ⏱ { $what ->
        [video] Видео
       *[image] Картинки
    }: половина за { $half }{ $change }, 95 % за { $most }
stats-queue = Сейчас в очереди: { $live } · исходящих: { $outbox }
stats-chart = Столбцы: выручка по дням, ₽. Линия: заказы, шкала справа. { $from } – { $upto }, UTC

## Файлы владельца
export-usage = Формат: /export ledger, payments или jobs и две даты: /export ledger 2026-07-01 2026-07-31. Не больше года.
export-coming = Готовлю файл, пришлю сюда.
export-caption =
    { $what } · { $from } – { $upto } · { $rows ->
        [one] { $rows } строка
        [few] { $rows } строки
       *[other] { $rows } строк
    }
    SHA-256: <code>{ $hash }</code>
export-cut = ⚠️ В файл вошли только первые { $rows } строк. Возьмите срок покороче.
report-failed = Не получилось сделать файл. Попробуйте, пожалуйста, ещё раз.

## Промокоды
promo-usage =
    Формат: /promo_new КОД СУММА [x100] [each 1] [until 2026-12-31] [new]
    x100: всего использований, each: на одного покупателя, until: последний день, new: только тем, кто ещё ничего не купил.
promo-bad-code = Код «{ $code }» не подходит: от 3 до 32 латинских букв, цифр, знаков - и _.
promo-bad-sum = Сумма «{ $sum }» не подходит. Пишите рубли числом больше нуля: 50 или 10,50.
promo-bad-count = «{ $word }»: нужно целое число от 1 до 1000000.
promo-bad-date = «{ $word }»: нужна дата вида 2026-12-31.
promo-past-date = «{ $word }»: этот день уже прошёл.
promo-bad-word = Не понимаю «{ $word }». После суммы бывает: x100, each 1, until 2026-12-31, new. Каждое один раз.
promo-line = <code>{ $code }</code> · { $sum } · использован { $used }{ $limit ->
        [0] {""}
       *[other] {" "}из { $limit }
    } · на одного: { $each }{ $until ->
        [none] {""}
       *[other] {" "}· по { $until }
    }{ $only ->
        [new] {" "}· только новым
       *[all] {""}
    }{ $state ->
        [off] {" "}· выключен
        [over] {" "}· срок вышел
        [used] {" "}· закончился
       *[on] {""}
    }
promo-exists = Промокод { $code } уже есть, его условия не изменены.
promo-off-nothing = Промокода { $code } нет или он уже выключен.
promos-head = <b>Промокоды</b>
promos-none = Промокодов пока нет. Создать: /promo_new
