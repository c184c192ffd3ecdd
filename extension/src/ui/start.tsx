/** What both pages do first: language, sheet of styles, first drawing. */
import type { ComponentChild } from "preact";
import { render } from "preact";
import { wordsLanguage } from "./i18n.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/slip.css";
import "./styles/parts.css";

export function start(page: ComponentChild): void {
  document.documentElement.lang = wordsLanguage();
  const root = document.getElementById("app");
  if (root !== null) render(page, root);
}
