/** The options of `createMerchant`: what they are, and their checking before anything else happens. */
import { isSecureUrl } from "@chit/protocol";
import * as v from "valibot";
import type { MerchantBundleInput, MerchantKeysInput } from "./credentials.ts";
import { MerchantError } from "./errors.ts";
import { MERCHANT_LIMITS } from "./limits.ts";
import type { Logger } from "./logger.ts";
import type { ReportedPolicy } from "./mts/clearing/clearing-deps.ts";
import type { Hook, Hooks } from "./mts/events.ts";
import type { DecideRefund } from "./mts/refunds.ts";
import type { LatePayments } from "./mts/sale-event.ts";
import type { Store } from "./mts/store.ts";
import type { PageTemplate } from "./web/page.ts";

/** What `createMerchant` takes. Only `keys` and `bundle` are needed. */
export interface MerchantOptions {
  /** Path of `chit-merchant-keys.json`, or what is in it. */
  readonly keys: string | MerchantKeysInput;
  /** Path of `chit-merchant-bundle.json`, or what is in it. */
  readonly bundle: string | MerchantBundleInput;
  /** `chit-merchant.db` beside the keys file unless given. */
  readonly store?: Store;
  readonly hooks?: Hooks;
  /** Whether another process on the same store has the hooks: what they are to be told is kept for it then. */
  readonly hooksElsewhere?: boolean;
  /** The shop's public URL, such as `https://shop.example`. Found by each request unless given. */
  readonly baseUrl?: string;
  /** Absolute path of the protocol's endpoints; `/chit` unless given. */
  readonly mountPath?: string;
  /** Where content that is no file is kept; `chit-merchant-goods` beside the keys file unless given. */
  readonly goodsDirectory?: string;
  /** Where shoppers get the wallet; the issuer's site unless given. */
  readonly walletUrl?: string;
  /** Makes the payment page instead of the SDK's own. */
  readonly page?: PageTemplate;
  /** Whether the page of a failure shows the developer's message; unless NODE_ENV is "production". */
  readonly showErrors?: boolean;
  /**
   * For how long after payment (seconds) and how often the goods of a sale are given again to the wallet that
   * bought them; two years and 20 times unless told, false for not at all.
   */
  readonly redelivery?: false | { readonly periodSeconds?: number; readonly times?: number };
  /**
   * Whether shoppers are asked to let the shop recognise them from purchase to purchase (`sale.loyalty`); false unless
   * told. An offer may say otherwise.
   */
  readonly loyalty?: boolean;
  /** How refunds are decided, and what becomes of payments that come late. */
  readonly refunds?: {
    /** Decides while the wallet waits; without it every request stays open until `merchant.decideRefund`. */
    readonly decide?: DecideRefund;
    /** How long the wallet waits for `decide`, in seconds; 5 unless told. After that the refund stays open. */
    readonly decisionSeconds?: number;
    /**
     * Whether a payment made after the quote expired is delivered for (it is, unless told), one for a cancelled number
     * (it goes back, unless told), and one after everything was given back (it goes back, unless told).
     */
    readonly latePayments?: Partial<LatePayments>;
  };
  /**
   * How often refund orders go to the operator and settlement reports are fetched, in seconds; each hour unless told.
   * `false`: only by `merchant.runBatch()` and `merchant.fetchReports()`, or by `chit-merchant batch` and `reports`.
   */
  readonly batches?: false | { readonly everySeconds?: number };
  /**
   * A payment that only a settlement report tells of: `deliver` (unless told) lets the report count as its proof, `ask`
   * leaves it to a person in the reconciliation.
   */
  readonly reportedPayments?: ReportedPolicy;
  /** How long after delivery a wallet needs no redelivery to send for the goods again; 30 days unless told. */
  readonly goodsKeySeconds?: number;
  readonly logger?: Logger;
  /** Whole seconds since 1970. */
  readonly clock?: () => number;
  readonly randomBytes?: (length: number) => Uint8Array;
  readonly fetch?: typeof globalThis.fetch;
  /** Whether to refresh the key list, call left-over hooks and tidy up in the background; true unless told. */
  readonly background?: boolean;
}

/** Functions and objects with functions are not looked into: they pass as they are. */
const aFunction = <T>() => v.custom<T>((value) => typeof value === "function", "Give a function.");
const anObject = <T>(...methods: string[]) =>
  v.custom<T>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      methods.every((method) => typeof Reflect.get(value, method) === "function"),
    methods.length === 0
      ? "Give an object."
      : `Give an object with the functions ${methods.join(", ")}.`,
  );
const aPath = v.pipe(
  v.string("Give a path as a string."),
  v.minLength(1, "The path is empty; an environment variable that is not set?"),
);
const aBoolean = v.boolean("Give true or false.");
const wholeUpTo = (most: number) =>
  v.pipe(
    v.number("Give a whole number."),
    v.integer("Give a whole number."),
    v.minValue(0, "Give 0 or more."),
    v.maxValue(most, `Give at most ${most}.`),
  );
const aLatePolicy = v.optional(v.picklist(["deliver", "refund"], 'Give "deliver" or "refund".'));
const aHook = v.optional(aFunction<Hook>());

/** Browsers put the endpoints' addresses together from it: a second slash or a query would lead elsewhere. */
const baseUrl = v.pipe(
  v.string("Give the shop's URL as a string, such as https://shop.example."),
  v.check(
    isSecureUrl,
    "Give the shop's public URL with https://, such as https://shop.example (http:// only for localhost), without a user name.",
  ),
  v.check(
    (text) => !/[?#]/.test(text) && !/[^:]\/\//.test(text),
    "Give origin and path alone, such as https://shop.example/store: no query, no fragment, no doubled slash.",
  ),
);

const optionsSchema = v.strictObject({
  keys: v.union([aPath, anObject<MerchantKeysInput>()], "Give the path of the keys file."),
  bundle: v.union([aPath, anObject<MerchantBundleInput>()], "Give the path of the bundle."),
  store: v.optional(anObject<Store>("insert", "find", "close")),
  hooks: v.optional(
    v.strictObject({
      quoted: aHook,
      authenticated: aHook,
      paid: aHook,
      goodsSent: aHook,
      redelivery: aHook,
      denied: aHook,
      duplicatePayment: aHook,
      refundAsked: aHook,
      refundDecided: aHook,
      refundGiven: aHook,
    } satisfies Record<keyof Hooks, typeof aHook>),
  ),
  hooksElsewhere: v.optional(aBoolean),
  baseUrl: v.optional(baseUrl),
  mountPath: v.optional(
    v.pipe(
      v.string("Give a path such as /chit."),
      v.regex(
        /^\/*[\w.~%!$&'()+,;=@-]*(\/[\w.~%!$&'()+,;=@-]+)*\/*$/,
        "Give a plain path such as /chit: no pattern, no query, no doubled slash.",
      ),
    ),
  ),
  goodsDirectory: v.optional(aPath),
  walletUrl: v.optional(
    v.pipe(
      v.string("Give a URL as a string."),
      v.check(
        (text) => /^(https?:\/\/|\/)/.test(text),
        "Give a URL that begins with https://, or a path on the shop.",
      ),
    ),
  ),
  page: v.optional(aFunction<PageTemplate>()),
  showErrors: v.optional(aBoolean),
  redelivery: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          periodSeconds: v.optional(wholeUpTo(Number.MAX_SAFE_INTEGER)),
          times: v.optional(wholeUpTo(MERCHANT_LIMITS.redeliveries)),
        }),
      ],
      `Give false, or an object with periodSeconds (a whole number) and times (at most ${MERCHANT_LIMITS.redeliveries}).`,
    ),
  ),
  loyalty: v.optional(aBoolean),
  refunds: v.optional(
    v.strictObject({
      decide: v.optional(aFunction<DecideRefund>()),
      decisionSeconds: v.optional(wholeUpTo(MERCHANT_LIMITS.refundDecisionMostSeconds)),
      latePayments: v.optional(
        v.strictObject({
          expired: aLatePolicy,
          cancelled: aLatePolicy,
          refunded: aLatePolicy,
        } satisfies Record<keyof LatePayments, typeof aLatePolicy>),
      ),
    }),
  ),
  batches: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          everySeconds: v.optional(
            v.pipe(
              wholeUpTo(MERCHANT_LIMITS.batchEveryMostSeconds),
              v.minValue(1, "Give 1 or more."),
            ),
          ),
        }),
      ],
      `Give false, or an object with everySeconds (1 to ${MERCHANT_LIMITS.batchEveryMostSeconds}).`,
    ),
  ),
  reportedPayments: v.optional(v.picklist(["deliver", "ask"], 'Give "deliver" or "ask".')),
  goodsKeySeconds: v.optional(wholeUpTo(Number.MAX_SAFE_INTEGER)),
  logger: v.optional(anObject<Logger>("info", "warn", "error")),
  clock: v.optional(aFunction<() => number>()),
  randomBytes: v.optional(aFunction<(length: number) => Uint8Array>()),
  fetch: v.optional(aFunction<typeof globalThis.fetch>()),
  background: v.optional(aBoolean),
});

/** A clock beyond it, the year 5138, counts milliseconds. */
const LATEST_SECONDS = 100_000_000_000;

/**
 * Refuses options that cannot be right.
 *
 * @throws {MerchantError} `options-invalid`, with the option's name
 */
export function checkOptions(options: MerchantOptions): void {
  const result = v.safeParse(optionsSchema, options);
  if (!result.success) {
    // A misspelt name explains the one that is missing then.
    const unknown = result.issues.find(({ expected }) => expected === "never");
    const issue = unknown ?? result.issues[0];
    const path = v.getDotPath(issue);
    if (path === null) throw invalid("createMerchant needs an object with keys and bundle.");
    if (unknown === undefined) throw invalid(`createMerchant's option "${path}": ${issue.message}`);
    const known = path.startsWith("hooks.") ? optionsSchema.entries.hooks.wrapped : optionsSchema;
    throw invalid(
      `createMerchant knows no option "${path}". It knows ${Object.keys(known.entries).join(", ")}.`,
    );
  }
  if (options.clock !== undefined) checkClock(options.clock());
}

function checkClock(now: number): void {
  if (now > LATEST_SECONDS) {
    throw invalid(
      "The clock option must give seconds, not milliseconds: () => Math.floor(Date.now() / 1000).",
    );
  }
  if (!Number.isSafeInteger(now) || now < 0) {
    throw invalid(
      "The clock option must give whole seconds since 1970: () => Math.floor(Date.now() / 1000).",
    );
  }
}

const invalid = (problem: string) => new MerchantError("options-invalid", problem);
