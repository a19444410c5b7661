// The look inside: wallet, faults, orders, transfers, queue, outbox and accounts, as the server tells them.

import { $, el } from "./dom.js";
import { clockSeconds, dollars, known, rubles, t, currentLanguage } from "./words.js";

const TRANSFERS_MAX = 60;
const FAULTS = {
  gemini: ["none", "gemini-slow", "gemini-refuse", "gemini-429", "gemini-503", "gemini-drop"],
  kling: ["none", "kling-slow", "kling-refuse", "kling-busy", "kling-down", "kling-lost", "kling-broke"],
  yookassa: ["none", "yookassa-slow", "yookassa-down", "yookassa-lost"],
  notices: ["none", "notices-twice", "notices-lost"],
};
const RAILS = { yookassa: "💳", stars: "⭐" };
const KINDS = { image: "🎨", edit: "🛠", text_video: "🎬", image_video: "🎬", frames_video: "🎬", video_video: "✂️", motion: "🕺" };

/** The order's way; a state that is not on it ends it. */
const WAY = ["queued", "submitting", "running", "fetching", "ready", "delivering", "delivered"];

const NAMES = {
  ru: {
    held: "удержан", queued: "в очереди", submitting: "отправляется", unknown: "уточняется", running: "создаётся", fetching: "забирается", ready: "готов", delivering: "доставляется", delivered: "доставлен",
    cancelled: "отменён", refused: "отказ, возврат", failed: "сбой, возврат", expired: "истёк, возврат", gifted: "опоздал, подарен",
    "phase:post": "проведено", "phase:hold": "удержано", "phase:capture": "списано", "phase:void": "возвращено", "phase:expire": "истекло, возвращено",
    "kind:order": "Заказ", "kind:topup": "Пополнение", "kind:unknown": "Неопознанные деньги", "kind:grant": "Зачисление владельцем", "kind:gift": "Подарок", "kind:promo": "Промокод", "kind:adjust": "Поправка", "kind:refund": "Возврат",
    "kind:foreign_refund": "Возврат извне", "kind:chargeback": "Чарджбэк", "kind:fee": "Комиссия", "kind:cost": "Затраты", "kind:late_loss": "Опоздавший результат",
    "job:ready": "ждёт", "job:scheduled": "по времени", "job:running": "в работе", "job:dead": "снято",
    "out:ready": "ждёт", "out:sending": "отправляется", "out:sent": "отправлено", "out:dropped": "не нужно", "out:parked": "отложено", "out:waiting": "ждёт человека",
    "pay:preparing": "открывается", "pay:waiting": "ждёт оплаты", "pay:paid": "оплачен", "pay:cancelled": "не оплачен", "pay:review": "ждёт решения",
    "acc:cash": "Деньги покупателей", "acc:bonus": "Бонусы покупателей", "acc:clearing": "Платёжная система", "acc:revenue": "Выручка", "acc:expense": "Расходы", "acc:cost": "Себестоимость", "acc:payable": "Долг поставщику", "acc:suspense": "Неопознанные деньги", "acc:adjust": "Поправки",
  },
  en: {
    "phase:post": "posted", "phase:hold": "held", "phase:capture": "captured", "phase:void": "released", "phase:expire": "expired, released",
    "kind:order": "Order", "kind:topup": "Top-up", "kind:unknown": "Unknown money", "kind:grant": "Grant by the owner", "kind:gift": "Gift", "kind:promo": "Promo code", "kind:adjust": "Correction", "kind:refund": "Refund",
    "kind:foreign_refund": "Refund from outside", "kind:fee": "Fee", "kind:cost": "Cost", "kind:late_loss": "Late result", "kind:chargeback": "Chargeback",
    "pay:preparing": "being opened", "pay:waiting": "to be paid", "pay:paid": "paid", "pay:cancelled": "not paid", "pay:review": "to be decided",
    "acc:cash": "Customers' money", "acc:bonus": "Customers' bonus", "acc:clearing": "Payment system", "acc:revenue": "Revenue", "acc:expense": "Expenses", "acc:cost": "Cost", "acc:payable": "Owed to the provider", "acc:suspense": "Unknown money", "acc:adjust": "Corrections",
  },
};

const TONES = {
  delivered: "good", gifted: "good", queued: "warn", held: "warn", unknown: "warn", cancelled: "plain", refused: "bad", failed: "bad", expired: "bad",
  "phase:hold": "warn", "phase:capture": "good", "phase:expire": "bad", "job:ready": "warn", "job:scheduled": "plain", "job:dead": "bad",
  "pay:preparing": "plain", "pay:waiting": "warn", "pay:paid": "good", "pay:cancelled": "bad", "pay:review": "bad",
  "out:ready": "warn", "out:sent": "good", "out:dropped": "plain", "out:parked": "bad", "out:waiting": "warn",
};
const SIGNS = { post: "✓", hold: "⏳", capture: "✓", void: "↩", expire: "↩" };

/** `kind:order`, or a bare state of an order. */
const name = (word) => NAMES[currentLanguage()][word] ?? String(word).replace(/^\w+:/, "").replaceAll("_", " ");
const tone = (word) => TONES[word] ?? "";
const tag = (state) => el("span", { class: `tag ${tone(state)}` }, name(state));

export class Panel {
  /** `actions`: fault(name, args), gift(). */
  constructor(actions) {
    this.actions = actions;
    this.reset();
    $("restore").addEventListener("click", () => actions.fault("restore", []));
    $("fault-telegram").addEventListener("change", (event) => actions.fault("telegram-429", [event.target.checked ? "on" : "off"]));
    $("worker-button").addEventListener("click", () => actions.fault(this.last?.worker === "killed" ? "start-worker" : "kill-worker", []));
    $("gift").addEventListener("click", () => actions.gift());
    for (const group of Object.keys(FAULTS)) $(`fault-${group}`).addEventListener("keydown", (event) => this.walk(event));
    this.chips();
  }

  reset() {
    this.last = null;
    this.seen = null;
    for (const id of ["orders", "payments", "transfers", "jobs", "outbox", "accounts"]) $(id).replaceChildren();
  }

  redraw() {
    this.chips();
    const { last } = this;
    this.seen = null;
    if (last) this.apply(last);
  }

  apply(panel) {
    this.last = panel;
    this.wallet(panel.wallet ?? {});
    this.faults(panel);
    this.rows("payments", panel.payments ?? [], (payment) => [el("span", { class: "dim" }, `№${payment.number}`), el("span", { class: "name" }, `${RAILS[payment.rail] ?? ""} ${rubles(payment.sum)}`), tag(`pay:${payment.state}`)]);
    this.orders(panel.orders ?? []);
    this.transfers(panel.transfers ?? []);
    this.rows("jobs", panel.jobs ?? [], (job) => [el("span", { class: "name mono" }, job.kind), job.attempts > 1 && el("span", { class: "dim" }, t("attempt", { n: job.attempts })), job.state !== "running" && el("span", { class: "dim" }, due(job.due)), tag(`job:${job.state}`)]);
    this.rows("outbox", panel.outbox ?? [], (row) => [el("span", { class: "name mono" }, row.method), row.attempts > 1 && el("span", { class: "dim" }, t("attempt", { n: row.attempts })), tag(`out:${row.state}`)]);
    this.accounts(panel);
  }

  wallet({ cash = 0, bonus = 0, held = 0 }) {
    const all = cash + bonus + held || 1;
    for (const [part, sum] of Object.entries({ cash, bonus, held })) {
      $(`wallet-${part}`).textContent = rubles(sum);
      $(`bar-${part}`).style.width = `${Math.max(0, (sum / all) * 100)}%`;
      $(`bar-${part}`).hidden = sum <= 0;
    }
    $("wallet-sum").textContent = $("pill-sum").textContent = rubles(cash + bonus);
  }

  chips() {
    for (const [group, faults] of Object.entries(FAULTS)) {
      const chip = (fault) => {
        const choose = () => this.actions.fault(fault === "none" ? `${group}-off` : fault, ["on"]);
        return el("button", { type: "button", role: "radio", class: fault === "none" ? "fine" : "", "data-fault": fault, onclick: choose }, t(`fault-${fault}`));
      };
      $(`fault-${group}`).replaceChildren(...faults.map(chip));
    }
    this.markFaults(this.last?.faults ?? {});
  }

  markFaults(faults) {
    for (const group of Object.keys(FAULTS)) {
      for (const button of $(`fault-${group}`).children) {
        const chosen = button.dataset.fault === (faults[group] ?? "none");
        button.setAttribute("aria-checked", chosen);
        button.tabIndex = chosen ? 0 : -1;
      }
    }
  }

  /** Arrow keys in a group of faults. */
  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const buttons = [...event.currentTarget.children];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }

  faults({ faults = {}, worker }) {
    this.markFaults(faults);
    $("fault-telegram").checked = Boolean(faults.telegram);
    const killed = worker === "killed";
    $("worker-dot").classList.toggle("down", killed);
    $("worker-state").textContent = t(killed ? "worker-killed" : "worker-running");
    $("worker-button").textContent = t(killed ? "worker-restore" : "worker-kill");
    $("worker-button").classList.toggle("danger", !killed);
    $("restore").hidden = !faults.gemini && !faults.kling && !faults.yookassa && !faults.notices && !faults.telegram && !killed;
  }

  orders(orders) {
    this.rows("orders", orders, (order) => {
      const state = String(order.state).toLowerCase();
      const at = WAY.indexOf({ unknown: "running", gifted: "delivered" }[state] ?? state);
      const done = at === WAY.length - 1;
      const steps = WAY.map((_, step) => el("i", { class: `${at < 0 || step <= at ? "on" : ""} ${step === at && !done ? "now" : ""}` }));
      const kind = known(`task-${order.kind}`) ? t(`task-${order.kind}`) : "";
      const title = order.title || kind;
      return [
        el("p", {}, el("span", { class: "dim" }, `№${order.number}`), el("span", { role: "img", "aria-label": kind, title: kind }, KINDS[order.kind] ?? ""), el("span", { class: "title", title }, title), el("b", {}, rubles(order.price))),
        el("p", {}, tag(state)),
        el("div", { class: `steps ${done ? "done" : at < 0 ? "lost" : ""}`, "aria-hidden": "true" }, ...steps),
      ];
    }, "order");
  }

  transfers(transfers) {
    const list = $("transfers");
    $("n-transfers").textContent = transfers.length || "";
    if (!transfers.length) { list.replaceChildren(el("li", { class: "none" }, t("no-transfers"))); this.seen = new Map(); return; }
    const seen = this.seen;
    const now = new Map();
    const items = transfers.slice(0, TRANSFERS_MAX).map((transfer) => {
      const sign = JSON.stringify(transfer);
      const before = seen?.get(transfer.id);
      now.set(transfer.id, { sign, element: before?.sign === sign ? before.element : transferItem(transfer) });
      const { element } = now.get(transfer.id);
      if (seen && !before) element.classList.add("fresh");
      else if (before && before.sign !== sign) element.classList.add("changed");
      else element.classList.remove("fresh", "changed");
      return element;
    });
    fill(list, items);
    this.seen = now;
  }

  accounts({ accounts = [], trial_balance: trial = 0 }) {
    this.rows("accounts", accounts, (account) => {
      const money = isDollars(account.name) ? dollars : rubles;
      return [
        el("span", { class: "name" }, accountTitle(account.name), el("small", { title: account.name }, account.name)),
        el("span", { class: "value" }, el("span", { class: "amount" }, money(account.balance)), account.held ? el("small", { class: "dim" }, el("br"), t("on-hold", { sum: money(account.held) })) : null),
      ];
    });
    $("trial").textContent = trial === 0 ? t("trial-fine") : t("trial-bad", { sum: rubles(trial) });
    $("trial").classList.toggle("bad", trial !== 0);
  }

  /** Fills a list, and makes only changed rows anew. */
  rows(id, items, build, kind = "row") {
    const list = $(id);
    const count = $(`n-${id}`);
    if (count) count.textContent = items.length || "";
    if (!items.length) { list.replaceChildren(el("li", { class: "none" }, t(known(`no-${id}`) ? `no-${id}` : id))); return; }
    const old = [...list.children];
    const rows = items.map((item, at) => {
      const sign = JSON.stringify(item) + currentLanguage();
      if (old[at]?.dataset.sign === sign && item.due == null) return old[at];
      return el("li", { class: kind, "data-sign": sign }, ...build(item));
    });
    fill(list, rows);
  }
}

/** Replaces what a list holds, unless it holds just that: what is put in again would be animated again. */
function fill(list, items) {
  const same = list.children.length === items.length && items.every((item, at) => item === list.children[at]);
  if (!same) list.replaceChildren(...items);
}

function transferItem(transfer) {
  const money = isDollars(transfer.debit) ? dollars : rubles;
  const phase = String(transfer.phase).toLowerCase();
  const order = transfer.order ? ` №${transfer.order}` : "";
  return el("li", { class: "move" },
    el("span", { class: `sign ${tone(`phase:${phase}`) || "info"}`, "aria-hidden": "true" }, SIGNS[phase] ?? "·"),
    el("span", { class: "what" }, `${name(`kind:${transfer.kind}`)}${order}`, tag(`phase:${phase}`)),
    el("b", { class: "amount" }, money(transfer.amount)),
    el("span", { class: "route mono", title: `${transfer.debit} → ${transfer.credit}` }, `${short(transfer.debit)} → ${short(transfer.credit)}`),
    el("span", { class: "when" }, clockSeconds(transfer.at)));
}

const isDollars = (account) => /^(cost|payable):/.test(account ?? "");
const short = (account) => String(account ?? "").replace(/^customer:\d+:/, "customer:");

function accountTitle(account) {
  const [kind, , part] = account.split(":");
  const key = kind === "customer" ? `acc:${part}` : `acc:${kind}`;
  return NAMES[currentLanguage()][key] ?? account;
}

function due(at) {
  if (at == null) return "";
  const seconds = Math.round((at - Date.now()) / 1000);
  if (seconds <= 0) return t("now");
  const unit = currentLanguage() === "ru" ? ["с", "мин", "ч"] : ["s", "min", "h"];
  const time = seconds < 90 ? `${seconds} ${unit[0]}` : seconds < 5400 ? `${Math.round(seconds / 60)} ${unit[1]}` : `${Math.round(seconds / 3600)} ${unit[2]}`;
  return t("in", { time });
}
