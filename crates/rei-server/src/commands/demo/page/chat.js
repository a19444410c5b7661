// The list of messages: bubbles that are edited in place, grouped albums, buttons, and where the list is scrolled to.

import { fileUrl } from "./api.js";
import { $, el, icon } from "./dom.js";
import { marked } from "./text.js";
import { clockTime, dayName, fileSize, known, t } from "./words.js";

const NEAR_END_PX = 120;
const LONG_PRESS_MS = 450;

export class Chat {
  /** `actions`: command(text), press(message, button, element), menu(message, place), reply(message), view(photo). */
  constructor(actions) {
    this.actions = actions;
    this.log = $("log");
    this.scroller = $("scroller");
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    $("to-end").addEventListener("click", () => this.toEnd(true));
    const sizes = new ResizeObserver(() => this.pinned && this.toEnd());
    sizes.observe(this.scroller);
    sizes.observe(this.log);
    this.reset();
  }

  /** Forgets everything, for another customer. */
  reset() {
    this.messages = new Map();
    this.shown = new Map();
    this.log.replaceChildren();
    this.loaded = false;
    this.pinned = true;
    this.unread = 0;
    $("empty").hidden = true;
    this.typing(null);
    this.showWay();
  }

  /** Takes new, edited and deleted messages. */
  apply(changes) {
    let news = 0;
    for (const message of changes) {
      if (message.deleted) this.messages.delete(message.id);
      else {
        if (this.loaded && !this.messages.has(message.id) && !message.out) news += 1;
        if (message.out && !this.messages.has(message.id)) this.pinned = true;
        this.messages.set(message.id, message);
      }
    }
    this.draw(this.loaded);
    this.loaded = true;
    $("empty").hidden = this.messages.size > 0;
    if (this.pinned) this.toEnd();
    else this.unread += news;
    this.showWay();
  }

  /** Draws everything again, in another language. */
  redraw() {
    this.shown.clear();
    this.log.replaceChildren();
    this.draw(false);
  }

  get(id) {
    return this.messages.get(id);
  }

  typing(action) {
    $("typing").hidden = !action;
    if (action && this.pinned) this.toEnd();
  }

  toEnd(smooth = false) {
    this.pinned = true;
    this.unread = 0;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  /** Only the reader's own scrolling leaves the end of the list; a picture that loads, or a keyboard that opens, does not. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const size = `${scrollHeight} ${clientHeight}`;
    if (size === this.size) this.pinned = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.size = size;
    if (this.pinned) this.unread = 0;
    this.showWay();
  }

  showWay() {
    $("to-end").hidden = this.pinned;
    $("unread").hidden = !this.unread;
    $("unread").textContent = this.unread;
  }

  /** Brings the list in line with the messages; only what changed is made anew. */
  draw(animate) {
    const groups = this.groups();
    const keys = new Set(groups.map((group) => group.key));
    for (const [key, shown] of this.shown) {
      if (!keys.has(key)) { shown.element.remove(); this.shown.delete(key); }
    }
    let before = null;
    for (const group of groups) {
      const sign = JSON.stringify([group.messages, group.turn]);
      const shown = this.shown.get(group.key);
      let element = shown?.element;
      if (shown?.sign !== sign) {
        element = group.day ? el("li", { class: "day", role: "separator" }, group.day) : this.bubble(group);
        if (shown) {
          const edited = shown.sign && JSON.stringify(shown.messages) !== JSON.stringify(group.messages);
          shown.element.replaceWith(element);
          if (edited && animate) element.querySelector(".bubble")?.classList.add("changed");
        } else if (animate) element.classList.add("fresh");
        this.shown.set(group.key, { element, sign, messages: group.messages });
      }
      const place = before ? before.nextSibling : this.log.firstChild;
      if (element !== place) this.log.insertBefore(element, place);
      before = element;
    }
  }

  /** Messages in order, albums together, days between. */
  groups() {
    const sorted = [...this.messages.values()].sort((a, b) => a.id - b.id);
    const groups = [];
    let day = null, last = null;
    for (const message of sorted) {
      const name = dayName(message.date * 1000);
      if (name !== day) { groups.push({ key: `day-${name}`, day: name, messages: [] }); day = name; last = null; }
      if (message.album && last?.album === message.album) { last.messages.push(message); continue; }
      last = { key: `m-${message.id}`, album: message.album, messages: [message], turn: !last || last.messages[0].out !== message.out };
      groups.push(last);
    }
    return groups;
  }

  bubble({ messages, turn }) {
    const main = messages.find((message) => message.text) ?? messages[0];
    const item = el("li", { class: "msg" });
    item.classList.toggle("out", main.out);
    item.classList.toggle("turn", Boolean(turn));
    item.classList.toggle("with-keys", main.rows.length > 0);
    const bubble = el("div", { class: "bubble" });
    if (main.reply_to) bubble.append(this.quote(main.reply_to));
    for (const part of this.media(messages, item)) bubble.append(part);
    if (main.text) bubble.append(this.words(main));
    else if (messages.some((message) => message.photo || message.video)) bubble.classList.add("bare");
    if (main.reactions.length) bubble.append(el("div", { class: "reactions" }, ...main.reactions.map((emoji) => el("span", {}, emoji))));
    bubble.append(this.meta(main));
    item.append(el("div", { class: "body" }, bubble, this.sideButtons(main)));
    if (main.rows.length) item.append(this.keyboard(main));
    this.listenForMenu(bubble, main);
    return item;
  }

  words(message) {
    const width = 42 + (message.edited ? 62 : 0) + (message.out ? 18 : 0);
    return el("div", { class: "words", "--meta": `${width}px` }, ...marked(message.text, message.entities, this.actions.command));
  }

  meta(message) {
    return el("span", { class: "meta" }, message.edited > 0 && el("span", {}, t("edited")),
      el("time", { datetime: new Date(message.date * 1000).toISOString() }, clockTime(message.date * 1000)), message.out && icon("check"));
  }

  media(messages, item) {
    const parts = [];
    const photos = messages.filter((message) => message.photo);
    if (photos.length) {
      const [{ photo }] = photos;
      item.classList.add("has-media");
      if (photos.length === 1 && photo.height > photo.width) item.classList.add("tall");
      parts.push(el("div", { class: photos.length > 1 ? "photos album" : "photos" }, ...photos.map((message) => this.photo(message, photos.length))));
    }
    for (const message of messages) {
      if (message.video) { item.classList.add("has-media"); item.classList.toggle("tall", message.video.height > message.video.width); parts.push(this.video(message.video)); }
      if (message.document) parts.push(this.document(message.document, !message.text));
      if (message.voice) parts.push(this.voice(message.voice));
      if (message.sticker) { item.classList.add("sticker"); parts.push(el("div", { role: "img", "aria-label": t("sticker") }, message.sticker.emoji || "🙂")); }
      if (message.other) parts.push(el("div", { class: "note" }, this.other(message.other)));
    }
    return parts;
  }

  photo({ photo }, count) {
    const image = el("img", { src: fileUrl(photo.file), alt: t("photo"), loading: "lazy", width: photo.width, height: photo.height });
    const open = () => this.actions.view(photo);
    const button = el("button", { type: "button", class: "photo", "aria-label": t("photo-open"), onclick: open }, image);
    if (count === 1 && photo.width) button.style.aspectRatio = Math.max(0.6, Math.min(2.2, photo.width / photo.height));
    return button;
  }

  /** Plays in its place; until it does, its cover and its length are shown. */
  video({ file, cover, width, height, duration }) {
    const film = el("video", { playsinline: true, preload: "metadata", "aria-label": t("video"), poster: cover && fileUrl(cover), src: fileUrl(file) });
    const play = el("button", { type: "button", class: "play", "aria-label": t("play"), onclick: () => film.play() }, icon("play"));
    const length = el("span", { class: "length" }, `${Math.floor(duration / 60)}:${String(duration % 60).padStart(2, "0")}`);
    const begun = () => { film.controls = true; play.remove(); length.remove(); };
    film.addEventListener("play", begun, { once: true });
    const player = el("div", { class: "player" }, film, play, length);
    if (width && height) player.style.aspectRatio = Math.max(0.6, width / height);
    return player;
  }

  document(file, last) {
    const name = file.name || t("file");
    const size = fileSize(file.size);
    const isPicture = /^image\/(png|jpeg|webp|gif)$/.test(file.mime ?? "");
    const sign = isPicture ? el("img", { class: "file-icon", src: fileUrl(file.file), alt: "", loading: "lazy" }) : el("span", { class: "file-icon" }, icon(/^video\//.test(file.mime ?? "") ? "film" : "save"));
    return el("a", { class: last ? "file last" : "file", href: fileUrl(file.file, name), download: name, "aria-label": t("download", { name, size }) },
      sign, el("span", {}, el("span", { class: "file-name" }, name), el("span", { class: "file-size" }, size)));
  }

  voice(voice) {
    const bars = Array.from({ length: 26 }, (_, at) => el("i", { "--h": `${25 + 70 * Math.abs(Math.sin(at * 1.7) * Math.cos(at * 0.6))}%` }));
    return el("div", { class: "file last", "aria-label": t("voice") }, el("span", { class: "file-icon" }, icon("voice")),
      el("span", {}, el("span", { class: "wave", "aria-hidden": "true" }, ...bars), el("span", { class: "file-size" }, `0:${String(voice.duration).padStart(2, "0")}`)));
  }

  other(kind) {
    const signs = { location: "📍", contact: "👤", poll: "📊", dice: "🎲", video_note: "⚪️", animation: "🎞", audio: "🎵", story: "📖", game: "🎮" };
    return `${signs[kind] ?? "✉️"} ${known(`send-${kind}`) ? t(`send-${kind}`) : t("other", { kind })}`;
  }

  quote(id) {
    const target = this.messages.get(id);
    const jump = () => {
      const shown = this.shown.get(`m-${id}`)?.element;
      shown?.scrollIntoView({ block: "center", behavior: "smooth" });
      shown?.querySelector(".bubble")?.classList.add("changed");
    };
    return el("button", { type: "button", class: "quote", onclick: jump }, el("b", {}, target?.out ? t("me") : t("the-bot")), el("span", {}, target ? summary(target) : "…"));
  }

  keyboard(message) {
    const button = (shape) => {
      const press = (event) => { event.preventDefault(); this.actions.press(message, shape, event.currentTarget); };
      const attributes = { class: `inline-button ${shape.style ?? ""}`, onclick: press, "aria-disabled": shape.kind === "disabled" ? "true" : null };
      const outside = shape.kind === "url" || shape.kind === "web_app";
      return el("button", { type: "button", ...attributes }, shape.text, outside && el("span", { class: "arrow", "aria-hidden": "true" }, "↗"));
    };
    return el("div", { class: "inline" }, ...message.rows.map((row) => el("div", { class: "inline-row" }, ...row.map(button))));
  }

  /** Beside the bubble: reply, and what else can be done. */
  sideButtons(message) {
    const reply = el("button", { type: "button", class: "side reply", "aria-label": t("reply"), title: t("reply"), onclick: () => this.actions.reply(message) }, icon("reply"));
    return el("div", { class: "sides" }, reply, this.moreButton(message));
  }

  moreButton(message) {
    return el("button", { type: "button", class: "side more", "aria-label": t("more"), "aria-haspopup": "menu", onclick: (event) => this.actions.menu(message, event.currentTarget) }, icon("dots"));
  }

  /** Right click, or a long press on a touch screen. */
  listenForMenu(bubble, message) {
    let timer = 0;
    const stop = () => clearTimeout(timer);
    bubble.addEventListener("contextmenu", (event) => {
      if (getSelection().toString()) return;
      event.preventDefault();
      this.actions.menu(message, { x: event.clientX, y: event.clientY });
    });
    bubble.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse") return;
      const place = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => this.actions.menu(message, place), LONG_PRESS_MS);
    });
    for (const kind of ["pointerup", "pointercancel", "pointermove", "pointerleave"]) bubble.addEventListener(kind, stop);
  }
}

/** One line that stands for a message. */
export function summary(message) {
  if (message.text) return message.text.split("\n")[0];
  for (const kind of ["photo", "video", "voice", "sticker"]) if (message[kind]) return t(kind);
  return message.document?.name || t("file");
}
