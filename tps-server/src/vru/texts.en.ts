/** What the VRU says in English. */
import type { Texts } from "./texts.ts";

export const english: Texts = {
  welcome: (operator) => `Welcome to the telephone service of ${operator}.`,
  chooseLanguage: "For English, press 1.",
  enterId: "Please key in your telephone id: 8 digits.",
  enterPasscode: "Now your telephone passcode: 8 digits.",
  newWallet: (checkNumber) => `A new wallet waits for its PIN. Its check number is ${checkNumber}.`,
  compareCheckNumber:
    "Compare it with the number in your wallet. If it is the same, press 1. If not, press 2.",
  newWalletName: (name) => `The wallet calls itself ${name}.`,
  nameless: "No Name",
  walletKey: (name, pin, key) => {
    switch (pin) {
      case "awaiting-pin":
        return `For the new wallet ${name}, press ${key}.`;
      case "locked":
        return `For ${name}, whose PIN is locked, press ${key}.`;
      case "active":
        return `For ${name}, press ${key}.`;
    }
  },
  moreWallets: "For more wallets, press 9.",
  otherWallets: "For your other wallets, press 0.",
  walletMenu: (name, pin) =>
    `${name}. ${pin === "locked" ? "Its PIN is locked. " : ""}For a new PIN, press 1.`,
  accountHeld: "Your account is on hold: nothing can be paid from it until the hold is lifted.",
  yourPin: "Please write this down. Your new PIN is:",
  onceMore: "Once more:",
  enterPin: "Enter this PIN in your wallet when you next pay. Tell it to nobody.",
  paymentsSoFar: (count) =>
    `Number of payments of this wallet so far: ${count}. Enter that too, if your wallet asks for it.`,
  hearAgain: "To hear it again, press 1. Otherwise just hang up.",
  pinForgotten: "That PIN cannot be said again. For another new PIN, press 1.",
  notices: {
    silence: "I heard no key.",
    "wrong-key": "That key has no meaning here.",
    "wrong-length": "That was not 8 digits.",
    "not-matching": "Telephone id and passcode do not match. Let us try again.",
    "wallet-revoked":
      "Thank you. That wallet is revoked and can pay nothing. Ask for a new activation link.",
    "wallet-gone": "That wallet is revoked.",
    "earlier-pin-void": "The PIN that you heard before is no longer valid.",
  },
  ends: {
    "pin-told": "",
    "pin-replaced": "A newer PIN was set in another call. Please use that one.",
    "wallet-revoked":
      "Thank you. That wallet is revoked and can pay nothing. Ask for a new activation link.",
    "no-wallet":
      "Your account has no wallet yet. Please open your activation link first, then call again.",
    "too-many-tries":
      "Telephone id and passcode do not match. After several wrong tries an account takes no calls for a while. Please look up both and call again later.",
    "no-answer": "Please call again when you are ready.",
    "service-closed": "The service cannot take your call now. Please call again in an hour.",
    "hung-up": "",
    expired: "This call has lasted too long. Please call again.",
  },
  goodbye: "Goodbye.",
};
