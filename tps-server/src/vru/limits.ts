/** Every bound of the VRU, each with its reason. */
export const VRU_LIMITS = {
  /** Wrong pairs of id and passcode in one call, then goodbye: an honest caller mistypes once or twice. */
  triesInACall: 3,
  /** Silences and wrong keys in a row that are answered with the question again; the next one ends the call. */
  missesInARow: 2,
  /** How long a caller may think before a menu key, in seconds. */
  keySeconds: 8,
  /** How long a caller may look for the next digit of a number on paper, in seconds. */
  numberSeconds: 12,
  /** A call's life. Hearing everything twice takes four minutes; what is older was hung up. */
  callSeconds: 900,
  /** The longest that a caller is connected with the operator; the call's life begins anew after it. */
  operatorSeconds: 3_600,
  /** How long it rings at the operator's before nobody is there. */
  ringSeconds: 30,
  /** How long a PIN stays in memory to be repeated: hearing it twice takes forty seconds. */
  pinMemorySeconds: 180,
  /** PINs in memory at once; more calls than this on one machine cannot be. */
  pinsInMemory: 10_000,
  /** Failures of an account in a row that cost no waiting: one call's worth less one. */
  failuresWithoutLock: 2,
  /** The first lock-out, in seconds; each further failure doubles it. */
  firstLockSeconds: 60,
  /** The longest: 24 guesses a day at 100,000,000 passcodes, and a wronged holder waits an hour at most. */
  longestLockSeconds: 3_600,
  /** Failures of all callers in one clock hour; beyond it nobody is identified and the operator is called. */
  failuresInAnHour: 1_000,
  /** Failures from one caller id in one clock hour: four calls' worth. A hundred such callers reach the total. */
  callerFailuresInAnHour: 12,
  /** The same for all callers without a caller id together: they are many, and a tenth of the total. */
  withheldFailuresInAnHour: 100,
  /** An account's failures in a row of which the operator hears, and of each as many again: not mistyped any more. */
  failuresBeforeAlarm: 6,
  /** Cases of one account in a day: beyond it a caller is playing, or needs a person. */
  casesInADay: 5,
  /** Digits of a case's number: a million of them, short enough to be written down. */
  caseDigits: 6,
  /** A spoken message: what happened is told in less. */
  messageSeconds: 120,
  /** Seconds of silence that end a message. */
  messageSilenceSeconds: 5,
  /** A carrier's address of a recording: Twilio's has 130 characters. */
  recordingUrlLength: 1_024,
  /** A webhook of a carrier has about thirty short fields. */
  webhookBytes: 16_384,
  /** A carrier's name for a call: Twilio's has 34 characters. */
  callIdLength: 128,
  /** Wallets offered in one menu: keys 1 to 8, for 9 is "more" and 0 is "back". */
  walletsInAMenu: 8,
  /** Characters said of a wallet's or merchant's name, a stranger's perhaps: enough to know it by, too few to talk a caller into much. */
  spokenName: 30,
  /** Digits of a PIN given out: the fewest the protocol allows, for they are remembered. */
  pinDigits: 6,
  /** How often calls that were never finished are looked for, in milliseconds. */
  sweepMilliseconds: 60_000,
} as const;
