/**
 * The browser's extension interface. Chromium's `chrome.*` answers promises since Manifest V3, just as
 * Firefox's `browser.*` does, so no polyfill is needed: its types suffice.
 */
import type { Browser } from "webextension-polyfill";

const platform = globalThis as unknown as { browser?: Browser; chrome: Browser };

export const browser: Browser = platform.browser ?? platform.chrome;
