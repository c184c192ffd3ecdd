/** What a caller hears in each state: the state, the texts, and what was read for it, nothing else. */
import type { CallState, Language, StateOf } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";
import {
  balanceTold,
  caseTold,
  handedOver,
  holdMenu,
  holdOffered,
  mainMenu,
  paymentsTold,
  problemList,
  recording,
} from "./script-account.ts";
import {
  ask,
  noticeText,
  type Script,
  type Setting,
  say,
  spellNumber,
  TEXTS,
} from "./script-parts.ts";
import {
  checkNumber,
  confirmRevocation,
  countTold,
  pinTold,
  walletList,
  walletMenu,
} from "./script-wallets.ts";

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
    case "main-menu":
      return mainMenu(state, setting);
    case "choosing-wallet":
      return walletList(state);
    case "wallet-menu":
      return walletMenu(state);
    case "pin-told":
      return pinTold(state, setting.pin);
    case "count-told":
      return countTold(state);
    case "confirming-revocation":
      return confirmRevocation(state);
    case "balance-told":
      return balanceTold(state, setting);
    case "payments-told":
      return paymentsTold(state, setting);
    case "hold-menu":
      return holdMenu(state, setting);
    case "choosing-problem":
      return problemList(state);
    case "offering-hold":
      return holdOffered(state);
    case "recording":
      return recording(state);
    case "case-told":
      return caseTold(state);
    case "handed-over":
      return handedOver(state, setting);
    case "ended":
      return farewell(state, setting);
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

/** Goodbye; and a number to call, for those who could not be helped. */
function farewell(state: StateOf<"ended">, { operatorNumber }: Setting): Script {
  const languages: readonly Language[] = state.language === null ? ["en", "de"] : [state.language];
  const isLost = state.reason === "too-many-tries" || state.reason === "service-closed";
  const lines = languages.map((language) => {
    const t = TEXTS[language];
    const parts = [
      t.ends[state.reason],
      isLost && operatorNumber !== undefined ? t.callOperator(spellNumber(operatorNumber)) : "",
      t.goodbye,
    ];
    return { language, text: parts.filter((part) => part !== "").join(" ") };
  });
  return { lines, after: { type: "hang-up" } };
}
