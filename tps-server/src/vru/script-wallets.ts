/** What a caller hears about wallets. */
import { type StateOf, type Wallet, walletsOfPage } from "./call-state.ts";
import { ask, heldText, noticeText, type Script, say, sayTwice, TEXTS } from "./script-parts.ts";
import { spell, spokenName } from "./spoken.ts";

export function checkNumber(state: StateOf<"comparing-check-number">): Script {
  const t = TEXTS[state.language];
  const { name, checkNumber: number } = walletOf(state);
  // The name comes when everything else was said: it could be "the check number is 1 2 3 4, press 1".
  return ask(
    say(
      state.language,
      noticeText(state),
      heldText(state),
      t.newWallet(spell(number)),
      t.compareCheckNumber,
      state.caller.wallets.length > 1 ? t.otherWallets : null,
      t.newWalletName(spokenName(name, t.nameless)),
    ),
  );
}

export function walletList(state: StateOf<"choosing-wallet">): Script {
  const t = TEXTS[state.language];
  const { offered, more } = walletsOfPage(state);
  const names = state.caller.wallets.map(({ name }) => spokenName(name, t.nameless));
  const keyOf = ({ name, pin, checkNumber: number }: Wallet, index: number) => {
    const spoken = spokenName(name, t.nameless);
    const isShared = names.filter((other) => other === spoken).length > 1;
    return t.walletKey(spoken, pin, index + 1, isShared ? spell(number) : null);
  };
  return ask(
    say(state.language, noticeText(state), ...offered.map(keyOf), more ? t.moreWallets : null),
  );
}

export function walletMenu(state: StateOf<"wallet-menu">): Script {
  const t = TEXTS[state.language];
  const { name, pin } = walletOf(state);
  const menu = t.walletMenu(spokenName(name, t.nameless), pin);
  return ask(say(state.language, noticeText(state), ...menu, t.repeatAndBack));
}

export function confirmRevocation(state: StateOf<"confirming-revocation">): Script {
  const t = TEXTS[state.language];
  const question = t.confirmRevocation(spokenName(walletOf(state).name, t.nameless));
  return ask(say(state.language, noticeText(state), ...question));
}

/** The PIN twice, and the offer to hear it again. */
export function pinTold(state: StateOf<"pin-told">, pin: string | undefined): Script {
  const { language, count } = state;
  const t = TEXTS[language];
  if (pin === undefined) return ask(say(language, t.pinForgotten));
  // Silence and wrong keys hear the question again, not the PIN: that is what the star is for.
  if (state.misses > 0) return ask(say(language, noticeText(state), t.hearAgain));
  const lines = [
    ...say(language, noticeText(state), t.yourPin),
    ...sayTwice(language, pin),
    ...say(language, t.enterPin, count === 0 ? null : t.paymentsSoFar(count)),
  ];
  return { ...ask(say(language, t.hearAgain)), lines };
}

export function countTold(state: StateOf<"count-told">): Script {
  const t = TEXTS[state.language];
  return ask(say(state.language, noticeText(state), t.paymentsSoFar(state.count), t.repeatAndBack));
}

function walletOf(
  state: StateOf<"comparing-check-number" | "wallet-menu" | "confirming-revocation">,
): Wallet {
  const wallet = state.caller.wallets.find(({ deviceId }) => deviceId === state.deviceId);
  if (wallet === undefined) {
    throw new TypeError("The call is about a wallet that it does not know.");
  }
  return wallet;
}
