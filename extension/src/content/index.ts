/**
 * The content script: finds the pointer in the page and tells the wallet one URL; hands what the wallet sends
 * back to the page as DOM events. It believes nothing that the page says and knows nothing of payments.
 */
import { browser } from "../browser.ts";
import { connectPage } from "./page.ts";

connectPage(window, browser.runtime);
