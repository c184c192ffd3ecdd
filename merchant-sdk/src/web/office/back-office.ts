/**
 * The back office: middleware that is mounted where the merchant likes, below the merchant's own authentication. Nothing in it
 * runs in the browser; forms are protected against other sites, every text is escaped, and nobody frames it.
 */
import type { ServerResponse } from "node:http";
import { decodeCertificate } from "@chit/protocol";
import type { Request, RequestHandler, Response } from "express";
import * as v from "valibot";
import { MerchantError } from "../../errors.ts";
import { errorFields } from "../../logger.ts";
import type { ClearingDeps } from "../../mts/clearing/clearing-deps.ts";
import type { ClearingDesk } from "../../mts/clearing/desk.ts";
import { answer } from "../http.ts";
import { languageOf, requestOrigin } from "../visitor.ts";
import { LANGUAGES, type Language } from "../words.ts";
import { type Answer, OfficeProblem } from "./answer.ts";
import { csvRows } from "./csv.ts";
import { expectSameOrigin, FormTokens, readForm } from "./form.ts";
import { officePage, problemPage } from "./layout.ts";
import { OFFICE_STYLE } from "./office-style.ts";
import { problemOf } from "./problems.ts";
import { findRoute, type Route } from "./routes.ts";
import { type OfficeDeps, Visit } from "./visit.ts";

export interface BackOfficeOptions {
  /**
   * Who asks: the name of a person that your application has signed in, or null for nobody, who gets no further. It may also answer
   * itself, by a redirect to your sign-in page, say.
   */
  readonly authenticate: (
    request: Request,
    response: Response,
  ) => string | null | undefined | Promise<string | null | undefined>;
  /** The reader's by their browser unless given. */
  readonly language?: Language;
  /** In which times are shown, such as `Europe/Berlin`; `UTC` unless given. */
  readonly timeZone?: string;
}

const optionsSchema = v.strictObject({
  authenticate: v.custom<BackOfficeOptions["authenticate"]>(
    (value) => typeof value === "function",
    "Give a function that tells who is signed in: the back office shows addresses and gives money back.",
  ),
  language: v.optional(v.picklist(LANGUAGES, `Give one of ${LANGUAGES.join(", ")}.`)),
  timeZone: v.optional(
    v.pipe(
      v.string("Give a time zone such as Europe/Berlin."),
      v.check(isTimeZone, "Give a time zone such as Europe/Berlin."),
    ),
  ),
});

const POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Longest name of a person that is shown and signed for. */
const MOST_NAME = 200;

/**
 * Makes the back office.
 *
 * @param baseUrl the shop's public URL where the merchant gave one
 * @throws {MerchantError} `options-invalid`
 */
export function createBackOffice(
  mts: ClearingDeps,
  desk: ClearingDesk,
  baseUrl: URL | undefined,
  options: BackOfficeOptions,
): RequestHandler {
  const parsed = v.safeParse(optionsSchema, options);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue) ?? "authenticate";
    throw new MerchantError("options-invalid", `backOffice's ${path}: ${issue.message}`);
  }
  const { name, currency, scale } = decodeCertificate(mts.certificate.document);
  const office: Office = {
    deps: { mts, desk, shop: { name, currency, scale } },
    tokens: new FormTokens(mts.ownSecret, mts.clock),
    options,
    originOf: (request) => baseUrl?.origin ?? requestOrigin(request),
  };
  return (request, response, next) => {
    serve(office, request, response).catch(next);
  };
}

interface Office {
  readonly deps: OfficeDeps;
  readonly tokens: FormTokens;
  readonly options: BackOfficeOptions;
  readonly originOf: (request: Request) => string;
}

async function serve(office: Office, request: Request, response: Response): Promise<void> {
  secure(response);
  const [whole = ""] = request.originalUrl.split("?");
  const path = request.path.replace(/^\//, "");
  // Links are relative, so the root has to end in a slash.
  if (path === "" && !whole.endsWith("/")) {
    response.statusCode = 308;
    response.setHeader("location", `${whole.split("/").at(-1)}/`);
    response.end();
    return;
  }
  if (path === "office.css") {
    response.setHeader("cache-control", "private, max-age=300");
    return answer(response, 200, "text/css; charset=utf-8", OFFICE_STYLE);
  }
  const who = await office.options.authenticate(request, response);
  if (response.headersSent) return;
  const visit = visitOf(office, request, path, typeof who === "string" ? who : "");
  if (visit.facts.who === "") {
    return answerProblem(visit, response, new OfficeProblem("entry", 401));
  }
  try {
    const route = findRoute(path);
    if (route === null) throw new OfficeProblem("address", 404);
    await send(visit, response, await answerRoute(office, visit, request, route));
  } catch (error) {
    if (response.headersSent) {
      // A list that broke off: the browser notices by the length.
      response.destroy();
      visit.deps.mts.logger.error(errorFields(error), "A list of the back office broke off.");
      return;
    }
    answerProblem(visit, response, problemOf(visit, error));
  }
}

function visitOf({ deps, tokens, options }: Office, request: Request, path: string, name: string) {
  const who = name.slice(0, MOST_NAME);
  return new Visit(deps, {
    language: options.language ?? languageOf(request),
    timeZone: options.timeZone ?? "UTC",
    who,
    path,
    query: new URLSearchParams(request.originalUrl.split("?")[1] ?? ""),
    token: tokens.issue(who),
  });
}

async function answerRoute(
  { tokens, originOf }: Office,
  visit: Visit,
  request: Request,
  route: Route,
): Promise<Answer> {
  switch (request.method) {
    case "GET":
    case "HEAD":
      if (route.get === undefined) throw new OfficeProblem("method", 405);
      return route.get(visit);
    case "POST": {
      if (route.post === undefined) throw new OfficeProblem("method", 405);
      const headers = { site: request.get("sec-fetch-site"), origin: request.get("origin") };
      expectSameOrigin(headers, originOf(request));
      const fields = await readForm(request);
      tokens.expect(visit.facts.who, fields.get("token"));
      return route.post(visit, fields);
    }
    default:
      throw new OfficeProblem("method", 405);
  }
}

async function send(visit: Visit, response: Response, given: Answer): Promise<void> {
  response.setHeader("content-language", visit.facts.language);
  switch (given.kind) {
    case "page":
      return answer(response, 200, "text/html; charset=utf-8", officePage(visit, given));
    case "go": {
      response.statusCode = 303;
      response.setHeader("location", visit.link(given.path, { notice: given.notice }));
      response.end();
      return;
    }
    case "csv":
      return sendCsv(visit, response, given);
  }
}

/** Piece by piece, as fast as the other side takes it. */
async function sendCsv(
  { deps }: Visit,
  response: ServerResponse,
  { filename, header, rows }: Extract<Answer, { kind: "csv" }>,
): Promise<void> {
  const { scale } = deps.shop;
  response.statusCode = 200;
  response.setHeader("content-type", "text/csv; charset=utf-8");
  response.setHeader("content-disposition", `attachment; filename="${filename}"`);
  let isOpen = response.write(csvRows([header], scale, true));
  for await (const some of rows) {
    if (response.destroyed) return;
    if (!isOpen) await drained(response);
    isOpen = response.write(csvRows(some, scale, false));
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function answerProblem(visit: Visit, response: Response, { problem, status }: OfficeProblem): void {
  const page = problemPage(visit, visit.words.problems[problem]);
  response.setHeader("content-language", visit.facts.language);
  answer(response, status, "text/html; charset=utf-8", page);
}

function secure(response: Response): void {
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-security-policy", POLICY);
  // Its own forms have to say where they come from; nobody else learns anything.
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("vary", "Accept-Language, Cookie");
  response.setHeader("x-content-type-options", "nosniff");
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
