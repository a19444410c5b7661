// Telegram's entities to elements. Offsets are UTF-16 units, as strings are here.

import { el, toast } from "./dom.js";
import { t } from "./words.js";

/** The nodes of a marked text. `command(text)` is called when a bot command is clicked. */
export function marked(text, entities, command) {
  return nodes(text, entities ?? [], 0, text.length, command);
}

function nodes(text, entities, from, to, command) {
  const inside = entities
    .filter((entity) => entity.offset >= from && entity.offset + entity.length <= to)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  const out = [];
  let at = from;
  while (inside.length) {
    const entity = inside.shift();
    if (entity.offset < at) continue;
    if (entity.offset > at) out.push(text.slice(at, entity.offset));
    const end = entity.offset + entity.length;
    const nested = inside.filter((other) => other.offset + other.length <= end);
    out.push(wrap(entity, nodes(text, nested, entity.offset, end, command), text.slice(entity.offset, end), command));
    at = end;
  }
  if (at < to) out.push(text.slice(at, to));
  return out;
}

function wrap(entity, children, plain, command) {
  const link = (href) => el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
  switch (entity.type) {
    case "bold": return el("b", {}, ...children);
    case "italic": return el("i", {}, ...children);
    case "underline": return el("u", {}, ...children);
    case "strikethrough": return el("s", {}, ...children);
    case "code": return el("code", { onclick: () => copy(plain) }, ...children);
    case "pre": return el("pre", {}, ...children);
    case "blockquote": case "expandable_blockquote": return el("blockquote", {}, ...children);
    case "spoiler": return spoiler(children);
    case "text_link": return safe(entity.url) ? link(entity.url) : el("span", {}, ...children);
    case "url": return link(/^https?:/i.test(plain) ? plain : `https://${plain}`);
    case "bot_command": return el("button", { type: "button", class: "command", onclick: () => command(plain) }, ...children);
    default: return el("span", {}, ...children);
  }
}

const safe = (url) => /^(https?|tg|mailto):/i.test(url ?? "");

function spoiler(children) {
  const span = el("span", { class: "spoiler", role: "button", tabindex: "0" }, ...children);
  const show = () => span.classList.add("seen");
  span.addEventListener("click", show);
  span.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return span;
}

export async function copy(text) {
  await navigator.clipboard?.writeText(text).then(() => toast(t("copied")), () => {});
}
