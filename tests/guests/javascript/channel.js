// A channel in JavaScript: one line in the log, live.
import { log, now } from "baepo:channel/run@1.0.0";

export const channel = {
  check(content, options) {
    return content.title.length > 200
      ? [{ severity: "error", at: "/title", message: "A title has at most 200 characters." }]
      : [];
  },

  distribute(job) {
    const options = JSON.parse(job.options || "{}");
    log("info", `${job.content.title} at ${now()}, ${Object.keys(options).length} options`);
    return { tag: "live", val: { externalId: `js-${job.idempotencyKey}` } };
  },
};
