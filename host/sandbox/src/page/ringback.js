// A phone for each line, and what who calls it hears.

import { both, element, isWebAddress } from "./draw.js";
import { isOver, leading, until, words } from "./status.js";

/** The browser's own voice, made to sound a little like the one that was ordered. */
const VOICES = {
  "female-calm": { pitch: 1.1, rate: 0.95, name: "차분한 여성 · calm, female" },
  "female-bright": { pitch: 1.4, rate: 1.1, name: "밝은 여성 · bright, female" },
  "male-calm": { pitch: 0.7, rate: 0.95, name: "차분한 남성 · calm, male" },
};

let stopPlaying = () => {};

export function phones(assignments) {
  const lines = Map.groupBy ? Map.groupBy(assignments, ({ account }) => account) : grouped(assignments);
  return [...lines].reverse().map(([number, ofLine]) => ({
    key: number, assignment: leading(ofLine), draw() { return phone(this.assignment); },
  }));
}

function grouped(assignments) {
  const lines = new Map();
  for (const assignment of assignments) {
    lines.set(assignment.account, [...(lines.get(assignment.account) || []), assignment]);
  }
  return lines;
}

function phone(assignment) {
  const [korean, english] = words(assignment);
  const parts = [
    element("div", "shop", "가게"),
    element("div", "number", hyphenated(assignment.account)),
    element("span", `badge ${assignment.status}`, `${korean} ${english}`),
    element("blockquote", "", recording(assignment) ? "녹음 파일 · Recording" : assignment.text),
    player(assignment),
    element("div", "voice", VOICES[assignment.voice]?.name || ""),
    element("div", "voice", until(assignment)),
  ];
  if (assignment.reason) parts.push(element("p", "reason", assignment.reason));
  else if (isOver(assignment)) {
    parts.push(element("p", "reason", both("원래 연결음으로 돌아갔습니다.", "Callers hear the former tone again.")));
  }
  return element("article", "phone", ...parts);
}

function player(assignment) {
  const play = element("button", "play");
  const rest = () => play.replaceChildren("▶\uFE0E ", both("들어 보기", "Listen"));
  rest();
  let isPlaying = false;
  const ended = () => { isPlaying = false; stopPlaying = () => {}; rest(); };
  play.addEventListener("click", () => {
    const wasPlaying = isPlaying;
    stopPlaying();
    if (wasPlaying) return;
    isPlaying = true;
    play.replaceChildren("■\uFE0E ", both("멈추기", "Stop"));
    const stop = (recording(assignment) ? playRecording : speak)(assignment, ended);
    if (isPlaying) stopPlaying = () => { stop(); ended(); };
  });
  return play;
}

function recording(assignment) { return assignment.media.find(({ url }) => isWebAddress(url)); }

function playRecording(assignment, ended) {
  const audio = new Audio(recording(assignment).url);
  audio.addEventListener("ended", ended);
  audio.addEventListener("error", ended);
  audio.play().catch(ended);
  return () => audio.pause();
}

function speak(assignment, ended) {
  if (!("speechSynthesis" in window)) { ended(); return () => {}; }
  const { pitch, rate } = VOICES[assignment.voice] || VOICES["female-calm"];
  const said = new SpeechSynthesisUtterance(assignment.text);
  Object.assign(said, { lang: "ko-KR", pitch, rate, onend: ended, onerror: ended });
  speechSynthesis.speak(said);
  return () => { said.onend = said.onerror = null; speechSynthesis.cancel(); };
}

function hyphenated(number) {
  const area = number.startsWith("02") ? 2 : number.length === 8 ? 4 : 3;
  const [head, tail] = [number.slice(0, area), number.slice(area)];
  return tail.length <= 4 ? `${head}-${tail}` : `${head}-${tail.slice(0, -4)}-${tail.slice(-4)}`;
}
