// How things get on the page. Everything a client sent is set as text, never as markup.

const moment = new Intl.DateTimeFormat("ko-KR", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Seoul" });
const wholeDay = new Intl.DateTimeFormat("ko-KR", { dateStyle: "full", timeZone: "Asia/Seoul" });
const minute = new Intl.DateTimeFormat("ko-KR", { hour: "numeric", minute: "2-digit", timeZone: "Asia/Seoul" });
const day = new Intl.DateTimeFormat("ko-KR",
  { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Seoul" });

export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Korean, and English below it. */
export function both(korean, english) {
  return element("span", "both", korean, element("small", "", english));
}

export function fullTime(at) { return stamp(at, moment); }
export function clockTime(at) { return stamp(at, minute); }
export function date(at) { return wholeDay.format(new Date(at)); }
export function shortTime(at) { return day.format(new Date(at)); }

function stamp(at, format) {
  const made = element("time", "", format.format(new Date(at)));
  made.dateTime = at;
  return made;
}

export function isWebAddress(text) { return /^https?:/i.test(text || ""); }

function missing(media) {
  const what = media.kind === "video" ? "동영상 video" : "사진 picture";
  return element("div", "missing", `${what}\n${media.altText || media.url}`);
}

export function picture(media) {
  if (!isWebAddress(media.url)) return missing(media);
  const made = element(media.kind === "video" ? "video" : "img", "picture");
  made.addEventListener("error", () => made.replaceWith(missing(media)));
  if (media.kind === "video") { made.muted = true; made.controls = true; made.preload = "metadata"; }
  else { made.alt = media.altText || "게시한 사진"; made.loading = "lazy"; made.referrerPolicy = "no-referrer"; }
  made.src = media.url;
  return made;
}

/** The list in an answer such as {"posts": […]}. */
export function only(answer) { return Object.values(answer)[0]; }

/**
 * Makes the feed show these items in this order. A node whose item is the same stays where it is: what
 * plays goes on playing, and a frame is not loaded again. Tells whether something came, went or changed.
 */
export function reconcile(feed, items, { key, draw, empty }) {
  const before = new Map([...feed.children].map((node) => [node.dataset.key, node]));
  const wanted = items.map((item) => {
    const [name, text] = [String(key(item)), JSON.stringify(item)];
    const old = before.get(name);
    if (old && old.itemText === text) return old;
    return Object.assign(named(draw(item), name), { itemText: text });
  });
  if (!wanted.length) wanted.push(before.get("empty") || named(element("div", "empty", both(...empty)), "empty"));
  const changed = wanted.some((node) => node.parentNode !== feed);
  for (const node of before.values()) if (!wanted.includes(node)) node.remove();
  wanted.forEach((node, at) => {
    if (feed.children[at] !== node) feed.insertBefore(node, feed.children[at] || null);
  });
  return changed;
}

function named(node, key) {
  node.dataset.key = key;
  return node;
}
