// Every word of the page in both languages. `t("key", {name: value})`; the language is kept in the browser.

const WORDS = {
  ru: {
    "chat": "Чат с ботом", "demo": "демо", "bot": "бот", "typing": "печатает…", "upload_photo": "отправляет фото…",
    "upload_document": "отправляет файл…", "upload_video": "отправляет видео…", "language": "Switch to English", "language-short": "EN",
    "theme": "Тема: как в системе, светлая, тёмная", "offline": "Связь с демо потеряна, подключаюсь снова…", "messages": "Сообщения",
    "to-end": "К последним сообщениям", "empty-title": "Здравствуйте!", "start": "СТАРТ",
    "empty-text": "Это настоящий бот, только Telegram и нейросети рядом с ним игрушечные. На счёте 300 ₽: напишите, что нарисовать, или пришлите фото.",
    "menu": "Меню", "attach": "Прикрепить", "write": "Сообщение", "send": "Отправить", "save-edit": "Сохранить", "keyboard": "Кнопки бота", "cancel": "Отмена", "close": "Закрыть",
    "panel": "Что внутри", "panel-open": "Открыть панель: кошелёк, заказы, проводки", "inside": "Что внутри", "inside-text": "Книга, очередь и неполадки, вживую",
    "wallet": "Можно потратить", "gift": "+1000 ₽ от владельца", "cash": "Деньги", "bonus": "Бонусы", "held": "Удержано", "faults": "Неполадки", "restore": "Всё починить",
    "faults-text": "Сломайте что-нибудь и сделайте заказ: деньги не пропадут.", "pictures-by": "Картинки: Nano Banana", "videos-by": "Видео: Kling", "payments-by": "Платежи: ЮKassa", "notices-by": "Уведомления ЮKassa", "fault-telegram": "Telegram просит подождать (429)",
    "fault-none": "Работает", "fault-gemini-slow": "Медленно", "fault-gemini-refuse": "Отказ модерации", "fault-gemini-429": "429: лимит",
    "fault-gemini-503": "503: перегрузка", "fault-gemini-drop": "Обрыв связи",
    "fault-kling-slow": "Медленно", "fault-kling-refuse": "Отказ модерации", "fault-kling-busy": "Занят", "fault-kling-down": "Лежит", "fault-kling-lost": "Ответ теряется", "fault-kling-broke": "Кончились деньги",
    "fault-yookassa-slow": "Медленно", "fault-yookassa-down": "Лежит", "fault-yookassa-lost": "Ответ теряется", "fault-notices-twice": "Дважды", "fault-notices-lost": "Не приходят",
    "payments": "Счета на оплату", "no-payments": "Счетов на оплату пока нет", "checkout": "Страница ЮKassa", "new-tab": "Открыть в новой вкладке",
    "task-image": "картинка", "task-edit": "изменение фото", "task-text_video": "видео по описанию", "task-image_video": "видео из фото", "task-frames_video": "видео между двумя фото", "task-video_video": "изменение видео", "task-motion": "перенос движения",
    "worker-running": "Воркер работает", "worker-killed": "Воркер убит", "worker-kill": "Убить", "worker-restore": "Запустить",
    "orders": "Заказы", "no-orders": "Пока нет заказов", "transfers": "Проводки", "no-transfers": "Пока нет проводок",
    "transfers-text": "Каждое движение денег: откуда → куда. Новые сверху.", "jobs": "Очередь", "no-jobs": "Очередь пуста", "outbox": "Исходящие", "no-outbox": "Всё отправлено",
    "accounts": "Счета", "trial-fine": "Сальдо 0 ✓", "trial-bad": "Сальдо {sum}", "no-accounts": "Пока нет счетов", "on-hold": "удержано {sum}",
    "customers": "Кто пишет боту", "admin": "Администратор", "admin-hint": "видит команды владельца", "customer-hint": "покупатель", "actions": "Действия с сообщением",
    "reply": "Ответить", "edit": "Изменить", "copy": "Копировать текст", "copied": "Скопировано", "more": "Действия", "reply-to": "Ответ: {name}", "editing": "Изменение сообщения",
    "me": "вы", "the-bot": "РЭИ-бот", "edited": "изменено", "today": "Сегодня", "save": "Скачать", "download": "Скачать {name}, {size}", "photo": "Фото", "video": "Видео", "play": "Смотреть", "voice": "Голосовое сообщение", "file": "Файл", "sticker": "Стикер",
    "pick-media": "Фото или видео", "pick-media-hint": "с устройства, одно или альбом до 10", "pick-file": "Файл", "pick-file-hint": "картинка без сжатия, что угодно",
    "drawn-hint": "Своего нет? Нарисует симулятор:", "drawn-photo": "Фото", "drawn-pair": "Два фото", "drawn-pair-hint": "первый и последний кадр", "drawn-album": "Альбом из трёх фото", "drawn-file": "Картинка файлом", "drawn-clip": "Видео на 4 секунды",
    "send-voice": "Голосовое", "send-sticker": "Стикер", "send-location": "Геопозиция", "send-poll": "Опрос", "send-contact": "Контакт", "block": "Заблокировать бота", "unblock": "Разблокировать бота", "caption": "Подпись к фото: напишите её до отправки",
    "other": "Сообщение: {kind}", "photo-open": "Открыть фото", "failed": "Не получилось: {why}", "attempt": "попытка {n}", "in": "через {time}", "now": "сейчас",
    "ideas": ["кот в скафандре на Луне", "кофейня под дождём, акварель", "/video кит над городом"],
  },
  en: {
    "chat": "Chat with the bot", "demo": "demo", "bot": "bot", "typing": "typing…", "upload_photo": "sending a photo…",
    "upload_document": "sending a file…", "upload_video": "sending a video…", "language": "Переключить на русский", "language-short": "RU",
    "theme": "Theme: as the system, light, dark", "offline": "The demo is out of reach, connecting again…", "messages": "Messages",
    "to-end": "To the newest messages", "empty-title": "Hello!", "start": "START",
    "empty-text": "The bot is the real one; only Telegram and the models beside it are toys. There are 300 ₽ in the wallet: write what to draw, or send a photo.",
    "menu": "Menu", "attach": "Attach", "write": "Message", "send": "Send", "save-edit": "Save", "keyboard": "The bot's buttons", "cancel": "Cancel", "close": "Close",
    "panel": "A look inside", "panel-open": "Open the panel: wallet, orders, transfers", "inside": "A look inside", "inside-text": "The book, the queue and the faults, live",
    "wallet": "Free to spend", "gift": "+1000 ₽ from the owner", "cash": "Money", "bonus": "Bonus", "held": "On hold", "faults": "Faults", "restore": "Mend everything",
    "faults-text": "Break something and order: no money gets lost.", "pictures-by": "Pictures: Nano Banana", "videos-by": "Videos: Kling", "payments-by": "Payments: YooKassa", "notices-by": "YooKassa's notifications", "fault-telegram": "Telegram asks to wait (429)",
    "fault-none": "Works", "fault-gemini-slow": "Slow", "fault-gemini-refuse": "Refuses the prompt", "fault-gemini-429": "429: quota",
    "fault-gemini-503": "503: overloaded", "fault-gemini-drop": "Drops the line",
    "fault-kling-slow": "Slow", "fault-kling-refuse": "Refuses the prompt", "fault-kling-busy": "Busy", "fault-kling-down": "Down", "fault-kling-lost": "Loses its answer", "fault-kling-broke": "Out of money",
    "fault-yookassa-slow": "Slow", "fault-yookassa-down": "Down", "fault-yookassa-lost": "Loses its answer", "fault-notices-twice": "Twice", "fault-notices-lost": "Never come",
    "payments": "Payments", "no-payments": "No payments yet", "checkout": "YooKassa's page", "new-tab": "Open in a new tab",
    "task-image": "picture", "task-edit": "photo edit", "task-text_video": "video from words", "task-image_video": "video from a photo", "task-frames_video": "video between two photos", "task-video_video": "video edit", "task-motion": "motion transfer",
    "worker-running": "The worker is running", "worker-killed": "The worker was killed", "worker-kill": "Kill", "worker-restore": "Start",
    "orders": "Orders", "no-orders": "No orders yet", "transfers": "Transfers", "no-transfers": "No transfers yet",
    "transfers-text": "Every move of money: from → to. Newest first.", "jobs": "Queue", "no-jobs": "The queue is empty", "outbox": "Outbox", "no-outbox": "Everything is sent",
    "accounts": "Accounts", "trial-fine": "Trial balance 0 ✓", "trial-bad": "Trial balance {sum}", "no-accounts": "No accounts yet", "on-hold": "{sum} on hold",
    "customers": "Who writes to the bot", "admin": "Administrator", "admin-hint": "sees the owner's commands", "customer-hint": "customer", "actions": "What to do with the message",
    "reply": "Reply", "edit": "Edit", "copy": "Copy the text", "copied": "Copied", "more": "Actions", "reply-to": "Reply to {name}", "editing": "Editing the message",
    "me": "you", "the-bot": "the bot", "edited": "edited", "today": "Today", "save": "Download", "download": "Download {name}, {size}", "photo": "Photo", "video": "Video", "play": "Play", "voice": "Voice message", "file": "File", "sticker": "Sticker",
    "pick-media": "Photos or videos", "pick-media-hint": "from this device, one, or an album of up to 10", "pick-file": "File", "pick-file-hint": "an uncompressed picture, anything",
    "drawn-hint": "Nothing at hand? The simulator draws:", "drawn-photo": "A photo", "drawn-pair": "Two photos", "drawn-pair-hint": "first and last frame", "drawn-album": "An album of three photos", "drawn-file": "A picture as a file", "drawn-clip": "A video of 4 seconds",
    "send-voice": "Voice message", "send-sticker": "Sticker", "send-location": "Location", "send-poll": "Poll", "send-contact": "Contact", "block": "Block the bot", "unblock": "Unblock the bot", "caption": "For a caption, write it before you send",
    "other": "Message: {kind}", "photo-open": "Open the photo", "failed": "It did not work: {why}", "attempt": "attempt {n}", "in": "in {time}", "now": "now",
    "ideas": ["a cat in a spacesuit", "a coffee house in the rain", "/video a whale above the city"],
  },
};

let language = localStorage.getItem("language") || "ru";

export function currentLanguage() {
  return language;
}

export function setLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
  translatePage();
}

/** The word for a key; the key itself when there is none. */
export function t(key, values = {}) {
  const word = WORDS[language][key] ?? key;
  return typeof word === "string" ? word.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : word;
}

/** Whether there is a word for this key. */
export function known(key) {
  return key in WORDS[language];
}

/** Fills in all elements that name their words. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.matches("button")) element.title = t(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = t(element.dataset.placeholder);
}

const NARROW = "\u202f";

/** Kopecks as rubles: `1 250 ₽`, `10,50 ₽`. */
export function rubles(kopecks) {
  if (kopecks == null) return "…";
  const whole = kopecks % 100 === 0;
  const number = (kopecks / 100).toLocaleString(language, whole ? {} : { minimumFractionDigits: 2 });
  return `${number.replace(/[\s\u00a0]/g, NARROW)}${NARROW}₽`;
}

/** Millionths of a dollar: `$0.1407`. */
export function dollars(micros) {
  return `${micros < 0 ? "−" : ""}$${Math.abs(micros / 1e6).toFixed(4)}`;
}

export function fileSize(bytes) {
  const units = language === "ru" ? ["Б", "КБ", "МБ"] : ["B", "KB", "MB"];
  let unit = 0;
  while (bytes >= 1024 && unit < 2) { bytes /= 1024; unit += 1; }
  return `${bytes.toLocaleString(language, { maximumFractionDigits: bytes < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

export function clockTime(ms) {
  return new Date(ms).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function clockSeconds(ms) {
  return new Date(ms).toLocaleTimeString(language, { hour12: false });
}

export function dayName(ms) {
  const day = new Date(ms);
  return day.toDateString() === new Date().toDateString() ? t("today") : day.toLocaleDateString(language, { day: "numeric", month: "long" });
}
