// Every word of the page in both languages. `t("key", {name: value})`; the language is kept in the browser.

const WORDS = {
  ru: {
    "chat": "Чат с ботом", "demo": "демо", "bot": "бот", "typing": "печатает…", "upload_photo": "отправляет фото…",
    "upload_document": "отправляет файл…", "upload_video": "отправляет видео…", "language": "Switch to English", "language-short": "EN",
    "theme": "Тема: как в системе, светлая, тёмная", "offline": "Связь с демо потеряна, подключаюсь снова…", "messages": "Сообщения",
    "to-end": "К последним сообщениям", "empty-title": "Здравствуйте!", "start": "СТАРТ",
    "empty-text": "Это настоящий бот, только Telegram и нейросеть рядом с ним игрушечные. На счёте 300 ₽: напишите, что нарисовать.",
    "menu": "Меню", "attach": "Прикрепить", "write": "Сообщение", "send": "Отправить", "save-edit": "Сохранить", "keyboard": "Кнопки бота", "cancel": "Отмена", "close": "Закрыть",
    "panel": "Что внутри", "panel-open": "Открыть панель: кошелёк, заказы, проводки", "inside": "Что внутри", "inside-text": "Книга, очередь и неполадки, вживую",
    "wallet": "Можно потратить", "cash": "Деньги", "bonus": "Бонусы", "held": "Удержано", "faults": "Неполадки", "restore": "Всё починить",
    "faults-text": "Сломайте что-нибудь и закажите картинку: деньги не пропадут.", "fault-telegram": "Telegram просит подождать (429)",
    "fault-none": "Работает", "fault-gemini-slow": "Медленно", "fault-gemini-refuse": "Отказ модерации", "fault-gemini-429": "429: лимит",
    "fault-gemini-503": "503: перегрузка", "fault-gemini-drop": "Обрыв связи",
    "worker-running": "Воркер работает", "worker-killed": "Воркер убит", "worker-kill": "Убить", "worker-restore": "Запустить",
    "orders": "Заказы", "no-orders": "Пока нет заказов", "transfers": "Проводки", "no-transfers": "Пока нет проводок",
    "transfers-text": "Каждое движение денег: откуда → куда. Новые сверху.", "jobs": "Очередь", "no-jobs": "Очередь пуста", "outbox": "Исходящие", "no-outbox": "Всё отправлено",
    "accounts": "Счета", "trial-fine": "Сальдо 0 ✓", "trial-bad": "Сальдо {sum}", "no-accounts": "Пока нет счетов", "on-hold": "удержано {sum}",
    "customers": "Кто пишет боту", "admin": "Администратор", "admin-hint": "видит команды владельца", "customer-hint": "покупатель", "actions": "Действия с сообщением",
    "reply": "Ответить", "edit": "Изменить", "copy": "Копировать текст", "copied": "Скопировано", "more": "Действия", "reply-to": "Ответ: {name}", "editing": "Изменение сообщения",
    "me": "вы", "the-bot": "РЭИ-бот", "edited": "изменено", "today": "Сегодня", "save": "Скачать", "download": "Скачать {name}, {size}", "photo": "Фото", "video": "Видео", "voice": "Голосовое сообщение", "file": "Файл", "sticker": "Стикер",
    "pick-photos": "Фото с устройства", "pick-photos-hint": "одно или альбом до 10", "sample-photo": "Фото из демо", "sample-photo-hint": "нарисует симулятор", "sample-album": "Альбом из 4 фото", "pick-file": "Файл", "pick-file-hint": "картинка без сжатия, видео, что угодно",
    "send-voice": "Голосовое", "send-sticker": "Стикер", "send-location": "Геопозиция", "send-poll": "Опрос", "send-contact": "Контакт", "block": "Заблокировать бота", "unblock": "Разблокировать бота", "caption": "Подпись к фото: напишите её до отправки",
    "other": "Сообщение: {kind}", "photo-open": "Открыть фото", "failed": "Не получилось: {why}", "attempt": "попытка {n}", "in": "через {time}", "now": "сейчас",
    "ideas": ["кот в скафандре на Луне", "кофейня под дождём, акварель", "логотип пекарни"],
  },
  en: {
    "chat": "Chat with the bot", "demo": "demo", "bot": "bot", "typing": "typing…", "upload_photo": "sending a photo…",
    "upload_document": "sending a file…", "upload_video": "sending a video…", "language": "Переключить на русский", "language-short": "RU",
    "theme": "Theme: as the system, light, dark", "offline": "The demo is out of reach, connecting again…", "messages": "Messages",
    "to-end": "To the newest messages", "empty-title": "Hello!", "start": "START",
    "empty-text": "The bot is the real one; only Telegram and the image model beside it are toys. There are 300 ₽ in the wallet: write what to draw.",
    "menu": "Menu", "attach": "Attach", "write": "Message", "send": "Send", "save-edit": "Save", "keyboard": "The bot's buttons", "cancel": "Cancel", "close": "Close",
    "panel": "A look inside", "panel-open": "Open the panel: wallet, orders, transfers", "inside": "A look inside", "inside-text": "The book, the queue and the faults, live",
    "wallet": "Free to spend", "cash": "Money", "bonus": "Bonus", "held": "On hold", "faults": "Faults", "restore": "Mend everything",
    "faults-text": "Break something and order a picture: no money gets lost.", "fault-telegram": "Telegram asks to wait (429)",
    "fault-none": "Works", "fault-gemini-slow": "Slow", "fault-gemini-refuse": "Refuses the prompt", "fault-gemini-429": "429: quota",
    "fault-gemini-503": "503: overloaded", "fault-gemini-drop": "Drops the line",
    "worker-running": "The worker is running", "worker-killed": "The worker was killed", "worker-kill": "Kill", "worker-restore": "Start",
    "orders": "Orders", "no-orders": "No orders yet", "transfers": "Transfers", "no-transfers": "No transfers yet",
    "transfers-text": "Every move of money: from → to. Newest first.", "jobs": "Queue", "no-jobs": "The queue is empty", "outbox": "Outbox", "no-outbox": "Everything is sent",
    "accounts": "Accounts", "trial-fine": "Trial balance 0 ✓", "trial-bad": "Trial balance {sum}", "no-accounts": "No accounts yet", "on-hold": "{sum} on hold",
    "customers": "Who writes to the bot", "admin": "Administrator", "admin-hint": "sees the owner's commands", "customer-hint": "customer", "actions": "What to do with the message",
    "reply": "Reply", "edit": "Edit", "copy": "Copy the text", "copied": "Copied", "more": "Actions", "reply-to": "Reply to {name}", "editing": "Editing the message",
    "me": "you", "the-bot": "the bot", "edited": "edited", "today": "Today", "save": "Download", "download": "Download {name}, {size}", "photo": "Photo", "video": "Video", "voice": "Voice message", "file": "File", "sticker": "Sticker",
    "pick-photos": "Photos from this device", "pick-photos-hint": "one, or an album of up to 10", "sample-photo": "A sample photo", "sample-photo-hint": "drawn by the simulator", "sample-album": "An album of 4 photos", "pick-file": "File", "pick-file-hint": "an uncompressed picture, a video, anything",
    "send-voice": "Voice message", "send-sticker": "Sticker", "send-location": "Location", "send-poll": "Poll", "send-contact": "Contact", "block": "Block the bot", "unblock": "Unblock the bot", "caption": "For a caption, write it before you send",
    "other": "Message: {kind}", "photo-open": "Open the photo", "failed": "It did not work: {why}", "attempt": "attempt {n}", "in": "in {time}", "now": "now",
    "ideas": ["a cat in a spacesuit", "a coffee house in the rain", "a bakery logo"],
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
