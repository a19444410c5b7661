// The look inside: wallet, faults, orders, transfers, queue, outbox and accounts, as the server tells them.

import { $, el } from "./dom.js";
import { clockSeconds, dollars, known, rubles, t, currentLanguage } from "./words.js";

const TRANSFERS_MAX = 60;
const GEMINI_FAULTS = ["none", "gemini-slow", "gemini-refuse", "gemini-429", "gemini-503", "gemini-drop"];

/** The order's way; a state that is not on it ends it. */
const WAY = ["held", "queued", "submitting", "running", "fetching", "ready", "delivering", "delivered"];

const NAMES = {
  ru: {
    held: "удержан", queued: "в очереди", submitting: "отправляется", unknown: "уточняется", running: "рисуется", fetching: "забирается", ready: "готов", delivering: "доставляется", delivered: "доставлен",
    cancelled: "отменён", refused: "отказ, возврат", failed: "сбой, возврат", expired: "истёк, возврат",
    posted: "проведено", pending: "удержано", captured: "списано", voided: "возвращено", expired_hold: "удержание истекло",
    order: "Заказ", topup: "Пополнение", grant: "Зачисление владельцем", gift: "Подарок", promo: "Промокод", adjust: "Поправка", refund: "Возврат", cost: "Затраты", unknown_money: "Неопознанные деньги", fee: "Комиссия", hold: "Удержание", late_loss: "Опоздавший результат", void: "Возврат удержания", capture: "Списание",
    due: "ждёт", claimed: "в работе", done: "сделано", discarded: "отброшено", waiting: "ждёт", sending: "отправляется", sent: "отправлено", parked: "отложено", snoozed: "отложено", retry: "повтор", dead: "снято",
    "acc:cash": "Кошелёк покупателя", "acc:bonus": "Бонусы покупателя", "acc:clearing": "Платёжная система", "acc:revenue": "Выручка", "acc:expense": "Расходы", "acc:cost": "Себестоимость", "acc:payable": "Долг поставщику", "acc:suspense": "Неопознанные деньги", "acc:adjust": "Поправки",
  },
  en: {
    expired_hold: "hold expired", order: "Order", topup: "Top-up", grant: "Grant by the owner", gift: "Gift", promo: "Promo code", adjust: "Correction", refund: "Refund", cost: "Cost", unknown_money: "Unknown money", fee: "Fee", hold: "Hold", late_loss: "Late result", void: "Released hold", capture: "Charge",
    "acc:cash": "Customer's wallet", "acc:bonus": "Customer's bonus", "acc:clearing": "Payment system", "acc:revenue": "Revenue", "acc:expense": "Expenses", "acc:cost": "Cost", "acc:payable": "Owed to the provider", "acc:suspense": "Unknown money", "acc:adjust": "Corrections",
  },
};

const TONES = {
  delivered: "good", captured: "good", done: "good", sent: "good", posted: "info", held: "warn", pending: "warn", queued: "warn", unknown: "warn", parked: "warn", retry: "warn", snoozed: "warn",
  cancelled: "plain", voided: "info", expired: "bad", refused: "bad", failed: "bad", discarded: "bad", dead: "bad", waiting: "plain", due: "plain",
};
const SIGNS = { posted: "✓", pending: "⏳", captured: "✓", voided: "↩", expired: "↩" };

const name = (word) => NAMES[currentLanguage()][word] ?? String(word ?? "").replaceAll("_", " ");
const tone = (word) => TONES[word] ?? "";
const tag = (state) => el("span", { class: `tag ${tone(state)}` }, name(state));

export class Panel {
  /** `actions`: fault(name, args), worker(run). */
  constructor(actions) {
    this.actions = actions;
    this.reset();
    $("restore").addEventListener("click", () => actions.fault("restore", []));
    $("fault-telegram").addEventListener("change", (event) => actions.fault("telegram-429", [event.target.checked ? "on" : "off"]));
    $("worker-button").addEventListener("click", () => actions.fault(this.last?.worker === "killed" ? "start-worker" : "kill-worker", []));
    $("fault-gemini").addEventListener("keydown", (event) => this.walk(event));
    this.chips();
  }

  reset() {
    this.last = null;
    this.seen = null;
    for (const id of ["orders", "transfers", "jobs", "outbox", "accounts"]) $(id).replaceChildren();
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
    this.orders(panel.orders ?? []);
    this.transfers(panel.transfers ?? []);
    this.rows("jobs", panel.jobs ?? [], (job) => [el("span", { class: "name mono" }, job.kind), job.attempts > 1 && el("span", { class: "dim" }, t("attempt", { n: job.attempts })), el("span", { class: "dim" }, due(job.due)), tag(job.state)]);
    this.rows("outbox", panel.outbox ?? [], (row) => [el("span", { class: "name mono" }, row.method), row.attempts > 1 && el("span", { class: "dim" }, t("attempt", { n: row.attempts })), tag(row.state)]);
    this.accounts(panel);
  }

  wallet({ cash = 0, bonus = 0, held = 0 }) {
    const all = cash + bonus + held || 1;
    for (const [part, sum] of Object.entries({ cash, bonus, held })) {
      $(`wallet-${part}`).textContent = rubles(sum);
      $(`bar-${part}`).style.width = `${Math.max(0, (sum / all) * 100)}%`;
    }
    $("wallet-sum").textContent = $("pill-sum").textContent = rubles(cash + bonus);
  }

  chips() {
    const chip = (fault) => {
      const choose = () => this.actions.fault(fault === "none" ? "gemini-off" : fault, ["on"]);
      return el("button", { type: "button", role: "radio", class: fault === "none" ? "fine" : "", "data-fault": fault, onclick: choose }, t(`fault-${fault}`));
    };
    $("fault-gemini").replaceChildren(...GEMINI_FAULTS.map(chip));
    this.markFaults(this.last?.faults ?? {});
  }

  markFaults(faults) {
    for (const button of $("fault-gemini").children) {
      const chosen = button.dataset.fault === (faults.gemini ?? "none");
      button.setAttribute("aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
  }

  /** Arrow keys in the group of faults. */
  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const buttons = [...$("fault-gemini").children];
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
    $("restore").hidden = !faults.gemini && !faults.telegram && !killed;
  }

  orders(orders) {
    this.rows("orders", orders, (order) => {
      const state = String(order.state).toLowerCase();
      const at = WAY.indexOf(state === "unknown" ? "running" : state);
      const steps = WAY.map((_, step) => el("i", { class: `${at < 0 || step <= at ? "on" : ""} ${step === at && state !== "delivered" ? "now" : ""}` }));
      return [
        el("p", {}, el("span", { class: "dim" }, `№${order.number}`), el("span", { class: "title", title: order.title }, order.title), el("b", {}, rubles(order.price))),
        el("p", {}, tag(state)),
        el("div", { class: `steps ${state === "delivered" ? "done" : at < 0 ? "lost" : ""}`, "aria-hidden": "true" }, ...steps),
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
      return element;
    });
    list.replaceChildren(...items);
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
    list.replaceChildren(...rows);
  }
}

function transferItem(transfer) {
  const money = isDollars(transfer.debit) ? dollars : rubles;
  const phase = String(transfer.phase).toLowerCase();
  const order = transfer.order ? ` №${transfer.order}` : "";
  return el("li", { class: "move" },
    el("span", { class: `sign ${tone(phase)}`, "aria-hidden": "true" }, SIGNS[phase] ?? "·"),
    el("span", { class: "what" }, `${name(transfer.kind)}${order}`),
    el("b", { class: "amount" }, money(transfer.amount)),
    el("span", { class: "route mono", title: `${transfer.debit} → ${transfer.credit}` }, `${short(transfer.debit)} → ${short(transfer.credit)}`),
    el("span", { class: "when" }, `${name(phase)} · ${clockSeconds(transfer.at)}`));
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
