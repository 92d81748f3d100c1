// Where a campaign or an assignment stands, in words.

import { shortTime } from "./draw.js";

const WORDS = {
  UNDER_REVIEW: ["심의 중", "Under review"],
  REJECTED: ["심의 반려", "Rejected"],
  SCHEDULED: ["예약됨", "Scheduled"],
  ON_AIR: ["방송 중", "On air"],
  ACTIVE: ["연결음 사용 중", "Active"],
  ENDED: ["끝남", "Ended"],
  CANCELLED: ["취소됨", "Cancelled"],
};

export function words({ status, period }) {
  if (status !== "SCHEDULED") return WORDS[status] || [status, status];
  const from = shortTime(period.startsAt);
  return [`${from}부터 예약`, "Scheduled"];
}

export function isOver({ status }) { return ["ENDED", "CANCELLED", "REJECTED"].includes(status); }

/** What the public meets, else what comes next, else what was last; the items are oldest first. */
export function leading(items) {
  const running = items.filter(({ status }) => status === "ON_AIR" || status === "ACTIVE");
  const coming = items.filter((item) => !isOver(item));
  return running.at(-1) || coming.at(-1) || items.at(-1);
}

export function until({ period }) { return `${shortTime(period.startsAt)} ~ ${shortTime(period.endsAt)}`; }
