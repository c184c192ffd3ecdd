/** What a caller hears about the account: menu, balance, payments, holds, problems, the operator. */
import { CATEGORIES, type Language, type StateOf } from "./call-state.ts";
import {
  ask,
  heldText,
  noticeText,
  type Script,
  type Setting,
  type SpokenMovement,
  say,
  sayTwice,
  spellNumber,
  TEXTS,
} from "./script-parts.ts";
import { spokenAmount, spokenDay, spokenName } from "./spoken.ts";
import type { MenuItem } from "./texts.ts";

const MENU: readonly MenuItem[] = ["wallets", "balance", "payments", "hold", "problem"];

export function mainMenu(state: StateOf<"main-menu">, setting: Setting): Script {
  const t = TEXTS[state.language];
  return ask(
    say(
      state.language,
      noticeText(state),
      heldText(state),
      ...MENU.map((item) => t.menu[item]),
      setting.operatorNumber === undefined ? null : t.operatorKey,
      t.repeatAndBack,
    ),
  );
}

export function balanceTold(state: StateOf<"balance-told">, setting: Setting): Script {
  const t = TEXTS[state.language];
  if (setting.balance === undefined) throw new TypeError("The balance was not read.");
  const amount = spokenAmount(setting.balance, setting.money, state.language);
  return ask(say(state.language, noticeText(state), t.balance(amount), t.repeatAndBack));
}

export function paymentsTold(state: StateOf<"payments-told">, setting: Setting): Script {
  const { movements } = setting;
  const t = TEXTS[state.language];
  if (movements === undefined) throw new TypeError("The payments were not read.");
  const list = movements.map((movement) => describe(movement, setting, state.language));
  const told = list.length === 0 ? [t.noPayments] : [t.lastPayments, ...list];
  return ask(say(state.language, noticeText(state), ...told, t.repeatAndBack));
}

function describe(movement: SpokenMovement, setting: Setting, language: Language): string {
  const t = TEXTS[language];
  const day = spokenDay(movement.at, setting.now, setting.timeZone, language);
  const amount = spokenAmount(movement.amount, setting.money, language);
  const name = spokenName(movement.name, t.nameless);
  switch (movement.kind) {
    case "payment":
      return t.payment(day, amount, name);
    case "denial":
      return t.refusedPayment(day, amount, name);
    case "refund":
      return t.refund(day, amount, name);
    case "funding":
      return t.paidIn(day, amount);
  }
}

export function holdMenu(state: StateOf<"hold-menu">, setting: Setting): Script {
  const t = TEXTS[state.language];
  const { byOperator, byHolder } = state.caller.held;
  return ask(
    say(
      state.language,
      noticeText(state),
      byOperator ? t.heldByOperator : null,
      byHolder ? t.heldByHolder : null,
      byHolder ? t.liftHold : t.placeHold,
      byOperator && setting.operatorNumber !== undefined ? t.operatorKey : null,
      t.repeatAndBack,
    ),
  );
}

export function problemList(state: StateOf<"choosing-problem">): Script {
  const t = TEXTS[state.language];
  const list = CATEGORIES.map((category) => t.categories[category]);
  return ask(say(state.language, noticeText(state), ...list, t.repeatAndBack));
}

export function holdOffered(state: StateOf<"offering-hold">): Script {
  const { language, caseNumber } = state;
  const t = TEXTS[language];
  const question = ask(say(language, noticeText(state), t.offerHold));
  if (state.misses > 0) return question;
  return {
    ...question,
    lines: [...say(language, t.caseOpened), ...sayTwice(language, caseNumber)],
  };
}

export function recording(state: StateOf<"recording">): Script {
  const { language, caseNumber } = state;
  const t = TEXTS[language];
  const number = state.opened
    ? [...say(language, t.caseOpened), ...sayTwice(language, caseNumber)]
    : [];
  return {
    lines: [...say(language, noticeText(state)), ...number, ...say(language, t.speakNow)],
    after: { type: "record", caseNumber },
  };
}

export function caseTold(state: StateOf<"case-told">): Script {
  const { language, caseNumber, recorded } = state;
  const t = TEXTS[language];
  const question = ask(say(language, noticeText(state), t.caseGoodbye));
  if (state.misses > 0) return question;
  const told = recorded ? t.messageKept : t.nothingHeard;
  return { ...question, lines: [...say(language, told), ...sayTwice(language, caseNumber)] };
}

export function handedOver(state: StateOf<"handed-over">, { operatorNumber }: Setting): Script {
  // The operator took the number away between two webhooks: the menu follows, without it.
  if (operatorNumber === undefined) {
    return ask(say(state.language, TEXTS[state.language].notices["nobody-there"]));
  }
  return {
    lines: say(state.language, TEXTS[state.language].connecting(spellNumber(operatorNumber))),
    after: { type: "dial", number: operatorNumber },
  };
}
