/** Notices that pages are sold while nothing serves the endpoints that their quotes lead to. */
import type { Logger } from "../logger.ts";

/** One for each shop. */
export class MountWatch {
  readonly #logger: Logger;
  /** Nothing is left to say once the router was made or the warning given. */
  #isDone = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `merchant.router()` was called. */
  routerMade(): void {
    this.#isDone = true;
  }

  /** A page with a quote is about to be sent. Warns once. */
  pageSold(mountPath: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#logger.warn(
      { mountPath },
      "A page was sold, but merchant.router() was never called: wallets do not find the quote. Add app.use(merchant.router()) before body parsers, or ignore this if another process serves it.",
    );
  }
}
