// The line at the bottom: words, the reply or edit above it, the bot's keyboard below it, and what can be attached.

import { post, upload } from "./api.js";
import { $, el, menuItem, toast } from "./dom.js";
import { summary } from "./chat.js";
import { t } from "./words.js";

const PHOTOS_MAX = 10;

export class Composer {
  /** `customer()` tells who writes. */
  constructor(customer) {
    this.customer = customer;
    this.context = null;
    this.input = $("input");
    $("composer").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.paste(event));
    $("context-close").addEventListener("click", () => this.setContext(null));
    $("keys-button").addEventListener("click", () => this.toggleKeys());
    $("pick-photos").addEventListener("change", (event) => this.photos([...event.target.files], event.target));
    $("pick-file").addEventListener("change", (event) => this.file([...event.target.files], event.target));
    for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => this.drop(event));
  }

  /** Says a text, in words or by a button of the keyboard. */
  say(text) {
    return this.attempt(() => post("say", { customer: this.customer(), text }));
  }

  send() {
    const text = this.input.value.trim();
    if (!text) return;
    const customer = this.customer();
    const { context } = this;
    const sending = context
      ? this.attempt(() => post(context.kind, { customer, message_id: context.message.id, text }))
      : this.say(text);
    this.input.value = "";
    this.setContext(null);
    sending.then((sent) => { if (!sent && !this.input.value) this.input.value = text; });
  }

  /** `kind` is `reply` or `edit`; null ends both. */
  setContext(kind, message) {
    if (this.context?.kind === "edit") this.input.value = "";
    this.context = kind ? { kind, message } : null;
    $("context").hidden = !kind;
    $("send").setAttribute("aria-label", t(kind === "edit" ? "save-edit" : "send"));
    $("send").querySelector("use").setAttribute("href", kind === "edit" ? "#i-check" : "#i-send");
    if (!kind) return;
    $("context").querySelector("use").setAttribute("href", `#i-${kind}`);
    $("context-title").textContent = kind === "edit" ? t("editing") : t("reply-to", { name: t(message.out ? "me" : "the-bot") });
    $("context-text").textContent = summary(message);
    if (kind === "edit") this.input.value = message.text;
    this.input.focus();
  }

  /** The keyboard that the bot put under the input. */
  setKeyboard(rows) {
    const sign = JSON.stringify(rows);
    if (sign === this.keyboardSign) return;
    this.keyboardSign = sign;
    const has = rows.length > 0;
    $("keys-button").hidden = !has;
    $("keys").replaceChildren(...rows.map((row) => el("div", {}, ...row.map((button) => el("button", { type: "button", onclick: () => this.say(button.text) }, button.text)))));
    this.toggleKeys(has && innerHeight > 560);
  }

  toggleKeys(open = $("keys").hidden) {
    $("keys").hidden = !open;
    $("keys-button").setAttribute("aria-expanded", open);
  }

  key(event) {
    if (event.key === "Escape" && this.context) this.setContext(null);
    const touch = matchMedia("(hover: none)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch) return;
    event.preventDefault();
    this.send();
  }

  paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.photos(files.filter((file) => file.type.startsWith("image/")));
  }

  drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type !== "drop") return;
    const files = [...event.dataTransfer.files];
    if (files.every((file) => file.type.startsWith("image/"))) this.photos(files);
    else this.file(files);
  }

  /** Sends pictures as photos; several make an album; none asks the simulator for one. */
  async photos(files, picker) {
    const caption = this.takeCaption();
    if (picker) picker.value = "";
    await this.attempt(() => upload("photo", { customer: this.customer(), caption }, files.slice(0, PHOTOS_MAX)));
  }

  async file(files, picker) {
    const caption = this.takeCaption();
    if (picker) picker.value = "";
    for (const file of files.slice(0, PHOTOS_MAX)) {
      await this.attempt(() => upload("document", { customer: this.customer(), caption }, [file]));
    }
  }

  special(kind) {
    return this.attempt(() => post("special", { customer: this.customer(), kind }));
  }

  /** The entries of the attach menu. */
  attachMenu(menu) {
    const item = (icon, key, hint, action, extra) => menuItem(menu, icon, t(key), hint && t(hint), action, extra);
    menu.replaceChildren(
      item("photo", "pick-photos", "pick-photos-hint", () => $("pick-photos").click()),
      item("file", "pick-file", "pick-file-hint", () => $("pick-file").click()),
      el("hr"),
      item("photo", "sample-photo", "sample-photo-hint", () => this.photos([])),
      item("album", "sample-album", null, () => this.special("album")),
      item("voice", "send-voice", null, () => this.special("voice")),
      item("smile", "send-sticker", null, () => this.special("sticker")),
      item("pin", "send-location", null, () => this.special("location")),
      item("poll", "send-poll", null, () => this.special("poll")),
      el("hr"),
      item("block", "block", null, () => this.special("block"), { class: "danger" }),
      item("check", "unblock", null, () => this.special("unblock")),
    );
  }

  takeCaption() {
    const caption = this.input.value.trim();
    this.input.value = "";
    return caption;
  }

  /** Whether it worked; if not, why is told. */
  async attempt(action) {
    try {
      await action();
      return true;
    } catch (error) {
      toast(t("failed", { why: error.message }), true);
      return false;
    }
  }
}
