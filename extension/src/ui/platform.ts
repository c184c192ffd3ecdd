/** What the pages take from the browser: the extension's interface, the clock, storage. Nothing else does. */

import { webGoodsCipher } from "../background/goods-cipher.ts";
import { browser } from "../browser.ts";
import { CHANGES_CHANNEL } from "../messages.ts";

/** Seconds since 1970. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** Sends a message to the background; rejects when nobody answers. */
export const sendMessage = (message: unknown): Promise<unknown> =>
  browser.runtime.sendMessage(message);

/** The text of a key of `_locales`, with `{name}` still in it where a value belongs; "" when there is none. */
export const localeText = (key: string): string => browser.i18n.getMessage(key);

/** The language of the browser, as a BCP 47 tag. */
export const browserLanguage = (): string => browser.i18n.getUILanguage();

/** Puts a text on the clipboard; false where the browser does not let it. */
export const copyText = (text: string): Promise<boolean> =>
  navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );

/** Whether the browser can hand a link to other programs. */
export const canShare = (url: string): boolean => navigator.canShare?.({ url }) ?? false;

/** Hands a link to a program that its owner picks; picking none is no failure. */
export const shareLink = (url: string, text: string): Promise<void> =>
  navigator.share({ url, text }).catch(() => undefined);

/** Version of the wallet, from its manifest. */
export const walletVersion = (): string => browser.runtime.getManifest().version;

/** Calls `changed` whenever the background says that something changed. Returns how to stop. */
export function onChange(changed: () => void): () => void {
  const channel = new BroadcastChannel(CHANGES_CHANNEL);
  channel.addEventListener("message", changed);
  return () => channel.close();
}

/** What making and reading backup files takes from the browser. */
export const backupDeps = {
  cipher: webGoodsCipher(crypto.subtle),
  randomBytes: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
  nowSeconds,
};
