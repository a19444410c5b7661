// Small helpers to build elements. Nothing here, or anywhere on the page, ever makes HTML out of text.

/** `el("button", {class: "x", onclick: …}, "words", child)` */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

export function icon(name, small = false) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", small ? "icon small" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const $ = (id) => document.getElementById(id);

/** A short notice at the bottom. */
export function toast(text, bad = false) {
  const notice = el("div", { class: bad ? "toast bad" : "toast" }, text);
  $("toasts").append(notice);
  setTimeout(() => notice.remove(), 2600 + text.length * 35);
}

/** Opens a popover menu at a point or under an element, inside the window. */
export function openMenu(menu, anchor) {
  if (!menu.matches(":popover-open")) menu.showPopover();
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + 6 + height < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, below ? box.bottom + 6 : box.top - height - 6)}px`;
  menu.querySelector("button")?.focus({ preventScroll: true });
}

/** One entry of a menu. */
export function menuItem(menu, name, label, hint, action, extra = {}) {
  const words = el("span", {}, label, hint && el("small", {}, hint));
  const choose = () => { menu.hidePopover(); action(); };
  return el("button", { role: "menuitem", type: "button", onclick: choose, ...extra }, name && icon(name), words);
}

/** Arrow keys walk through every menu. */
export function walkWithArrows(menu) {
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length) % items.length]?.focus();
  });
}
