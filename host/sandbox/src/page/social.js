// A card of the Instagram feed and a bubble of the KakaoTalk chat.

import { clockTime, date, element, fullTime, isWebAddress, picture } from "./draw.js";

export function card(post) {
  const media = post.media || [];
  const parts = [element("div", "who", element("i"), post.account)];
  parts.push(element("div", "strip", ...media.map(picture)));
  if (media.length > 1) parts.push(element("div", "count", `사진·동영상 ${media.length}개 · 옆으로 넘겨 보세요 · swipe`));
  parts.push(element("div", "marks", "♡\uFE0E   ➤\uFE0E"));
  parts.push(element("div", "caption", element("p", "text", post.text), fullTime(post.at)));
  return element("article", "card", ...parts);
}

/** The first message of a day has the day above it. */
export function chat(posts) {
  const days = posts.map((post) => date(post.at));
  return posts.map((post, at) => ({ ...post, day: days[at] === days[at - 1] ? "" : days[at] }));
}

export function message(post) {
  const bubble = element("div", "bubble", ...(post.media || []).map(picture),
    element("p", "text", post.text), ...(post.buttons || []).map(link));
  const read = element("span", "read", `${post.recipients ?? 0}명에게`);
  const day = post.day ? [element("div", "day", post.day)] : [];
  return element("article", "message", ...day, element("i", "", "가게"),
    element("div", "name", `우리 가게 채널 ${post.account}`), bubble,
    element("div", "sent", read, clockTime(post.at)));
}

function link(button) {
  const made = element("a", "", button.name);
  if (isWebAddress(button.link)) { made.href = button.link; made.target = "_blank"; made.rel = "noopener noreferrer"; }
  return made;
}
