/**
 * Why a row misses what is expected of it, and in figures what it would take: written by hand, one note a row. The report
 * shows a note only while its row misses.
 */

/** Markdown, by the name of the row. */
export const NOTES: ReadonlyMap<string, string> = new Map<string, string>([
  [
    "mts.step",
    `The same five answers cost Express some 830 µs, so that twice that leaves the shop 830 µs of its own; it takes 2,650 (steps in
[bench/README.md](../bench/README.md)). Seven durable writes are 875 of them, opening the session 300, verifying the proof 240. Four writes would do (the advice
with the payment; the event leased as it is written, its end with the next write), and records of 1 KB that leave the quote where it is would cost 90 each: 360.
With the public-key work that is 900, and reading each message once some 200 more: a ratio of about 2.3. For 2 the public-key work would have to leave the
process: another core, but not less CPU.`,
  ],
  [
    "goods.stream",
    `In the profile the shop waits 46 % of the time for file and socket, and collects garbage for 13 %: each byte is copied twice besides its
encryption, when pieces of the file are cut into chunks and when the tag is put behind (\`protocol/src/stream.ts\`, \`node/goods-cipher.ts\`). AES-256-GCM itself is 3 %.`,
  ],
]);
