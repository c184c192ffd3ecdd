/**
 * The Express layer, for Express 4.18 and later and 5: the router of the protocol's endpoints, and the middleware
 * that sells. It imports nothing of Express but types, so it runs on whichever the application has.
 */
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { MerchantError, Refusal, refusalFor, statusOf } from "./errors.ts";
import { errorFields } from "./logger.ts";
import type { MtsDeps } from "./mts/deps.ts";
import type { Fulfil, Offer } from "./mts/offer.ts";
import { type IssuedQuote, issueQuote } from "./mts/purchase.ts";
import { answerEndpoint } from "./web/endpoints.ts";
import { answer, answerProblem } from "./web/http.ts";
import type { MountWatch } from "./web/mount-watch.ts";
import {
  closedPage,
  PAGE_SECURITY_POLICY,
  type PageTemplate,
  paymentPage,
  quoteHead,
  quoteLink,
  viewPage,
} from "./web/page.ts";
import { answerPayerPage } from "./web/payer-page.ts";
import { languageOf, requestOrigin } from "./web/visitor.ts";

/** An offer, or a function that makes it for a request. */
export type OfferFor = Offer | ((request: Request) => Offer | Promise<Offer>);

/** Something for sale. */
export interface Seller {
  readonly id: string;
  readonly offer: OfferFor;
  readonly fulfil: Fulfil | undefined;
}

export interface WebOptions {
  /** Public URL of the shop, with its path where it is not at the root; found by the request when undefined. */
  readonly baseUrl: URL | undefined;
  /** Absolute path of the protocol's endpoints, such as `/chit`. */
  readonly mountPath: string;
  readonly walletUrl: string;
  readonly page: PageTemplate | undefined;
  readonly mount: MountWatch;
  readonly showErrors: boolean;
}

/** What middleware leaves for the merchant's own page, at `res.locals.chit`. */
export interface QuoteForPage {
  readonly issued: IssuedQuote;
  /** HTML for the page's head. */
  readonly head: string;
}

/** The router of the protocol's endpoints. */
export function createRouter(deps: MtsDeps, options: WebOptions): RequestHandler {
  const prefixes = [options.mountPath];
  const basePath = options.baseUrl?.pathname.replace(/\/$/, "") ?? "";
  if (basePath !== "") prefixes.push(basePath + options.mountPath);
  let warned = false;
  return (request, response, next) => {
    const [path = ""] = request.originalUrl.split("?");
    const prefix = prefixes.find((known) => path.startsWith(`${known}/`));
    if (prefix === undefined) {
      if (request.baseUrl !== "" && !warned) {
        warned = true;
        deps.logger.warn(
          { mountedAt: request.baseUrl, mountPath: options.mountPath },
          `merchant.router() is mounted where its endpoints are not. Mount it with app.use(merchant.router()), or give createMerchant({ mountPath: "${request.baseUrl}" }).`,
        );
      }
      next();
      return;
    }
    const { walletUrl } = options;
    const below = path.slice(prefix.length + 1);
    const mount = `${basePathOf(options)}${options.mountPath}`;
    answerPayerPage(deps, { walletUrl, mount }, request, response, below)
      .then((shown) => shown || answerEndpoint(deps, request, response, below))
      .then((answered) => {
        if (!answered) next();
      })
      .catch(next);
  };
}

/** Middleware that answers with the page of a quote, status 402; never with the goods. */
export function createSalePage(deps: MtsDeps, options: WebOptions, seller: Seller): RequestHandler {
  return (request, response, next) => {
    answerSale(deps, options, seller, request, response).catch(next);
  };
}

/** Middleware that makes a quote for the merchant's own page, and goes on; a failure is answered as a sale's is. */
export function createQuoteAttachment(
  deps: MtsDeps,
  options: WebOptions,
  seller: Seller,
): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    quoteOrClosed(deps, options, seller, request, response)
      .then((issued) => {
        if (issued === null) return;
        const attached: QuoteForPage = { issued, head: quoteHead(issued) };
        response.locals.chit = attached;
        response.setHeader("cache-control", "no-store");
        response.append("link", quoteLink(issued));
        next();
      })
      .catch(next);
  };
}

async function answerSale(
  deps: MtsDeps,
  options: WebOptions,
  seller: Seller,
  request: Request,
  response: Response,
): Promise<void> {
  pageHeaders(response);
  if (request.method === "HEAD") {
    response.statusCode = 402;
    response.end();
    return;
  }
  const issued = await quoteOrClosed(deps, options, seller, request, response);
  if (issued === null) return;
  response.append("link", quoteLink(issued));
  if (wantsJson(request)) {
    answer(response, 402, "application/json", quoteJson(issued));
    return;
  }
  const language = languageOf(request);
  response.setHeader("content-language", language);
  const view = viewPage(language, issued, options.walletUrl);
  // A template of the merchant's own brings its own policy.
  if (options.page === undefined) securePage(response);
  const text = options.page === undefined ? paymentPage(view) : options.page(view);
  answer(response, 402, "text/html; charset=utf-8", text);
}

const wantsJson = (request: Request) => request.accepts(["html", "json"]) === "json";

function pageHeaders(response: Response): void {
  response.setHeader("cache-control", "no-store");
  response.setHeader("vary", "Accept, Accept-Language");
  response.setHeader("x-content-type-options", "nosniff");
}

/** The request's quote; null when there is none and the request was answered with that. */
async function quoteOrClosed(
  deps: MtsDeps,
  options: WebOptions,
  seller: Seller,
  request: Request,
  response: Response,
): Promise<IssuedQuote | null> {
  try {
    const issued = await quoteFor(deps, options, seller, request);
    options.mount.pageSold(options.mountPath);
    return issued;
  } catch (error) {
    failClosed(deps, options, seller, error, request, response);
    return null;
  }
}

/** Any error: a page that says so, status 503. The goods are not even in reach here. */
function failClosed(
  deps: MtsDeps,
  options: WebOptions,
  seller: Seller,
  error: unknown,
  request: Request,
  response: Response,
): void {
  pageHeaders(response);
  deps.logger.error(
    { ...errorFields(error), seller: seller.id },
    "No quote could be made; nothing was sold.",
  );
  const refusal = saleRefusal(error);
  if (wantsJson(request)) {
    answerProblem(response, refusal);
    return;
  }
  const detail =
    options.showErrors && error instanceof Error ? `${error.message} [${codeOf(error)}]` : null;
  securePage(response);
  response.setHeader("retry-after", "60");
  answer(
    response,
    statusOf(refusal),
    "text/html; charset=utf-8",
    closedPage(languageOf(request), `${basePathOf(options)}${options.mountPath}`, detail),
  );
}

/** Before a sale nothing was paid: goods that cannot be read are no promise to come back for. */
function saleRefusal(error: unknown): Refusal {
  const refusal = refusalFor(error);
  if (refusal.code === "certificate-expired") return refusal;
  return new Refusal("unavailable", "The shop cannot take payments just now. Nothing was paid.", {
    cause: error,
  });
}

const codeOf = (error: Error) => (error instanceof MerchantError ? error.code : "internal-error");

function securePage(response: Response): void {
  response.setHeader("content-security-policy", PAGE_SECURITY_POLICY);
  response.setHeader("referrer-policy", "no-referrer");
}

function quoteJson({ url, transactionNumber, quote }: IssuedQuote): string {
  return JSON.stringify({
    type: "payment-required",
    quoteUrl: url,
    transactionNumber,
    amount: quote.amount.toString(),
    currency: quote.currency,
    scale: quote.scale,
    expiresAt: quote.expiresAt,
  });
}

async function quoteFor(
  deps: MtsDeps,
  options: WebOptions,
  { id, offer, fulfil }: Seller,
  request: Request,
): Promise<IssuedQuote> {
  const origin = options.baseUrl?.origin ?? requestOrigin(request);
  return issueQuote(deps, {
    sellerId: id,
    offer: typeof offer === "function" ? await offer(request) : offer,
    hasFulfil: fulfil !== undefined,
    origin,
    endpoint: `${origin}${basePathOf(options)}${options.mountPath}`,
  });
}

const basePathOf = (options: WebOptions) => options.baseUrl?.pathname.replace(/\/$/, "") ?? "";
