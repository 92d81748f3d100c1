// A television set with the spot that leads, and below it what else was booked.

import { both, element, isWebAddress } from "./draw.js";
import { leading, until, words } from "./status.js";

const NAMES = { "uridongne-tv": "우리동네TV", "genie-tv": "지니TV" };
const OTHERS_SHOWN = 4;
const BANDS = {
  morning: ["아침", "06–12"], day: ["낮", "12–18"], evening: ["저녁", "18–24"], night: ["심야", "00–06"],
};

export function television(campaigns) {
  const first = leading(campaigns);
  if (!first) return [];
  const others = campaigns.filter((campaign) => campaign !== first).reverse().slice(0, OTHERS_SHOWN);
  return [
    { key: `set-${first.id}`, campaign: first, draw(provider) { return set(provider, this.campaign); } },
    ...others.map((campaign) => ({ key: campaign.id, campaign, draw() { return row(this.campaign); } })),
  ];
}

function set(provider, campaign) {
  const [korean, english] = words(campaign);
  const badge = element("span", `badge ${campaign.status}`, `${korean} ${english}`);
  const bug = element("span", "bug", NAMES[provider]);
  const screen = element("div", "screen", picture(campaign), bug, badge);
  const bands = Object.entries(BANDS).map(([band, [name, hours]]) =>
    element("span", campaign.timeBands.includes(band) ? "on" : "", name, element("small", "", hours)));
  return element("article", "set", element("div", "case", screen), element("div", "stand"),
    element("div", "bands", ...bands), caption(campaign));
}

function picture(campaign) {
  const video = campaign.media[0];
  if (campaign.status !== "ON_AIR" || !isWebAddress(video?.url)) return titleCard(campaign);
  const made = element("video");
  Object.assign(made, { muted: true, autoplay: true, loop: true, controls: true, playsInline: true });
  made.addEventListener("error", () => made.replaceWith(titleCard(campaign)));
  made.src = video.url;
  return made;
}

/** What stands there as long as there is no spot to see, or none that this browser can play. */
function titleCard(campaign) {
  const parts = [element("b", "", campaign.text)];
  if (campaign.reason) parts.push(element("p", "", campaign.reason));
  return element("div", `title ${campaign.status}`, ...parts);
}

function caption(campaign) {
  const reach = campaign.estimatedReach?.toLocaleString("ko-KR");
  const rows = [["캠페인", "Campaign", campaign.text], ["지역", "Region", campaign.account],
    ["기간", "Period", until(campaign)], ["예상 도달", "Reach", reach && `${reach}가구 · households`]];
  if (campaign.tvChannels?.length) rows.push(["채널", "Channels", campaign.tvChannels.join(", ")]);
  const shown = rows.filter(([, , value]) => value);
  return element("dl", "", ...shown.flatMap(([korean, english, value]) =>
    [element("dt", "", both(korean, english)), element("dd", "", value)]));
}

function row(campaign) {
  const [korean, english] = words(campaign);
  return element("article", "booking", element("span", "name", campaign.text),
    element("span", `badge ${campaign.status}`, `${korean} ${english}`));
}
