/**
 * The content script: finds the pointer in the page and tells the wallet one URL; hands what the wallet sends
 * back to the page as DOM events. It believes nothing that the page says and knows nothing of payments.
 */
import { connectPage, type PageRuntime } from "./page.ts";

/** What it needs of the interface is the same in every engine, so the polyfill stays out of people's pages. */
const platform = globalThis as unknown as Record<
  "browser" | "chrome",
  { readonly runtime: PageRuntime } | undefined
>;

const runtime = (platform.browser ?? platform.chrome)?.runtime;
if (runtime !== undefined) connectPage(window, runtime);
