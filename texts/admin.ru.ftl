# Для тех, кто ведёт бота.

alert-payment-review =
    ⚠️ Платёж №{$number} на {$sum} не зачислен и ждёт решения: { $reason ->
        [amount] пришла другая сумма
        [currency] другая валюта
        [test] тестовый платёж вместо настоящего или наоборот
        [account] деньги пришли в другой магазин
        [signature] нет нашей подписи
        [not_found] платёжная система его не знает
        [name_taken] его номер уже у другого платежа
        [second_payment] второй платёж по одному счёту
        [unknown_payment] счёта с таким номером у нас нет
       *[other] {$reason}
    }.
alert-payment-refused = ⚠️ Платёжная система не открыла платёж №{$number}: {$reason}. Покупатель ничего не заплатил.
alert-unknown-money =
    ⚠️ Пришли деньги без хозяина: {$sum}, платёж {$id} ({ $reason ->
        [amount] пришла другая сумма
        [currency] другая валюта
        [test] тестовый платёж вместо настоящего или наоборот
        [account] деньги пришли в другой магазин
        [signature] нет нашей подписи
        [not_found] платёжная система его не знает
        [name_taken] его номер уже у другого платежа
        [second_payment] второй платёж по одному счёту
        [unknown_payment] счёта с таким номером у нас нет
       *[other] {$reason}
    }). Они стоят на счёте suspense; чьи они, решает /suspense.
alert-receipt = ⚠️ Чек по платежу №{$number} не зарегистрирован. Проверьте его в кабинете ЮKassa.
alert-offset =
    ⚠️ Зачётный чек на {$sum} (заказ №{$order}, платёж №{$number}) не отправлен: { $reason ->
        [no_email] покупатель не оставил адрес почты. Чек уйдёт сам, когда адрес появится
        [canceled] касса отказалась его регистрировать. Оформите его в кабинете ЮKassa
        [overdue] касса не зарегистрировала его за три дня. Проверьте его в кабинете ЮKassa
        [unavailable] неизвестно, дошёл ли он до ЮKassa. Проверьте в кабинете и, если его нет, оформите там
       *[other] {$reason}
    }.
alert-notice-foreign = ⚠️ Уведомление о платеже {$id} без нашей подписи: другой сайт того же магазина, ручной счёт или подделка. Никому ничего не зачислено.
alert-notice-unreadable = ⚠️ На адрес уведомлений пришло то, что уведомлением не является.
alert-foreign-refund = ⚠️ Возврат мимо бота по платежу №{$number}: {$sum} списано с кошелька. Долг покупателя: {$debt}.
alert-refund-failed = ⚠️ Возврат по платежу №{$number} на {$sum} не прошёл ({$reason}). Деньги снова в кошельке.
alert-reconciliation = ⚠️ Сверка с {$rail} не сошлась: разница {$difference}.
    {$findings}
reconciliation-sound = ✅ Сверка с {$rail}: разница 0. Оплачено {$paid}, возвращено {$refunded}, движений {$count}.
reconciliation-missing = • нет в книге: { $what ->
        [refund] возврат
       *[payment] платёж
    } {$id}, у платёжной системы {$theirs}
reconciliation-extra = • нет у платёжной системы: { $what ->
        [refund] возврат
       *[payment] платёж
    } {$id}, в книге {$book}
reconciliation-sum = • суммы разные: { $what ->
        [refund] возврат
       *[payment] платёж
    } {$id}, у платёжной системы {$theirs}, в книге {$book}
reconciliation-offset = • зачётных чеков больше, чем оплачено: платёж {$id} на {$paid}, чеков на {$offset}
reconciliation-more = … и ещё {$count}

## Платежи руками
alert-orphan-refund = ⚠️ Платёжная система вернула деньги ({$id}) по платежу {$payment}, которого книга не знает. Ничего не проведено, посмотрите в кабинете.
alert-suspense-refund = ⚠️ Деньги без хозяина ушли обратно: {$sum}, платёж {$payment}. Со счёта suspense списано.
refund-description = Возврат по счёту №{$number}
payments-head = 💳 <b>Последние платежи</b>
payments-review-head = ⚠️ <b>Ждут решения</b>
payments-none = Платежей пока нет.
payment-state = { $state ->
        [preparing] открывается
        [waiting] ждёт оплаты
        [paid] оплачен
        [cancelled] закрыт без оплаты
       *[review] ждёт решения
    }
payment-rail = { $rail ->
        [stars] Stars
       *[yookassa] ЮKassa
    }
payment-line = №{$number} · {$sum} · <code>{$customer}</code> · { payment-rail } · { payment-state } · {$date}
payment-card =
    💳 <b>Платёж №{$number}</b> на {$sum}, { payment-state }
    Покупатель <code>{$customer}</code>, { payment-rail }, {$date}
    Номер в платёжной системе: { $id ->
        [none] пока нет
       *[other] <code>{$id}</code>
    }
payment-card-reason = Причина: {$reason}
payment-card-refunded = Возвращено {$sum}, можно вернуть ещё {$left}.
payment-refund-line = ↩️ Возврат №{$number} на {$sum}: { $state ->
        [asked] в пути
        [succeeded] прошёл
       *[cancelled] отказано
    }{ $origin ->
        [foreign] {" "}(мимо бота)
        [chargeback] {" "}(оспорен в банке)
       *[ours] {""}
    }
suspense-head = ❓ <b>Деньги без хозяина</b>
suspense-none = Денег без хозяина нет.
suspense-line = {$sum} · { payment-rail } · <code>{$id}</code> · {$reason} · {$date}{ $state ->
        [assigned] {" "}· отданы покупателю
        [returned] {" "}· возвращены
       *[open] {""}
    }

## Команды админов
adm-usage =
    { $command ->
        [add] Формат: /add НОМЕР СУММА причина. Например: /add 42 100 подарок
        [sub] Формат: /sub НОМЕР СУММА причина. Например: /sub 42 100 ошибка зачисления
        [adjust] Формат: /admin_adjust НОМЕР ±СУММА причина. Например: /admin_adjust 42 -10,50 сверка
        [refund] Формат: /admin_refund ЗАКАЗ [СУММА] причина или /admin_refund PПЛАТЁЖ [СУММА] причина. Например: /admin_refund 1234 25 брак, /admin_refund P77 просьба
        [ban] Формат: /ban НОМЕР [срок] причина. Срок: 30m, 12h, 7d, 2w; без срока — навсегда. Например: /ban 42 7d спам
        [unban] Формат: /unban НОМЕР [причина]. Например: /unban 42 ошибка
        [price] Формат: /price МОДЕЛЬ КЛЮЧ СУММА [с ДАТЫ] [причина]. Например: /price nano-banana-pro 2K 55 с 2026-12-01. Без суммы — версии цены, без ключа — цены модели
        [price_nanobanana] Формат: /price_nanobanana СУММА [с ДАТЫ]. Например: /price_nanobanana 55
        [price_kling] Формат: /price_kling СУММА [с ДАТЫ], цена пяти секунд. Например: /price_kling 120
        [flag] Формат: /flag ИМЯ on|off [причина]. Имя: модель, images или videos. Например: /flag kling-26 off
        [provider] Формат: /provider ИМЯ pause|resume [причина]. Например: /provider kling pause
        [maintenance] Формат: /maintenance on|off [текст]. Например: /maintenance on Вернёмся в 15:00
        [payment] Формат: /payment ПЛАТЁЖ. Например: /payment 77
        [recheck] Формат: /recheck ПЛАТЁЖ. Например: /recheck 77
        [assign] Формат: /assign НОМЕР_В_СИСТЕМЕ ПОКУПАТЕЛЬ причина. Например: /assign 2f1c9a3e-000f-5000-8000-1d2e3f4a5b6c 42 прислал квитанцию
        [return] Формат: /return НОМЕР_В_СИСТЕМЕ причина. Например: /return 2f1c9a3e-000f-5000-8000-1d2e3f4a5b6c чужой платёж
        [chargeback] Формат: /chargeback ПЛАТЁЖ причина. Например: /chargeback 77 письмо банка от 12.11
        [promo_off] Формат: /promo_off КОД. Например: /promo_off SUMMER
        [cancel_job] Формат: /admin_cancel_job ЗАКАЗ [причина]. Например: /admin_cancel_job 1234
        [requeue] Формат: /requeue ЗАКАЗ. Например: /requeue 1234
        [grant_role] Формат: /grant_role НОМЕР роль. Роли: owner, finance, support, viewer; none снимает роль. Например: /grant_role 42 support
        [admin_user] Формат: /admin_user НОМЕР или /admin_user @имя. Например: /admin_user 42
        [ledger] Формат: /ledger НОМЕР. Например: /ledger 42
        [admin_job] Формат: /admin_job ЗАКАЗ. Например: /admin_job 1234
       *[other] Так команда не пишется. Список команд: /admin
    }
adm-no-reason = Назовите причину: она попадёт в журнал и будет видна покупателю. Формат команды: отправьте /{ $command } без слов.
adm-bad-sum = Сумма «{ $sum }» не подходит. Пишите рубли числом больше нуля, до двух знаков после запятой: 100 или 10,50.
adm-bad-signed-sum = Сумма «{ $sum }» не подходит. Пишите рубли со знаком, до двух знаков после запятой: +100 или -10,50.
adm-unknown-customer = Покупателя { $id } нет в базе: он ещё ни разу не писал боту.
adm-not-allowed = Ваша роль ({ $role }) этого не позволяет.
adm-not-yours = Это подтверждает другой админ.
adm-not-self = Нужен второй админ: своё действие одобрить нельзя.
adm-no-such-request = Такого запроса нет.
adm-other-contents = Это сообщение уже было командой «{ $said }». Другое действие отправьте новым сообщением.
adm-done-before = Эта команда уже выполнена: { $said }
adm-dropped = Эта команда отменена или отклонена: { $said }
adm-expired = Время подтверждения вышло, ничего не сделано: { $said }. Отправьте команду ещё раз.
adm-cancelled = ✖️ Отменено, ничего не сделано: { $said }
adm-undone = ↩️ Действие отменено: { $said }
adm-undo-too-late = Отменить уже нельзя, прошло больше недели: { $said }. Сделайте обратное действие командой.
adm-waits = ⏳ Сумма выше порога, ждём второго админа: { $said }
adm-needs-second = Сумма выше порога: после подтверждения понадобится второй админ.
adm-nobody-approves = Сумма выше порога, а второго админа нет. Дайте кому-нибудь роль: /grant_role НОМЕР finance.
adm-approve-head = 🔐 <b>Нужно ваше одобрение.</b> Просит админ { $by }.
adm-approved = ✅ Одобрено админом { $by } и выполнено: { $said }
adm-declined = ✖️ Отклонено админом { $by }, ничего не сделано: { $said }
adm-asker-may-not = Админ { $id } больше не вправе этого просить, ничего не сделано: { $said }
adm-unknown-admin-command = Такой команды нет: /{ $name }. Список: /admin
adm-unknown-button = Эта кнопка устарела.
adm-button-confirm = ✅ Подтвердить
adm-button-cancel = ✖️ Отмена
adm-button-sure = ⚠️ Да, ниже себестоимости
adm-button-approve = ✅ Одобрить
adm-button-decline = ✖️ Отклонить
adm-button-undo = ↩️ Отменить действие
adm-menu =
    <b>Управление</b> · роль { $role }
    Деньги: /add /sub /admin_adjust /admin_refund /ledger /trial
    Платежи: /payments /payment /recheck /reconcile /suspense /assign /return /chargeback
    Подарки: /promos /promo_new /promo_off
    Цены: /price /price_nanobanana /price_kling
    Продажа: /flag /provider /maintenance
    Люди: /users /admin_user /ban /unban /grant_role
    Заказы: /admin_jobs /admin_job /admin_cancel_job /requeue /stuck
    Система: /stats /export /health /doctor /queues /config /version /audit
adm-menu-stats = 📊 Сводка
adm-menu-trial = ⚖️ Ведомость
adm-menu-users = 👥 Люди
adm-menu-bans = 🚫 Баны
adm-menu-orders = 🗂 Заказы
adm-menu-stuck = 🧱 Застряло
adm-menu-models = 🎛 Модели
adm-menu-prices = 🏷 Цены
adm-menu-health = 🩺 Состояние
adm-menu-queues = ⏳ Очереди
adm-menu-audit = 📜 Журнал
adm-menu-roles = 🔑 Роли
adm-menu-payments = 💳 Платежи
adm-menu-suspense = ❓ Без хозяина
adm-preview-money =
    <b>{ $how ->
        [add] Зачислить
        [sub] Списать
       *[other] Исправить баланс
    }</b> { $sign }{ $sum }
    Покупатель { $id } ({ $name })
    Баланс: { $before } → { $after }
    Причина: { $reason }
adm-money-added = ✅ Зачислено { $sum } покупателю { $id }. Его баланс: { $balance }. Причина: { $reason }
adm-money-taken = ✅ Списано { $sum } у покупателя { $id }. Его баланс: { $balance }. Причина: { $reason }
adm-too-much = Нельзя списать { $sum }: у покупателя { $id } свободно только { $free }. В минус не уводим.
adm-customer-debited = С вашего баланса списано { $sum }: { $reason }. Баланс { $balance }
adm-customer-taken-back = Зачисление { $sum } отменено ({ $reason }). Баланс { $balance }
adm-customer-given-back = Списание { $sum } отменено ({ $reason }), деньги снова у вас. Баланс { $balance }
adm-customer-refunded = Вам вернули { $sum } за заказ №{ $number }: { $reason }. Баланс { $balance }
adm-preview-refund =
    <b>Возврат за заказ №{ $number }</b>: { $sum }
    Покупатель { $id } ({ $name })
    Куда: свои деньги { $cash }, бонусы { $bonus }. Списано за заказ: { $charged }
    Причина: { $reason }
adm-preview-refund-payment =
    <b>Возврат платежа №{ $number }</b>: { $sum }, туда, откуда платили
    Покупатель { $id } ({ $name })
    Причина: { $reason }
adm-refunded = ✅ Возвращено { $sum } за заказ №{ $number } покупателю { $id }. Его баланс: { $balance }
adm-refund-too-much = Нельзя вернуть { $sum } (№{ $number }): осталось невозвращённым { $left }.
adm-refund-on-hold = Заказ №{ $number } ещё не списан, деньги на удержании. Остановить его: /admin_cancel_job { $number }
adm-refund-never-charged = За заказ №{ $number } ничего не списано: возвращать нечего.
adm-refund-asked = ✅ Возврат №{ $refund } по платежу №{ $number } начат: { $sum }. Деньги удержаны в кошельке; чем кончится, бот сообщит.
adm-refund-not-paid = Платёж №{ $number } не зачислен: возвращать нечего.
adm-refund-unspent = Нельзя вернуть { $sum } по платежу №{ $number }: в кошельке не потрачено только { $free }.
adm-refund-not-possible = Платёж №{ $number } так вернуть нельзя: { $why ->
        [closed] этот способ оплаты отключён в настройках. Включите его и повторите.
        [whole] звёзды возвращаются только целиком. Повторите без суммы.
        [unnamed] платёжная система не знает его номера. Проверьте платёж: /recheck { $number }
        [receipt] для чека возврата не подходит почта покупателя. Пусть он исправит её в /settings.
       *[other] запрос на возврат не собирается. Подробности в логах.
    }
adm-no-such-order = Заказа №{ $number } нет.
adm-no-such-payment = Платежа №{ $number } нет.
adm-button-payment = №{ $number }
adm-button-recheck = 🔄 Проверить
adm-recheck-asked = { $state ->
        [paid] Платёж №{ $number } уже зачислен. Если по нему есть возврат в пути, спрашиваю о нём платёжную систему.
       *[other] Спрашиваю платёжную систему о платеже №{ $number }. Если он оплачен, деньги зачислятся сами, и покупатель об этом узнает.
    }
adm-reconcile-asked = Сверяю { $date } (сутки по UTC) с платёжными системами, итог пришлю сюда.
adm-reconcile-nobody = Сверять не с чем: платёжные системы не подключены.
adm-bad-past-day = Дата «{ $date }» не подходит. Пишите сегодняшний или прошедший день: 2026-11-24 или 24.11.2026.
adm-suspense-how =
    Отдать покупателю: /assign НОМЕР_В_СИСТЕМЕ ПОКУПАТЕЛЬ причина
    Вернули сами в кабинете: /return НОМЕР_В_СИСТЕМЕ причина
adm-no-such-suspense = Денег без хозяина с номером «{ $id }» нет. Список: /suspense
adm-suspense-before = Про деньги { $id } уже решили: { $state ->
        [assigned] они отданы покупателю.
       *[returned] они возвращены.
    }
adm-preview-assign =
    <b>Отдать деньги без хозяина</b>: { $sum }, платёж <code>{ $payment }</code>
    Покупатель { $id } ({ $name })
    Причина: { $reason }
    ⚠️ Отменить это будет нельзя: лишнее придётся списывать через /sub.
adm-assigned = ✅ { $sum } зачислено покупателю { $id }. Его баланс: { $balance }
adm-preview-return =
    <b>Деньги без хозяина возвращены</b>: { $sum }, платёж <code>{ $payment }</code>
    Бот ничего не переводит: вернуть их нужно самому в кабинете платёжной системы, здесь это только записывается.
    Причина: { $reason }
    ⚠️ Отменить запись будет нельзя.
adm-returned = ✅ Записано: { $sum } по платежу { $payment } возвращены, на счёте suspense их больше нет.
adm-preview-chargeback =
    <b>Банк отозвал платёж №{ $number }</b>: { $sum }
    Покупатель { $id } ({ $name })
    Свои деньги: { $before } → { $after }
    Причина: { $reason }
    Если денег не хватит, баланс уйдёт в минус, и заказы закроются до погашения долга.
    ⚠️ Отменить это будет нельзя: вернуть деньги можно через /add.
adm-charged-back = ✅ Отзыв платежа №{ $number } проведён: { $sum } списано у покупателя { $id }. { $frozen ->
        [yes] Его долг { $debt }, заказы закрыты, пока он не погашен.
       *[no] Денег хватило, долга нет.
    }
adm-chargeback-before = Отзыв платежа №{ $number } уже проведён.
adm-chargeback-not-paid = Платёж №{ $number } не зачислен: отзывать нечего.
adm-chargeback-nothing-left = Платёж №{ $number } уже возвращён целиком: отзывать нечего.
adm-preview-promo = { $what ->
        [new] <b>Новый промокод</b>
       *[off] <b>Выключить промокод</b>: кто уже получил бонус, тот его сохранит. Включить обратно будет нельзя.
    }
adm-promo-made = ✅ Промокод { $code } создан. Покупатели вводят его так: /promo { $code }
adm-promo-ended = ✅ Промокод { $code } выключен. Кто уже получил бонус, тот его сохранил.
adm-preview-ban =
    <b>Заблокировать</b> { $id } ({ $name }), { $until }
    На балансе { $balance }: деньги остаются за ним, вернуть можно через /paysupport
    Причина (её увидит покупатель): { $reason }
adm-banned = 🚫 Покупатель { $id } заблокирован, { $until }.
adm-preview-unban =
    <b>Разблокировать</b> { $id } ({ $name })
    Был заблокирован за: { $bannedfor }
    Причина: { $reason }
adm-unbanned = ✅ Покупатель { $id } снова может заказывать.
adm-not-banned = Покупатель { $id } не заблокирован.
adm-ban-admin = { $id } — админ, его нельзя заблокировать. Владельцев не блокируют, а у остальных сначала снимите роль: /grant_role { $id } none
adm-customer-banned = Ваш доступ к заказам закрыт, { $until }. Причина: { $reason }. Неистраченные деньги ({ $balance }) остаются вашими: напишите в /paysupport, и их вернут. Поддержка работает: /support
adm-customer-unbanned = Доступ к заказам снова открыт. Рады вас видеть: /menu
adm-until = до { $moment } UTC
adm-until-lifted = бессрочно
adm-bans-empty = Заблокированных нет.
adm-bans-head = <b>Заблокированы</b>
adm-ban-line = • { $id } ({ $name }), { $until }: { $reason }
adm-button-unban = ✅ Разблокировать { $id }
adm-preview-grant =
    <b>Роль</b> { $id } ({ $name }): { $before } → { $after }
    Причина: { $reason }
adm-granted = 🔑 Роль { $id } теперь { $role }.
adm-grant-owner = { $id } — владелец из настроек (ADMIN_IDS), его роль меняют там.
adm-alert-role = 🔑 Роль { $id } ({ $name }) теперь { $role }. Изменил админ { $by }.
adm-roles-head = <b>Роли</b>
adm-role-owner = • { $id } ({ $name }): owner, из настроек
adm-role-line = • { $id } ({ $name }): { $role }, дал { $by } { $moment }
adm-preview-switch =
    <b>Переключатель</b> { $name }: { $before } → { $after }
    Причина: { $reason }
adm-preview-maintenance =
    { $state ->
        [closed] <b>Закрыть продажу</b>: новые заказы не принимаются, начатые доделываются. Покупатели увидят: { $words }
       *[other] <b>Открыть продажу</b> { $words }
    }
adm-switched = ✅ { $name }: { $state }. Действует сразу, в других процессах в течение 15 секунд.
adm-no-such-flag = Переключателя «{ $name }» нет. Есть images, videos и имена моделей: /models
adm-flag-of-file = Модель { $name } выключена в каталоге или настройках; включить её отсюда нельзя.
adm-no-such-provider = Сервиса «{ $name }» нет. Есть: { $known }
adm-models-head = <b>Модели</b> · каталог { $version }
adm-model-line =
    { $state ->
        [on] 🟢
        [down] 🟡
       *[other] ⚪
    } <code>{ $sku }</code> { $title } · { $price }
adm-switch-line = 🔌 { $name }: { $state } · { $reason }
adm-button-pause = ⏸ Остановить { $name }
adm-button-resume = ▶️ Возобновить { $name }
adm-preview-prices = <b>Новые цены</b>, { $from }
adm-price-at-once = сразу; сделанные предложения живут по старой цене до 15 минут
adm-price-from = с { $moment } UTC
adm-price-line = • <code>{ $sku }</code> { $choice } ({ $unit }): { $before } → { $after }, себестоимость { $cost }, маржа { $margin } %
adm-price-more = … и ещё { $count }
adm-preview-reason = Причина: { $reason }
adm-below-cost = ⚠️ <b>Ниже себестоимости:</b> <code>{ $sku }</code> { $choice } стоил бы { $price }, а сервис берёт { $cost }. Каждый такой заказ — убыток. Точно?
adm-prices-set = ✅ Цены изменены: { $count }. Действуют сразу, в других процессах в течение 15 секунд.
adm-prices-planned = ✅ Цены запланированы: { $count }, с { $moment } UTC.
adm-no-price-comes = Для { $sku } { $choice } с такой ценой ничего не продать: сумма вне разумных пределов.
adm-whole-rubles = Цена видео — целое число рублей, а не { $sum }. Например: /price_kling 120
adm-nothing-to-price = Такого сейчас не продают: менять нечего.
adm-bad-date = Дата «{ $date }» не подходит. Пишите будущий день: 2026-12-01 или 01.12.2026.
adm-no-such-model = Модели «{ $sku }» нет. Список: /models
adm-no-such-choice = У { $sku } такой цены нет. Есть: { $known }
adm-price-models = <b>Цены</b>: выберите модель
adm-price-model = <b>{ $title }</b> <code>{ $sku }</code>
adm-price-row = • { $choice } ({ $unit }): { $price }, себестоимость { $cost }, маржа { $margin } %
adm-versions-head = <b>Версии цены</b> <code>{ $sku }</code> { $choice } за единицу (картинку или секунду)
adm-versions-none = Цену не меняли: действует каталог.
adm-version-line =
    • №{ $number }: { $price } с { $moment }, поставил { $by }{ $state ->
        [withdrawn] {" "}(снята)
       *[other] {""}
    }
adm-button-model = { $sku }
adm-button-versions = 🕘 { $choice }
adm-button-back-to = ↩️ Вернуть №{ $number }
adm-button-back-to-file = ↩️ Вернуть цену каталога
adm-preview-cancel =
    <b>Остановить заказ №{ $number }</b> ({ $state })
    Покупатель { $id } ({ $name }) получит { $price } назад. Если сервис всё же пришлёт результат, он достанется бесплатно.
adm-order-cancelled = ✅ Заказ №{ $number } остановлен, { $price } вернулись покупателю.
adm-order-over = Заказ №{ $number } уже завершён.
adm-order-part-made = Часть заказа №{ $number } уже готова, он закончится сам. Деньги можно вернуть потом: /admin_refund { $number }
adm-preview-requeue =
    <b>Повторить задание</b> { $kind } (заказ №{ $number })
    Сейчас: { $state }, попыток { $attempts }, ошибка: { $error }
adm-requeued = ✅ Задание { $kind } поставлено на ближайшее время.
adm-job-not-waiting = Повторять нечего: задание сейчас { $state }.
adm-no-such-job = Такого задания нет.
adm-button-requeue-job = 🔁 Повторить { $kind }
adm-button-cancel-order = ✖️ Остановить
adm-button-requeue = 🔁 Повторить
adm-button-refund = 💸 Возврат
adm-button-refresh = 🔄 Обновить
adm-button-card = 👤 Покупатель
adm-button-order = №{ $number }
adm-how-to-refund = Скопируйте и допишите причину (можно и сумму): <code>/admin_refund { $number } </code>
adm-how-to =
    { $command ->
        [ban] Скопируйте и допишите срок (можно без него) и причину: <code>/ban { $id } 7d </code>
       *[other] Скопируйте и допишите сумму и причину: <code>/{ $command } { $id } 100 </code>
    }
adm-no-such-state = Такого списка нет. Есть: active, all, { $known }
adm-orders-empty = Заказов нет ({ $state }).
adm-orders-head = <b>Заказы</b> ({ $state })
adm-order-line = №{ $number } · { $state } · { $sku } · { $price } · { $id } · { $moment }
adm-order-head =
    <b>Заказ №{ $number }</b> ({ $support }) · { $state }
    Покупатель { $id } ({ $name })
    { $sku } через { $provider } · цена { $price }, списано { $charged } · готово { $stored } из { $items }
    Причина: { $reason }
    { $placed } принят
    { $moved } последнее изменение
    { $deadline } крайний срок
adm-order-job = ⚙️ задание: { $state }, попыток { $attempts } из { $max }, ошибка: { $error }
adm-order-attempt =
    🛰 { $moment } попытка { $no } (часть { $item }): { $outcome } за { $took }, ответ: { $code }
    ключ <code>{ $key }</code>, у сервиса <code>{ $task }</code>
adm-order-money = 💰 { $moment } { $phase } { $sum } · { $account }
adm-order-delivery = 📨 { $moment } { $part }: { $state }, попыток { $attempts }, ошибка: { $error }
adm-stuck-head = <b>Застряло</b>
adm-stuck-nothing = ✅ Ничего не застряло.
adm-stuck-order = 🧱 заказ №{ $number } ({ $id }): { $state } уже { $minutes } мин, держит { $price }
adm-stuck-hold = 🔒 удержание { $sum } на { $account }, просрочено на { $minutes } мин
adm-stuck-job = 💀 { $kind } <code>{ $id }</code>: попыток { $attempts }, { $error }
adm-users-empty = Никого не нашлось ({ $filter }). Списки: all, new, active, paying, banned, blocked, frozen, или часть имени.
adm-users-head = <b>Покупатели</b> ({ $filter })
adm-user-line = • <code>{ $id }</code> { $name } · { $balance } · { $seen }{ $mark }
adm-button-person = { $name } · { $id }
adm-card-head =
    <b>{ $name }</b> <code>{ $id }</code>
    Язык { $lang } · с нами с { $since } · был { $seen } UTC
adm-card-money = Свои { $cash } · бонусы { $bonus } · на удержании { $held }
adm-card-orders =
    Заказов { $orders } (доставлено { $delivered }, в работе { $active }), потрачено { $spent }
    Платежей { $payments } на { $paid }
adm-card-role = 🔑 роль { $role }
adm-card-frozen = ❄️ кошелёк заморожен: был возврат мимо бота
adm-card-blocked = 🚫 заблокировал бота
adm-card-banned = ⛔ заблокирован, { $until }: { $reason }
adm-card-consent = 📄 { $subject }, версия { $version }, { $moment }
adm-button-add = ➕ Зачислить
adm-button-sub = ➖ Списать
adm-button-ban = 🚫 Заблокировать
adm-button-orders = 🗂 Заказы
adm-button-ledger = 📒 Проводки
adm-button-audit = 📜 Журнал
adm-ledger-empty = Проводок покупателя { $id } нет.
adm-ledger-head = <b>Проводки</b> { $id }
adm-ledger-line = { $moment } { $phase } { $kind } <b>{ $sum }</b>: дебет { $debit }, кредит { $credit } · { $actor } { $memo }
adm-audit-empty = Журнал пуст.
adm-audit-head = <b>Журнал</b>
adm-audit-line = { $moment } · { $actor } · <b>{ $action }</b> · { $subject } · { $detail }
adm-audit-change = было «{ $was }», стало «{ $became }»
adm-audit-approved = одобрил { $id }
adm-health =
    <b>Состояние</b> · версия { $version }
    Книга: { $balanced ->
        [yes] ✅ сходится
       *[other] ❌ НЕ СХОДИТСЯ, запустите rei audit
    }
    Задания: ждут { $waiting }, в работе { $running }, мёртвых { $dead }
    Сообщения: исходящих { $outbox }, необработанных входящих { $inbox }
    Каталог: в продаже { $models }, отложено строк { $aside }
adm-health-provider =
    { $state ->
        [up] 🟢
        [paused] ⏸
       *[other] 🔴
    } { $name }: { $state }
adm-health-maintenance = 🚧 Продажа закрыта. { $words }
adm-doctor-healthy = ✅ Всё в порядке: книга сходится, периодические задачи идут, очереди движутся, ничего не застряло.
adm-doctor-head = <b>Что не в порядке</b>
adm-doctor-book = ❌ Книга не сходится. Запустите rei audit: он назовёт строку.
adm-doctor-scheduler = ⏱ Периодические задачи никто не выполняет. Если через полминуты будет так же, запустите rei serve или rei worker (без --no-scheduler).
adm-doctor-updates = 📥 Необработанных сообщений: { $updates }. Запустите ещё один rei bot.
adm-doctor-queue = ⏳ Очередь { $queue }: ждут { $jobs }, старшее задание { $minutes } мин. { $why ->
        [busy] Работы больше, чем рук: добавьте rei worker, а для Kling места (KLING_CONCURRENCY). /queues
       *[other] Никто её не берёт: запустите rei serve или rei worker. /queues
    }
adm-doctor-paused = ⏸ Остановлены очереди: { $names }. Продолжить: rei queue resume ИМЯ
adm-doctor-dead = 💀 Мёртвых заданий: { $jobs }. Причины и кнопки повтора: /stuck
adm-doctor-stuck = 🧱 Застряло заказов: { $orders }, просроченных удержаний: { $holds }. Подробно: /stuck
adm-doctor-review = 💳 Платежей ждут решения: { $payments }. Список: /payments
adm-doctor-suspense = ❓ Поступлений без хозяина: { $sums }. Список: /suspense
adm-doctor-down = 🔴 Провайдер { $name } не отвечает. Заказы ждут; проверить ключ и сеть: rei check
adm-doctor-halted = ⏸ Провайдер { $name } остановлен. Продолжить: /provider { $name } resume
adm-doctor-broken = 🗃 Строк каталога с ошибкой, их не продаём: { $rows }. Причины: rei catalog check
adm-doctor-closed = 🚧 Продажа закрыта. Открыть: /maintenance off
adm-queues-empty = ✅ Очереди пусты.
adm-queues-head = <b>Очереди</b>
adm-queue-line = • { $queue } · { $state }: { $jobs }, старшему { $age } с
adm-queues-paused = ⏸ Остановлены: { $names }
adm-config-head = <b>Настройки</b> (секреты скрыты)
adm-config-line = <code>{ $name }</code>: { $value }
adm-version = РЭИ-бот { $version }, каталог { $catalog }
## Конец команд админов
