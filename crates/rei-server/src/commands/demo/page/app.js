// The demo page: puts the chat, the line at the bottom and the panel together, and listens to one customer's events.

import { fileUrl, get, listen, post } from "./api.js";
import { Chat } from "./chat.js";
import { knowCheckout, openCheckout } from "./checkout.js";
import { Composer } from "./composer.js";
import { $, el, menuItem, openMenu, toast, walkWithArrows } from "./dom.js";
import { Panel } from "./panel.js";
import { copy } from "./text.js";
import { currentLanguage, setLanguage, t, translatePage } from "./words.js";

const OFFLINE_AFTER_MS = 1200;
const IDEAS_UNTIL_MESSAGES = 6;
const HUES = [212, 152, 22, 276, 338, 48];
const THEMES = ["", "light", "dark"];

let customers = [];
let customer = null;
let source = null;
let offlineTimer = 0;

const composer = new Composer(() => customer.id);
const chat = new Chat({ command: (text) => composer.say(text), press, menu: messageMenu, reply: (message) => composer.setContext("reply", message), view });
const panel = new Panel({ fault, gift });

async function press(message, button, element) {
  if (button.kind === "disabled") return;
  if (button.kind === "url" || button.kind === "web_app") { openOutside(button.value); return; }
  if (button.kind === "copy_text") { copy(button.value); return; }
  element.classList.add("busy");
  setTimeout(() => element.classList.remove("busy"), 4000);
  const what = button.kind === "callback_data" ? { data: button.value } : { label: button.text };
  await composer.attempt(() => post("tap", { customer: customer.id, message_id: message.id, ...what }));
}

function openOutside(url) {
  if (!openCheckout(url)) open(url, "_blank", "noopener");
}

async function fault(name, args) {
  await composer.attempt(() => post("fault", { name, args }));
}

/** The owner gives the customer money, in his own chat. */
async function gift() {
  await composer.attempt(() => post("gift", { customer: customer.id }));
}

function view(photo) {
  $("viewer-image").src = fileUrl(photo.file);
  $("viewer-save").href = fileUrl(photo.file, `photo-${photo.width}x${photo.height}`);
  $("viewer").showModal();
}

function messageMenu(message, place) {
  const menu = $("actions");
  menu.replaceChildren(
    menuItem(menu, "reply", t("reply"), null, () => composer.setContext("reply", message)),
    ...(message.out && message.text ? [menuItem(menu, "edit", t("edit"), null, () => composer.setContext("edit", message))] : []),
    ...(message.text ? [menuItem(menu, "copy", t("copy"), null, () => copy(message.text))] : []),
  );
  openMenu(menu, place);
}

/* --- the customer --- */

function choose(next) {
  customer = next;
  localStorage.setItem("customer", next.id);
  showCustomer();
  chat.reset();
  panel.reset();
  composer.setContext(null);
  composer.setKeyboard([]);
  source?.close();
  source = listen(next.id, { messages: onMessages, typing: onTyping, toast: onToast, panel: (data) => panel.apply(data), online });
}

function showCustomer() {
  const face = $("customer-face");
  face.textContent = customer.admin ? "★" : customer.name[0];
  face.style.setProperty("--hue", hue(customer));
  $("customer-name").textContent = customer.name;
  $("customer").setAttribute("aria-label", `${t("customers")}: ${customer.name}`);
}

const hue = (person) => HUES[customers.findIndex((other) => other.id === person.id) % HUES.length];

function customerMenu(menu) {
  const entry = (person) => {
    const item = menuItem(menu, null, person.name, t(person.admin ? "admin-hint" : "customer-hint"), () => choose(person), { role: "menuitemradio", "aria-checked": person === customer });
    item.prepend(el("span", { class: "face", "--hue": hue(person) }, person.admin ? "★" : person.name[0]));
    if (person === customer) item.append(el("span", { class: "mark", "aria-hidden": "true" }, "●"));
    return item;
  };
  const people = customers.filter((person) => !person.admin);
  const admins = customers.filter((person) => person.admin);
  menu.replaceChildren(...people.map(entry), ...(admins.length ? [el("hr"), ...admins.map(entry)] : []));
}

/* --- events --- */

function onMessages({ messages, keyboard, commands, reset }) {
  if (reset && chat.loaded) chat.reset();
  chat.apply(messages);
  composer.setKeyboard(keyboard ?? []);
  if (commands) commandMenu(commands);
  calm();
  showIdeas();
}

/** Buttons that wait for the bot stop to. */
function calm() {
  for (const button of document.querySelectorAll(".inline-button.busy")) button.classList.remove("busy");
}

function onTyping({ action }) {
  $("status").textContent = t(action ?? "bot");
  $("status").classList.toggle("busy", Boolean(action));
  chat.typing(action);
}

function onToast({ text, alert, url }) {
  calm();
  if (url) openOutside(url);
  if (!text) return;
  if (!alert) { toast(text); return; }
  $("alert-text").textContent = text;
  $("alert").showModal();
}

function online(yes) {
  clearTimeout(offlineTimer);
  if (yes) $("offline").hidden = true;
  else offlineTimer = setTimeout(() => { $("offline").hidden = false; }, OFFLINE_AFTER_MS);
}

function commandMenu(commands) {
  const menu = $("commands");
  $("menu-button").hidden = commands.length === 0;
  menu.replaceChildren(...commands.map(([name, about]) => {
    const say = () => { menu.hidePopover(); composer.say(`/${name}`); };
    return el("button", { type: "button", role: "menuitem", onclick: say }, el("b", {}, `/${name}`), el("span", {}, about));
  }));
}

function showIdeas() {
  const { size } = chat.messages;
  $("ideas").hidden = size === 0 || size >= IDEAS_UNTIL_MESSAGES;
  $("ideas").replaceChildren(...t("ideas").map((idea) => el("button", { type: "button", onclick: () => composer.say(idea) }, idea)));
}

/* --- the frame --- */

function showPanel(open) {
  $("panel").classList.toggle("open", open);
  $("shade").classList.toggle("open", open);
  $("open-panel").setAttribute("aria-expanded", open);
  (open ? $("close-panel") : $("open-panel")).focus({ preventScroll: true });
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

/** Menus that open from a button are filled and placed when they open. */
function anchored(menu, button, fill) {
  menu.addEventListener("beforetoggle", (event) => event.newState === "open" && fill?.(menu));
  menu.addEventListener("toggle", (event) => event.newState === "open" && openMenu(menu, button));
}

function listenToFrame() {
  $("open-panel").addEventListener("click", () => showPanel(true));
  $("close-panel").addEventListener("click", () => showPanel(false));
  $("shade").addEventListener("click", () => showPanel(false));
  $("start").addEventListener("click", () => composer.say("/start"));
  $("theme").addEventListener("click", () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "") + 1) % THEMES.length]));
  $("language").addEventListener("click", () => { setLanguage(currentLanguage() === "ru" ? "en" : "ru"); translate(); });
  $("viewer").addEventListener("click", (event) => event.target === event.currentTarget && event.currentTarget.close());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && $("panel").classList.contains("open")) showPanel(false);
  });
  anchored($("customers"), $("customer"), customerMenu);
  anchored($("attach"), $("attach-button"), (menu) => composer.attachMenu(menu));
  anchored($("commands"), $("menu-button"));
  for (const menu of document.querySelectorAll(".menu")) walkWithArrows(menu);
}

function translate() {
  translatePage();
  $("language").textContent = t("language-short");
  onTyping({ action: null });
  panel.redraw();
  if (!customer) return;
  showCustomer();
  chat.redraw();
  showIdeas();
}

async function begin() {
  const wanted = new URLSearchParams(location.search);
  setTheme(wanted.get("theme") ?? localStorage.getItem("theme") ?? "");
  if (wanted.get("language")) setLanguage(wanted.get("language") === "en" ? "en" : "ru");
  listenToFrame();
  translate();
  try {
    let checkout;
    ({ customers, checkout } = await get("customers"));
    knowCheckout(checkout);
  } catch {
    online(false);
    setTimeout(() => location.reload(), 3000);
    return;
  }
  const last = wanted.get("customer") ?? localStorage.getItem("customer");
  choose(customers.find((person) => String(person.id) === last) ?? customers[0]);
  if (wanted.has("panel")) showPanel(true);
}

begin();
