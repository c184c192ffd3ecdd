/** The shop's back office, and a sign-in for it: in a shop of your own, yours stands in its place. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Merchant } from "@chit/merchant";
import express, { type Express, type Request } from "express";
import * as v from "valibot";
import { html } from "../html.ts";
import { languageOf } from "../language.ts";
import { page } from "./layout.ts";
import { shopTexts } from "./texts.ts";

/** Where the back office is. */
export const OFFICE_PATH = "/office";
const LOGIN_PATH = "/office-login";
/** Printed on the page: everything here is a demonstration. */
const PASSWORD = "ink";
const COOKIE = "office";

const loginForm = v.strictObject({ password: v.pipe(v.string(), v.maxLength(100)) });

/** Mounts both. */
export function addOffice(app: Express, merchant: Merchant): void {
  const sessions = new Set<string>();
  app.get(LOGIN_PATH, (request, response) => {
    response.set("cache-control", "no-store").send(loginPage(request, false));
  });
  app.post(LOGIN_PATH, express.urlencoded({ limit: "1kb" }), (request, response) => {
    const form = v.safeParse(loginForm, { ...request.body });
    if (!form.success || !isPassword(form.output.password)) {
      response.status(403).send(loginPage(request, true));
      return;
    }
    const session = randomBytes(24).toString("base64url");
    sessions.add(session);
    response.cookie(COOKIE, session, { httpOnly: true, sameSite: "strict", path: OFFICE_PATH });
    response.redirect(303, `${OFFICE_PATH}/`);
  });
  app.use(
    OFFICE_PATH,
    merchant.backOffice({
      authenticate(request, response) {
        if (sessions.has(sessionOf(request))) return "Paper & Ink";
        response.redirect(303, LOGIN_PATH);
        return null;
      },
    }),
  );
}

function sessionOf(request: Request): string {
  const pairs = (request.get("cookie") ?? "").split(/; */);
  const pair = pairs.find((one) => one.startsWith(`${COOKIE}=`)) ?? "";
  return pair.slice(COOKIE.length + 1);
}

function isPassword(given: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(PASSWORD)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function loginPage(request: Request, isWrong: boolean): string {
  const language = languageOf(request);
  const t = shopTexts[language];
  const main = html`<article class="prose"><h1>${t.officeTitle}</h1><p>${t.officeText}</p>
${isWrong && html`<p role="alert"><strong>${t.officeWrong}</strong></p>`}
<form method="post" action="${LOGIN_PATH}"><p><label>${t.officePassword(PASSWORD)} <input type="password" name="password" autocomplete="off" required></label></p>
<p class="actions"><button class="button">${t.officeEnter}</button></p></form></article>`;
  return page({ language, title: t.officeTitle, count: 0, main });
}
