/**
 * Hooks: the merchant's functions that are told what happens to sales. What is to be told is written with the
 * state that it tells of, and crossed out when the function has returned: told at least once, also after a crash.
 */

import { MERCHANT_LIMITS } from "../limits.ts";
import { errorFields, type Logger } from "../logger.ts";
import type { NewsType } from "./sale.ts";
import { type Sale, viewSale } from "./sale-view.ts";
import type { Store, StoredEvent } from "./store.ts";

/** What a hook is handed. */
export interface HookEvent {
  /** The same for the same event, however often it is told: the key to do things once. */
  readonly id: string;
  readonly type: NewsType;
  /** When it happened, in seconds. */
  readonly at: number;
  /** 1 for the first time. */
  readonly attempt: number;
  /** The sale as it is now. */
  readonly sale: Sale;
}

/** A hook. When it throws or rejects it is called again later; the payment stays as it is. */
export type Hook = (event: HookEvent) => void | Promise<void>;

/** A function for each thing that happens. `paid` is where orders are fulfilled. */
export type Hooks = { readonly [Type in NewsType]?: Hook };

export interface EventsDeps {
  readonly store: Store;
  readonly hooks: Hooks;
  /** Whether another process has the hooks: what they are to be told is kept for it. */
  readonly hooksElsewhere?: boolean;
  readonly clock: () => number;
  readonly logger: Logger;
}

/** Hands stored events to the hooks. */
export class Events {
  readonly #deps: EventsDeps;
  /** Hooks under way, by event: a slow one holds up no other, and is not called twice at once. */
  readonly #underWay = new Map<string, Promise<void>>();
  #claiming: Promise<void> = Promise.resolve();

  constructor(deps: EventsDeps) {
    this.#deps = deps;
  }

  /** The event to store with a change; none when nobody wants to hear of it. */
  announce(type: NewsType | null, transactionNumber: string, detail = ""): StoredEvent[] {
    const { hooks, hooksElsewhere } = this.#deps;
    if (type === null || (hooks[type] === undefined && hooksElsewhere !== true)) return [];
    const id = `${transactionNumber}.${type}${detail === "" ? "" : `.${detail}`}`;
    return [{ id, type, transactionNumber, at: this.#deps.clock(), attempts: 0 }];
  }

  /** Calls the hooks of everything that is due; resolves when they are called, not when they return. Never throws. */
  deliver(): Promise<void> {
    if (this.#deps.hooksElsewhere === true) return Promise.resolve();
    this.#claiming = this.#claiming.then(() => this.#claim());
    return this.#claiming;
  }

  /** Resolves when every hook that was called has returned. */
  async settle(): Promise<void> {
    await this.#claiming;
    await Promise.all(this.#underWay.values());
  }

  async #claim(): Promise<void> {
    const { store, clock, logger } = this.#deps;
    try {
      let events: StoredEvent[];
      do {
        const now = clock();
        const lease = now + MERCHANT_LIMITS.eventLeaseSeconds;
        events = await store.claimEvents(now, lease, MERCHANT_LIMITS.eventBatch);
        for (const event of events) this.#start(event);
      } while (events.length === MERCHANT_LIMITS.eventBatch);
    } catch (error) {
      logger.error(errorFields(error), "The store's hook events cannot be read.");
    }
  }

  #start(event: StoredEvent): void {
    if (this.#underWay.has(event.id)) return;
    const told = this.#tell(event)
      .catch((error) => {
        this.#deps.logger.error(errorFields(error), "The store's hook events cannot be kept.");
      })
      .finally(() => {
        this.#underWay.delete(event.id);
      });
    this.#underWay.set(event.id, told);
  }

  async #tell(event: StoredEvent): Promise<void> {
    const { store, hooks, clock, logger } = this.#deps;
    const hook = hooks[event.type];
    const record = await store.find(event.transactionNumber);
    if (hook === undefined || record === undefined) return store.finishEvent(event.id);
    const { id, type, at } = event;
    const attempt = event.attempts + 1;
    try {
      await hook({ id, type, at, attempt, sale: viewSale(record) });
    } catch (error) {
      const wait = Math.min(2 ** attempt * 5, MERCHANT_LIMITS.eventRetrySeconds);
      logger.error(
        { ...errorFields(error), hook: type, attempt, retryInSeconds: wait },
        `The hook "${type}" failed; it will be called again. The sale itself is safe.`,
      );
      return store.postponeEvent(id, clock() + wait);
    }
    return store.finishEvent(id);
  }
}
