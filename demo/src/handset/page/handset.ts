/**
 * The handset in the browser: keys, voice, captions. Served with its types stripped. All that it knows of the
 * call comes from the handset's server, one turn at a time: what is to be heard, then whether keys are expected.
 */
import type { Expectation, Turn } from "../call.ts";
import type { HandsetTexts } from "../texts.ts";
import { beep, tone } from "./tones.ts";

const element = <T extends HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page lacks #${id}.`);
  return found as T;
};
const texts: HandsetTexts = JSON.parse(element("texts").textContent);
const callButton = element<HTMLButtonElement>("call");
const hangUpButton = element<HTMLButtonElement>("hang-up");
const muteButton = element<HTMLButtonElement>("mute");
const captions = element("captions");
const keyed = element("keyed");

/** Digits told one by one, as the telephone service writes them. */
const SPELLED = /^\d( … \d)+$/;
/** How long it rings where nobody can answer. */
const RING_SECONDS = 8;
/** How long a text is shown before the next one when nothing speaks it: a quick reader's time. */
const readingTime = (text: string) => 700 + text.length * 32;

let callId: string | null = null;
/** Counts turns: whatever was said or timed for an earlier one is void. */
let turnNumber = 0;
let muted = false;
/** Ends the sound that is playing; null when it cannot be cut short. */
let interrupt: (() => void) | null = null;
let listening = false;
/** Seconds that the service waits for a key. */
let patience = 5;
let waitTimer: ReturnType<typeof setTimeout> | undefined;
/** A message that is spoken: when it began, and the key that ends it. */
let message: { readonly since: number; readonly finishOnKey: string } | null = null;
let clockTimer: ReturnType<typeof setInterval> | undefined;
/** Requests go one after the other, so that keys arrive in order. */
let queue: Promise<unknown> = Promise.resolve();

async function post(path: string, body: object): Promise<{ callId?: string; turn: Turn | null }> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

function enqueue(work: () => Promise<void>): void {
  queue = queue.then(work).catch((error: unknown) => {
    endCall(`${texts.failed} ${error instanceof Error ? error.message : ""}`);
  });
}

function startCall(): void {
  if (callId !== null || callButton.disabled) return;
  captions.replaceChildren();
  callButton.disabled = true;
  hangUpButton.disabled = false;
  document.body.dataset.call = "on";
  setStatus(texts.calling);
  startClock();
  enqueue(async () => {
    const answer = await post("/calls", {});
    callId = answer.callId ?? null;
    if (answer.turn !== null) void play(answer.turn);
  });
}

function hangUp(): void {
  const ending = callId;
  if (ending === null) return;
  turnNumber++;
  const seconds = secondsSpoken();
  enqueue(async () => {
    await post(`/calls/${ending}/hang-up`, { seconds });
  });
  endCall(texts.ended);
}

function endCall(why: string): void {
  callId = null;
  turnNumber++;
  listening = false;
  message = null;
  interrupt?.();
  if ("speechSynthesis" in window) speechSynthesis.cancel();
  clearTimeout(waitTimer);
  clearInterval(clockTimer);
  callButton.disabled = false;
  hangUpButton.disabled = true;
  delete document.body.dataset.call;
  delete document.body.dataset.recording;
  keyed.textContent = "";
  setStatus(why);
}

/** Says what is to be said, then waits for what is expected, or hangs up. */
async function play(turn: Turn): Promise<void> {
  const mine = ++turnNumber;
  clearTimeout(waitTimer);
  keyed.textContent = "";
  message = null;
  delete document.body.dataset.recording;
  setStatus(texts.speaking);
  for (const sound of turn.sounds) {
    // Keys pressed while a question is asked answer it: the rest of it is shown, not spoken.
    listening = sound.interruptible && turn.expects.type === "keys";
    const cut = listening && keyed.textContent !== "";
    if (sound.type === "speech") {
      caption(sound.text, sound.language);
      if (!cut) await speak(sound.text, sound.language, listening);
    } else if (!cut) {
      await pause(muted ? 200 : sound.seconds * 1000, listening);
    }
    if (mine !== turnNumber) return;
  }
  expect(turn.expects);
}

function expect(expected: Expectation): void {
  switch (expected.type) {
    case "keys":
      listening = true;
      patience = expected.seconds;
      setStatus(texts.typing);
      waitForKeys(patience);
      break;
    case "message":
      listening = true;
      message = { since: Date.now(), finishOnKey: expected.finishOnKey };
      document.body.dataset.recording = "on";
      setStatus(texts.recording);
      caption(texts.recordingNote, document.documentElement.lang, "note");
      if (!muted) beep();
      waitTimer = setTimeout(finishMessage, expected.seconds * 1000);
      break;
    case "connection":
      setStatus(`${texts.connecting} ${expected.number} …`);
      waitForKeys(RING_SECONDS);
      break;
    case "nothing":
      endCall(texts.ended);
  }
}

function secondsSpoken(): number {
  return message === null ? 0 : (Date.now() - message.since) / 1000;
}

function finishMessage(): void {
  const current = callId;
  if (current === null) return;
  const seconds = secondsSpoken();
  clearTimeout(waitTimer);
  listening = false;
  enqueue(async () => {
    const { turn } = await post(`/calls/${current}/record`, { seconds });
    if (turn !== null && callId === current) void play(turn);
  });
}

function waitForKeys(seconds: number): void {
  clearTimeout(waitTimer);
  waitTimer = setTimeout(() => {
    const current = callId;
    if (current === null) return;
    enqueue(async () => {
      const { turn } = await post(`/calls/${current}/wait`, {});
      if (turn !== null && callId === current) void play(turn);
    });
  }, seconds * 1000);
}

function pressKey(key: string): void {
  if (!muted) tone(key);
  const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("down");
  setTimeout(() => button?.classList.remove("down"), 120);
  const current = callId;
  if (current === null || !listening) return;
  if (message !== null) {
    if (message.finishOnKey.includes(key)) finishMessage();
    return;
  }
  keyed.textContent += key;
  interrupt?.();
  clearTimeout(waitTimer);
  enqueue(async () => {
    if (callId !== current) return;
    const { turn } = await post(`/calls/${current}/keys`, { key });
    if (callId !== current) return;
    if (turn !== null) void play(turn);
    else waitForKeys(patience);
  });
}

function speak(text: string, language: string, interruptible: boolean): Promise<void> {
  if (muted || !("speechSynthesis" in window) || speechSynthesis.getVoices().length === 0) {
    return pause(readingTime(text), interruptible);
  }
  return new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(
      SPELLED.test(text) ? text.replaceAll(" … ", ", ") : text,
    );
    utterance.lang = language;
    utterance.rate = SPELLED.test(text) ? 0.8 : 1;
    // Some browsers never tell the end of a speech that they could not begin.
    const giveUp = setTimeout(done, 4000 + text.length * 150);
    function done(): void {
      clearTimeout(giveUp);
      interrupt = null;
      resolve();
    }
    utterance.onend = done;
    utterance.onerror = done;
    interrupt = interruptible
      ? () => {
          speechSynthesis.cancel();
          done();
        }
      : null;
    speechSynthesis.speak(utterance);
  });
}

function pause(milliseconds: number, interruptible: boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      interrupt = null;
      resolve();
    }
    interrupt = interruptible ? done : null;
  });
}

function caption(text: string, language: string, kind = SPELLED.test(text) ? "digits" : ""): void {
  const line = document.createElement("p");
  line.lang = language;
  line.textContent = kind === "digits" ? text.replaceAll(" … ", " ") : text;
  line.className = kind;
  captions.append(line);
  captions.scrollTop = captions.scrollHeight;
}

function setStatus(text: string): void {
  element("status").textContent = text;
}

function startClock(): void {
  const start = Date.now();
  const show = () => {
    const seconds = Math.floor((Date.now() - start) / 1000);
    element("clock").textContent =
      `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  show();
  clockTimer = setInterval(show, 1000);
}

callButton.addEventListener("click", startCall);
hangUpButton.addEventListener("click", hangUp);
muteButton.addEventListener("click", () => {
  muted = !muted;
  muteButton.setAttribute("aria-pressed", String(muted));
  muteButton.setAttribute("aria-label", muted ? texts.unmute : texts.mute);
  if (muted && "speechSynthesis" in window) speechSynthesis.cancel();
});
for (const button of document.querySelectorAll<HTMLElement>("[data-key]")) {
  button.addEventListener("click", () => pressKey(button.dataset.key ?? ""));
}
for (const button of document.querySelectorAll<HTMLElement>("[data-digits]")) {
  button.addEventListener("click", () => {
    for (const digit of button.dataset.digits ?? "") pressKey(digit);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9*#]$/.test(event.key)) pressKey(event.key);
  else if (event.key === "Escape") hangUp();
  // A focused button takes Enter for itself.
  else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) startCall();
});
addEventListener("pagehide", hangUp);
