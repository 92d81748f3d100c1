import { send } from 'baepo:channel/http@1.0.0';
import { log } from 'baepo:channel/run@1.0.0';

export const channel = {
  check() {
    return [];
  },
  distribute(job) {
    log('info', `posting ${job.content.title}`);
    const answer = send({
      method: 'post',
      url: 'https://shop.example/posts',
      headers: [['content-type', 'application/json']],
      body: new TextEncoder().encode(JSON.stringify({ title: job.content.title })),
      credentials: [],
      repeat: 'unsafe',
      timeoutMs: undefined,
    });
    const receipt = { externalId: String(answer.status), url: undefined, estimatedReach: undefined };
    return { tag: 'live', val: receipt };
  },
};
