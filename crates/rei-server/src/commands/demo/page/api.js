// The page's way to the demo server. Every call answers with JSON; a refusal carries `error` in words.

async function call(path, options) {
  const response = await fetch(`api/${path}`, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `HTTP ${response.status}`);
  return body;
}

export const get = (path) => call(path);

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Sends files as a form. */
export function upload(path, fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append("file", file, file.name);
  return call(path, { method: "POST", body: form });
}

export const fileUrl = (id, name) => `api/file/${encodeURIComponent(id)}${name ? `?name=${encodeURIComponent(name)}` : ""}`;

/** Listens to a customer's chat. `handlers` has one function for each kind of event, and `online(bool)`. */
export function listen(customer, handlers) {
  const source = new EventSource(`api/events?customer=${customer}`);
  for (const kind of ["messages", "typing", "toast", "panel"]) {
    source.addEventListener(kind, (event) => handlers[kind](JSON.parse(event.data)));
  }
  source.onopen = () => handlers.online(true);
  source.onerror = () => handlers.online(false);
  return source;
}
