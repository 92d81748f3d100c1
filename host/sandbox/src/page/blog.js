// The blog as its owner has it: drafts in an editor, and what was published. The html is foreign: it is
// served as a document that may do nothing, and shown in a frame that lets it do nothing.

import { both, element, fullTime } from "./draw.js";

export function draft(item) {
  const made = item.url ? published(item) : editor(item);
  made.id = `draft-${item.draftId}`;
  return made;
}

function editor(item) {
  const publish = element("button", "publish", both("발행하기", "Publish"));
  const note = element("p", "note", both("아직 아무에게도 보이지 않습니다.", "Nobody sees it yet."));
  publish.addEventListener("click", () => post(item, publish, note));
  const bar = element("div", "bar", element("b", "", "임시 저장 글"), element("small", "", "Draft"), publish);
  return element("article", "editor", bar, element("h3", "", item.title), frame(item), tags(item), note);
}

async function post(item, button, note) {
  button.disabled = true;
  const path = `/naver-blog/${encodeURIComponent(item.blogId)}/drafts/${encodeURIComponent(item.draftId)}/publish`;
  const answer = await fetch(path, { method: "POST" }).catch(() => null);
  button.disabled = false;
  if (answer?.ok) return document.dispatchEvent(new Event("published"));
  const status = answer ? ` (${answer.status})` : "";
  note.replaceChildren(both(`발행하지 못했습니다${status}. 다시 눌러 주세요.`, "It was not published. Please try again."));
}

function published(item) {
  const address = element("input", "address");
  address.readOnly = true;
  address.value = item.url;
  address.setAttribute("aria-label", "글 주소 · Address of the post");
  address.addEventListener("focus", () => address.select());
  const copy = element("button", "copy", "복사 Copy");
  copy.addEventListener("click", () => copyAddress(address, copy));
  const paste = element("div", "paste", both("이 주소를 배포에 붙여 넣어 주세요.", "Paste this address into Baepo."),
    element("div", "row", address, copy));
  const who = element("div", "byline", `${item.blogId} · `, fullTime(item.at));
  return element("article", "post", paste, element("h3", "", item.title), who, frame(item), tags(item));
}

async function copyAddress(address, button) {
  address.select();
  // Browsers without a clipboard still have what is selected.
  const done = await navigator.clipboard?.writeText(address.value).then(() => true, () => false);
  if (done) button.textContent = "복사됨 Copied";
}

function frame(item) {
  const made = element("iframe");
  made.setAttribute("sandbox", "");
  made.title = item.title;
  made.referrerPolicy = "no-referrer";
  made.src = `/_control/drafts/${encodeURIComponent(item.draftId)}`;
  return made;
}

function tags(item) {
  const names = item.tags.map((tag) => element("span", "", `#${tag}`));
  const pictures = item.images.length ? [element("span", "count", `사진 ${item.images.length}장`)] : [];
  return element("div", "tags", ...names, ...pictures);
}
