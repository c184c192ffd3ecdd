/** What the VRU says in English. */
import type { Texts } from "./texts.ts";

export const english: Texts = {
  welcome: (operator) => `Welcome to the telephone service of ${operator}.`,
  chooseLanguage: "For English, press 1.",
  enterId: "Please key in your telephone id: 8 digits.",
  enterPasscode: "Now your telephone passcode: 8 digits.",
  repeatAndBack: "Star repeats, 0 goes back.",
  menu: {
    wallets: "For a new PIN and your wallets, press 1.",
    balance: "For your balance, press 2.",
    payments: "For your last payments, press 3.",
    hold: "For a hold, press 4.",
    problem: "To report a problem, press 5.",
  },
  operatorKey: "For a person, press 9.",

  newWallet: (checkNumber) => `A new wallet waits for its PIN. Its check number is ${checkNumber}.`,
  compareCheckNumber:
    "Compare it with the number in your wallet. If it is the same, press 1. If not, press 2.",
  newWalletName: (name) => `The wallet calls itself ${name}.`,
  nameless: "No Name",
  walletKey: (name, pin, key, checkNumber) => {
    const which = checkNumber === null ? name : `${name}, check number ${checkNumber}`;
    switch (pin) {
      case "awaiting-pin":
        return `For the new wallet ${which}, press ${key}.`;
      case "locked":
        return `For ${which}, whose PIN is locked, press ${key}.`;
      case "active":
        return `For ${which}, press ${key}.`;
    }
  },
  moreWallets: "For more wallets, press 9.",
  otherWallets: "For your other wallets, press 0.",
  walletMenu: (name, pin) => [
    `${name}.${pin === "locked" ? " Its PIN is locked." : ""}`,
    "For a new PIN, press 1.",
    "For the number of its payments, press 2.",
    "To shut it out for good, press 3.",
  ],
  confirmRevocation: (name) => [
    `${name} will never pay again.`,
    "To shut it out, press 1. To keep it, press 0.",
  ],
  yourPin: "Please write this down. Your new PIN is:",
  onceMore: "Once more:",
  enterPin: "Enter this PIN in your wallet when you next pay. Tell it to nobody.",
  paymentsSoFar: (count) =>
    `Number of payments of this wallet so far: ${count}. Enter that too, if your wallet asks for it.`,
  hearAgain: "To hear it again, press star. For the main menu, press 0. Otherwise just hang up.",
  pinForgotten: "That PIN cannot be said again. For another new PIN, press star.",

  balance: (amount) => `Your balance is ${amount}.`,
  lastPayments: "Your last payments, the newest first:",
  noPayments: "Nothing was paid yet.",
  payment: (day, amount, merchant) => `${day}: ${amount} to ${merchant}.`,
  refusedPayment: (day, amount, merchant) => `${day}: refused, ${amount} to ${merchant}.`,
  refund: (day, amount, merchant) => `${day}: ${amount} given back by ${merchant}.`,
  paidIn: (day, amount) => `${day}: ${amount} paid in.`,

  accountHeld: "Your account is on hold: nothing can be paid.",
  heldByOperator: "The operator has placed a hold; only they can lift it.",
  heldByHolder: "You have placed a hold: nothing can be paid.",
  placeHold: "To place a hold, so that nothing can be paid, press 1.",
  liftHold: "To lift your hold, press 1.",

  categories: {
    "lost-computer": "A lost or stolen computer: press 1.",
    "unknown-payment": "A payment that you do not know: press 2.",
    shop: "A shop: press 3.",
    other: "Something else: press 4.",
  },
  caseOpened: "Your problem is noted. Please write down your case number:",
  offerHold: "To stop all payments from your account now, press 1. If not, press 2.",
  speakNow: "After the tone, tell us what happened. Then press the number sign.",
  messageKept: "Thank you, your message is kept. Your case number once more:",
  nothingHeard: "I heard no message. Your case is noted all the same. Your case number once more:",
  caseGoodbye: "Star repeats, 0 goes to the main menu. Otherwise just hang up.",

  connecting: (number) => `I connect you with a person. The number is plus ${number}.`,
  callOperator: (number) => `For a person, call plus ${number}.`,

  notices: {
    silence: "I heard no key.",
    "wrong-key": "That key has no meaning here.",
    "wrong-length": "That was not 8 digits.",
    "not-matching": "Telephone id and passcode do not match. Let us try again.",
    "no-wallet":
      "Your account has no wallet. To add one, open your activation link, then call again.",
    "stranger-revoked":
      "Thank you. That wallet is shut out and can pay nothing. Ask for a new activation link.",
    "wallet-revoked": "That wallet is shut out and can pay nothing.",
    "wallet-gone": "That wallet is shut out already.",
    "earlier-pin-void": "The PIN that you heard before is no longer valid.",
    "pin-replaced": "A newer PIN was set in another call. Please use that one.",
    "hold-placed": "The hold is on. Nothing can be paid until you lift it.",
    "hold-lifted": "Your hold is lifted.",
    "too-many-cases": "You have reported several problems today. We look at them first.",
    "nobody-there": "Nobody answers just now.",
  },
  ends: {
    "pin-told": "",
    "case-told": "",
    "too-many-tries":
      "Telephone id and passcode do not match. After several wrong tries an account takes no calls for a while. Please look up both and call again later.",
    "no-answer": "Please call again when you are ready.",
    "service-closed": "The service cannot take your call now. Please call again in an hour.",
    "caller-throttled":
      "There were too many wrong tries from this telephone. Please call again in an hour.",
    "hung-up": "",
    expired: "This call has lasted too long. Please call again.",
  },
  goodbye: "Goodbye.",
};
