// Asks the control API what there is, and draws what has changed. It asks again after a failure too,
// so the page goes on by itself when the sandbox is started again.

import { only, reconcile } from "./draw.js";
import { card, chat, message } from "./social.js";
import { draft } from "./blog.js";
import { television } from "./tv.js";
import { phones } from "./ringback.js";

const INTERVAL_MS = 1500;
const PATIENCE_MS = 5000;
const SHOWN = 30;
/** A frame each. */
const DRAFTS_SHOWN = 10;

const posts = (provider) => `/_control/posts?provider=${provider}&limit=${SHOWN}`;
const campaigns = (provider) => `/_control/campaigns?provider=${provider}&limit=${SHOWN}`;
const newestFirst = (items) => items.reverse();

const panels = [
  { id: "instagram", url: posts("instagram"), order: newestFirst, key: (post) => post.externalId, draw: card,
    empty: ["아직 게시물이 없습니다. 게시하면 사진과 글이 여기에 보입니다.",
      "No posts yet. Posts and their pictures appear here as cards."] },
  { id: "kakao", url: posts("nhn-cloud"), order: chat, key: (post) => post.externalId, draw: message, follows: true,
    empty: ["아직 보낸 메시지가 없습니다. 보내면 친구가 받은 모습 그대로 여기에 보입니다.",
      "No messages yet. They appear here as your friends receive them."] },
  { id: "blog", url: `/_control/drafts?limit=${DRAFTS_SHOWN}`, order: newestFirst, key: (item) => item.draftId, draw: draft,
    empty: ["아직 작성 중인 글이 없습니다. 편집기에 넣은 글이 여기에 보이고, 직접 발행하면 주소가 나옵니다.",
      "No drafts yet. They appear here in an editor. You publish them yourself, as on Naver, and paste the address into Baepo."] },
  ...["uridongne-tv", "genie-tv"].map((id) => ({ id, url: campaigns(id), order: television,
    key: (shown) => shown.key, draw: (shown) => shown.draw(id),
    empty: ["아직 신청한 방송 광고가 없습니다. 심의부터 방송까지 여기에 보입니다.",
      "No spot yet. It appears here, from its review to its time on air."] })),
  { id: "ringo-biz", url: campaigns("ringo-biz"), order: phones, key: (shown) => shown.key, draw: (shown) => shown.draw(),
    empty: ["아직 신청한 통화 연결음이 없습니다. 가게 전화가 여기에 보이고, 연결음을 들어 볼 수 있습니다.",
      "No announcement yet. The shop's phone appears here, and you can listen to what callers hear."] },
];

async function refresh(panel) {
  const answer = await fetch(panel.url, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${panel.url}: ${answer.status}`);
  const text = await answer.text();
  if (panel.shown === text) return;
  const items = only(JSON.parse(text));
  const feed = document.querySelector(`#${panel.id} .feed`);
  const changed = reconcile(feed, panel.order ? panel.order(items) : items, panel);
  panel.shown = text;
  if (changed && panel.follows) feed.scrollTop = feed.scrollHeight;
}

/** An editor's address leads to its draft, which is not there before the first answer. */
function goToDraft() {
  const wanted = location.hash.startsWith("#draft-") && document.getElementById(location.hash.slice(1));
  if (wanted) wanted.scrollIntoView({ block: "center" });
}

async function refreshAll() {
  const results = await Promise.allSettled(panels.map(refresh));
  for (const { reason } of results) if (reason) console.warn(reason);
  document.querySelector("#offline").hidden = results.every((result) => result.status === "fulfilled");
}

async function run() {
  await refreshAll();
  setTimeout(run, INTERVAL_MS);
}

document.addEventListener("published", refreshAll);
addEventListener("hashchange", goToDraft);
run().then(goToDraft);
