/** What the handset's page says, in both languages. The voice on the line has texts of its own. */
import type { Language } from "../language.ts";

const english = {
  title: "Telephone",
  intro:
    "This page plays the telephone. It is not part of the wallet: the PIN comes by another road.",
  service: "Telephone service",
  ready: "Ready. Press the green key to call.",
  calling: "Calling …",
  speaking: "Listen …",
  typing: "Your turn: press keys.",
  recording: "Speak after the tone, then press\u00a0#.",
  connecting: "It rings at",
  recordingNote: "This page plays the telephone and keeps nothing of what you say.",
  ended: "The call has ended.",
  failed: "The call failed.",
  call: "Call",
  hangUp: "Hang up",
  mute: "Sound off",
  unmute: "Sound on",
  captions: "What the voice says",
  captionsEmpty: "When you call, every word that is spoken appears here.",
  keypad: "Keypad",
  letterTitle: "Your letter from the operator",
  letterText:
    "It came by post, on paper, when the account was opened. Nothing of it is on your computer.",
  telephoneId: "Telephone id",
  passcode: "Passcode",
  keyIn: "Key it in",
  star: "star",
  hash: "number sign",
  shortcuts: "Keyboard: digits, * and #; Enter calls, Escape hangs up.",
};

export type HandsetTexts = typeof english;

const german: HandsetTexts = {
  title: "Telefon",
  intro:
    "Diese Seite spielt das Telefon. Sie gehört nicht zur Geldbörse: Die PIN kommt auf einem anderen Weg.",
  service: "Telefondienst",
  ready: "Bereit. Die grüne Taste ruft an.",
  calling: "Es läutet …",
  speaking: "Hören Sie zu …",
  typing: "Sie sind dran: Tasten drücken.",
  recording: "Sprechen Sie nach dem Ton, dann drücken Sie\u00a0#.",
  connecting: "Es läutet bei",
  recordingNote: "Diese Seite spielt das Telefon und behält nichts von dem, was Sie sagen.",
  ended: "Das Gespräch ist beendet.",
  failed: "Der Anruf ist fehlgeschlagen.",
  call: "Anrufen",
  hangUp: "Auflegen",
  mute: "Ton aus",
  unmute: "Ton an",
  captions: "Was die Stimme sagt",
  captionsEmpty: "Wenn Sie anrufen, erscheint hier jedes gesprochene Wort.",
  keypad: "Tastenfeld",
  letterTitle: "Ihr Brief vom Anbieter",
  letterText:
    "Er kam mit der Post, auf Papier, als das Konto eröffnet wurde. Nichts davon ist auf Ihrem Rechner.",
  telephoneId: "Telefonkennung",
  passcode: "Telefonkennwort",
  keyIn: "Eintippen",
  star: "Stern",
  hash: "Raute",
  shortcuts: "Tastatur: Ziffern, * und #; Enter ruft an, Escape legt auf.",
};

export const handsetTexts: Readonly<Record<Language, HandsetTexts>> = { en: english, de: german };
