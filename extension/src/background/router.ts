/**
 * The one listener for messages. It looks at the sender before the message: the wallet's own pages may ask
 * everything, content scripts may tell one URL of their own page, nobody else anything (threat 18).
 */
import { isSecureUrl, message, parseValue } from "@chit/protocol";
import * as v from "valibot";
import { toFailure } from "../cts/errors.ts";
import type { WalletReply, WalletRequestName } from "../messages.ts";
import { type PagePointer, pagePointer, walletRequests } from "../messages.ts";
import type { RequestHandlers } from "./requests.ts";

/** The sender of a message as the browser describes it; a page cannot forge any of this. */
export interface MessageSender {
  readonly id?: string | undefined;
  readonly url?: string | undefined;
  readonly origin?: string | undefined;
  readonly frameId?: number | undefined;
  readonly documentLifecycle?: string | undefined;
  readonly tab?: { readonly id?: number | undefined } | undefined;
}

export interface RouterDeps {
  /** The extension's own id and origin (`chrome-extension://…`, without a slash at the end). */
  readonly extensionId: string;
  readonly extensionOrigin: string;
  readonly handlers: RequestHandlers;
  /** A page's pointer that passed the checks here. */
  readonly onPointer: (pointer: PagePointer, origin: string, tabId: number) => Promise<void>;
}

type Route = (message: unknown, sender: MessageSender) => Promise<unknown> | undefined;

const envelope = message({
  type: v.literal("wallet-request"),
  name: v.picklist(Object.keys(walletRequests) as WalletRequestName[]),
  input: v.unknown(),
});

/** The answer to a message, or undefined when it is not for the wallet to answer. */
export function createRouter(deps: RouterDeps): Route {
  return (received, sender) => {
    if (sender.id !== deps.extensionId) return undefined;
    if (isOwnPage(deps, sender)) return answer(deps.handlers, received);
    const page = visitedPage(sender);
    return page === null ? undefined : takePointer(deps, received, page);
  };
}

function isOwnPage(deps: RouterDeps, sender: MessageSender): boolean {
  return originOf(sender) === deps.extensionOrigin;
}

/**
 * The page of a content script: the top frame of a page that was visited; null for any other. That somebody
 * looks at it, the content script waits for.
 */
function visitedPage(sender: MessageSender): { origin: string; tabId: number } | null {
  const origin = originOf(sender);
  const { tab, frameId, documentLifecycle = "active" } = sender;
  const visited = frameId === 0 && documentLifecycle === "active";
  if (!visited || tab?.id === undefined || origin === null) return null;
  return isSecureUrl(origin) ? { origin, tabId: tab.id } : null;
}

function originOf({ url, origin }: MessageSender): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, host, origin: fromUrl } = new URL(url);
  // Engines differ in what `origin` says of an extension's own scheme.
  const computed = fromUrl === "null" ? `${protocol}//${host}` : fromUrl;
  return origin === undefined || origin === computed ? computed : null;
}

async function takePointer(
  deps: RouterDeps,
  received: unknown,
  page: { origin: string; tabId: number },
): Promise<null> {
  const parsed = v.safeParse(pagePointer, received);
  if (!parsed.success) return null;
  const { url } = parsed.output;
  // The pointer stays at its page's origin; that of an activation is the page's own address.
  if (!isSecureUrl(url) || new URL(url).origin !== page.origin) return null;
  await deps.onPointer(parsed.output, page.origin, page.tabId);
  return null;
}

async function answer(handlers: RequestHandlers, received: unknown): Promise<WalletReply<unknown>> {
  try {
    const { name, input } = parseValue(envelope, received);
    return { ok: true, value: await call(handlers, name, input) };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}

function call<N extends WalletRequestName>(
  handlers: RequestHandlers,
  name: N,
  input: unknown,
): Promise<unknown> {
  const handler: (input: never) => Promise<unknown> = handlers[name];
  return handler(parseValue(walletRequests[name], input) as never);
}
