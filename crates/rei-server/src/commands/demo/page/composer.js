// The line at the bottom: words, the reply or edit above it, the bot's keyboard below it, and what can be attached.

import { post, upload } from "./api.js";
import { $, el, menuItem, toast } from "./dom.js";
import { summary } from "./chat.js";
import { t } from "./words.js";

const ALBUM_MAX = 10;
const CLIP_S = 4;

const isMedia = (file) => /^(image|video)\//.test(file.type);

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
    $("pick-media").addEventListener("change", (event) => this.media([...event.target.files], event.target));
    $("pick-file").addEventListener("change", (event) => this.files([...event.target.files], event.target));
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
    this.media(files.filter(isMedia));
  }

  drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type !== "drop") return;
    const files = [...event.dataTransfer.files];
    if (files.every(isMedia)) this.media(files);
    else this.files(files);
  }

  /** Sends pictures and clips to be looked at; several make an album. */
  media(files, picker) {
    if (picker) picker.value = "";
    if (files.length) this.upload("media", {}, files.slice(0, ALBUM_MAX));
  }

  /** Sends files as they are. */
  async files(files, picker) {
    if (picker) picker.value = "";
    for (const file of files.slice(0, ALBUM_MAX)) await this.upload("document", {}, [file]);
  }

  /** Sends what the simulator draws: so many pictures, or so many seconds of a clip. */
  drawn(path, drawn) {
    return this.upload(path, { drawn }, []);
  }

  /** What stands in the line goes along as the caption. */
  upload(path, fields, files) {
    const caption = this.takeCaption();
    this.setContext(null);
    return this.attempt(() => upload(path, { customer: this.customer(), caption, ...fields }, files));
  }

  special(kind) {
    return this.attempt(() => post("special", { customer: this.customer(), kind }));
  }

  /** The entries of the attach menu. */
  attachMenu(menu) {
    const item = (icon, key, hint, action, extra) => menuItem(menu, icon, t(key), hint && t(hint), action, extra);
    menu.replaceChildren(
      item("photo", "pick-media", "pick-media-hint", () => $("pick-media").click()),
      item("file", "pick-file", "pick-file-hint", () => $("pick-file").click()),
      el("hr"),
      el("p", { class: "menu-note" }, t("drawn-hint")),
      item("photo", "drawn-photo", null, () => this.drawn("media", 1)),
      item("frames", "drawn-pair", "drawn-pair-hint", () => this.drawn("media", 2)),
      item("album", "drawn-album", null, () => this.drawn("media", 3)),
      item("file", "drawn-file", null, () => this.drawn("document", 1)),
      item("film", "drawn-clip", null, () => this.drawn("clip", CLIP_S)),
      el("hr"),
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
