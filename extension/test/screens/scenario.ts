/** What a picture of a screen is made of: a page, the answers of a background, and what a person does then. */
import type { Page } from "playwright";
import type { WalletAnswers, WalletReply, WalletRequestName } from "../../src/messages.ts";
import { account } from "./fixtures.ts";

export type Answers = { [N in WalletRequestName]?: WalletReply<WalletAnswers[N]> };

export interface Scenario {
  readonly name: string;
  /** Page with its query and fragment. */
  readonly page: string;
  readonly answers: Answers;
  /** What a person does before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
  /** Also as a wide tab, and as the toolbar's popup. */
  readonly wide?: boolean;
}

export const ok = <T>(value: T): WalletReply<T> => ({ ok: true, value });
export const fail = (
  code: string,
  detail = "Words of the program, in English.",
): WalletReply<never> => ({
  ok: false,
  failure: { code, detail },
});
export const failure = (code: string) => ({ code, detail: "Words of the program, in English." });

export const overview = ok({
  accounts: [account],
  recent: [],
  attention: [],
  refusals: [],
  returns: [],
});
export const base: Answers = { addresses: ok([]), overview, refreshAccount: ok(account) };
