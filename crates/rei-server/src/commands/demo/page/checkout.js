// The payment page in a window of its own above the chat: paid, declined, or just closed, as people do.

import { $ } from "./dom.js";

const BACK = "/returned.html";
let pages = null;

/** What the addresses of payment pages begin with. */
export function knowCheckout(prefix) {
  pages = prefix;
  const frame = $("checkout-frame");
  frame.addEventListener("load", () => { if (isBack(frame)) close(); });
  $("checkout").addEventListener("close", () => { frame.src = "about:blank"; });
}

/** Opens a payment page; false: it is none. */
export function openCheckout(url) {
  if (!pages || !url.startsWith(pages)) return false;
  $("checkout-frame").src = url;
  $("checkout-tab").href = url;
  $("checkout").showModal();
  return true;
}

function close() {
  if ($("checkout").open) $("checkout").close();
}

/** The payer was sent back to us. Of a page elsewhere nothing can be read, and nothing needs to. */
function isBack(frame) {
  try {
    return frame.contentWindow.location.pathname === BACK;
  } catch {
    return false;
  }
}
