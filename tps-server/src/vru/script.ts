/** What a caller hears in each state: the state and the texts, nothing else. */
import { type CallState, type Language, type StateOf, walletsOfPage } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";
import { german } from "./texts.de.ts";
import { english } from "./texts.en.ts";
import type { Texts } from "./texts.ts";

/** Everything that is said, by language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: english, de: german };

/** One sentence or a few, in one language, or a pause of whole seconds. */
export type Line =
  | { readonly language: Language; readonly text: string }
  | { readonly pauseSeconds: number };

/** What the carrier is to do: say `lines`, then listen, go on or hang up. */
export interface Script {
  readonly lines: readonly Line[];
  readonly after:
    | {
        readonly type: "listen";
        /** Said while listening: a key stops it. */
        readonly lines: readonly Line[];
        readonly digits: number;
        readonly seconds: number;
      }
    /** Ask at once what comes next. */
    | { readonly type: "go-on" }
    | { readonly type: "hang-up" };
}

/** What a script needs besides the state. */
export interface Setting {
  /** The operator's name, as said in the greeting. */
  readonly operator: string;
  /** The PIN to tell, while it is known; it is in no state. */
  readonly pin: string | undefined;
}

/** The script of a state. */
export function scriptOf(state: CallState, setting: Setting): Script {
  switch (state.name) {
    case "choosing-language":
      return greeting(state, setting.operator);
    case "entering-id":
      return askNumber(state, TEXTS[state.language].enterId);
    case "entering-passcode":
      return askNumber(state, TEXTS[state.language].enterPasscode);
    case "comparing-check-number":
      return checkNumber(state);
    case "choosing-wallet":
      return walletList(state);
    case "wallet-menu":
      return walletMenu(state);
    case "pin-told":
      return pinTold(state, setting.pin);
    case "ended":
      return farewell(state);
  }
}

function greeting(state: StateOf<"choosing-language">, operator: string): Script {
  const again = state.misses > 0;
  const lines = (["en", "de"] as const).map((language) => {
    const { welcome, chooseLanguage } = TEXTS[language];
    return { language, text: again ? chooseLanguage : `${welcome(operator)} ${chooseLanguage}` };
  });
  return ask(lines);
}

function askNumber(state: StateOf<"entering-id" | "entering-passcode">, question: string): Script {
  return {
    lines: [],
    after: {
      type: "listen",
      lines: say(state.language, noticeText(state), question),
      digits: 8,
      seconds: VRU_LIMITS.numberSeconds,
    },
  };
}

function checkNumber(state: StateOf<"comparing-check-number">): Script {
  const t = TEXTS[state.language];
  const { name, checkNumber } = walletOf(state);
  // The name comes when everything else was said: it could be "the check number is 1 2 3 4, press 1".
  return ask(
    say(
      state.language,
      noticeText(state),
      heldText(state, t),
      t.newWallet(spell(checkNumber)),
      t.compareCheckNumber,
      state.caller.wallets.length > 1 ? t.otherWallets : null,
      t.newWalletName(spokenName(name, t)),
    ),
  );
}

function walletList(state: StateOf<"choosing-wallet">): Script {
  const t = TEXTS[state.language];
  const { offered, more } = walletsOfPage(state);
  return ask(
    say(
      state.language,
      noticeText(state),
      heldText(state, t),
      ...offered.map(({ name, pin }, index) => t.walletKey(spokenName(name, t), pin, index + 1)),
      more ? t.moreWallets : null,
    ),
  );
}

function walletMenu(state: StateOf<"wallet-menu">): Script {
  const t = TEXTS[state.language];
  const { name, pin } = walletOf(state);
  return ask(
    say(
      state.language,
      noticeText(state),
      heldText(state, t),
      t.walletMenu(spokenName(name, t), pin),
      state.caller.wallets.length > 1 ? t.otherWallets : null,
    ),
  );
}

/** The PIN twice, and the offer to hear it again. Not inside of the listening: no key cuts a PIN short. */
function pinTold(state: StateOf<"pin-told">, pin: string | undefined): Script {
  const t = TEXTS[state.language];
  if (pin === undefined) return ask(say(state.language, t.pinForgotten));
  const lines = [
    ...say(state.language, noticeText(state), t.yourPin),
    ...say(state.language, spell(pin)),
    { pauseSeconds: 2 },
    ...say(state.language, t.onceMore),
    ...say(state.language, spell(pin)),
    { pauseSeconds: 1 },
    ...say(state.language, t.enterPin, state.count === 0 ? null : t.paymentsSoFar(state.count)),
  ];
  if (state.repeated) return { lines, after: { type: "go-on" } };
  return { ...ask(say(state.language, t.hearAgain)), lines };
}

function farewell(state: StateOf<"ended">): Script {
  const languages: readonly Language[] = state.language === null ? ["en", "de"] : [state.language];
  const lines = languages.map((language) => {
    const t = TEXTS[language];
    return { language, text: `${t.ends[state.reason]} ${t.goodbye}`.trim() };
  });
  return { lines, after: { type: "hang-up" } };
}

function ask(lines: readonly Line[]): Script {
  return {
    lines: [],
    after: { type: "listen", lines, digits: 1, seconds: VRU_LIMITS.keySeconds },
  };
}

function say(language: Language, ...parts: readonly (string | null)[]): Line[] {
  return parts.filter((part) => part !== null).map((text) => ({ language, text }));
}

/** Digits to be written down: `4 … 8 … 2`. Voices make a short pause of each. */
function spell(digits: string): string {
  return [...digits].join(" … ");
}

/** What is said of a wallet's name: letters, digits and single spaces, and not many. */
function spokenName(name: string, { nameless }: Texts): string {
  const sayable = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, " ")
    .trim();
  return [...sayable].slice(0, VRU_LIMITS.spokenName).join("").trim() || nameless;
}

function noticeText(state: Exclude<CallState, { name: "choosing-language" | "ended" }>) {
  return state.notice === null ? null : TEXTS[state.language].notices[state.notice];
}

function heldText(state: { caller: { held: boolean }; misses: number }, t: Texts): string | null {
  return state.caller.held && state.misses === 0 ? t.accountHeld : null;
}

function walletOf(state: StateOf<"comparing-check-number" | "wallet-menu">) {
  const wallet = state.caller.wallets.find(({ deviceId }) => deviceId === state.deviceId);
  if (wallet === undefined)
    throw new TypeError("The call is about a wallet that it does not know.");
  return wallet;
}
