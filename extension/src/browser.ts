/**
 * The browser's extension interface for background and pages: `browser.*` with promises in every engine. The
 * content script, which runs in every page, does without it (decision 0031).
 */
import browser from "webextension-polyfill";

export { browser };
