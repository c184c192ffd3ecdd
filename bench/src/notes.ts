/**
 * Why a row misses what is expected of it, and in figures what it would take: written by hand, one note a row. The report
 * shows a note only while its row misses.
 */

/** Markdown, by the name of the row. */
export const NOTES: ReadonlyMap<string, string> = new Map<string, string>([
  [
    "tps.floor",
    `The floor is one agreement and one signature on one core that has its caches to itself: 84 µs. A payment also needs the verification of the device's signature,
which alone takes 117 µs, and a commit. Half of the floor would be 335 µs for each payment on two cores together, load generator (80 µs) included. In µs of CPU,
a payment takes 1,050 in the TPS's processes and 280 in PostgreSQL. Of the 1,050: Curve25519 290 (verify 170, sign 65, agree 55; 117, 55 and 35 where the
other hyperthread rests), derivations, tags and AES-GCM 150, reading keys 40, parsing, checking and writing messages 140, HTTP with Fastify 150, the database's
driver 100, garbage and its threads 130, the rest thinly spread. Without the device's signature, which is what makes a payment undeniable, and with all but
cryptography at half its cost, some 0.2 could be reached; 0.5 by no program that opens, verifies, signs and commits each payment on these two cores.`,
  ],
  [
    "tps.tpcb",
    `Twice the yardstick would leave 550 µs of the two cores to a payment, load generator (80 µs) included. It takes 1,050 in the TPS and 280 in PostgreSQL
(steps under \`tps.floor\`). The database's share is a quarter of what pgbench takes for its transaction, so committing together does what it should; cryptography,
which pgbench has none of, is 480. What would come next: replies that are made again instead of stored (−70, half of the log that is written), Curve25519 in
radix 2^51 instead of OpenSSL's portable code (−100; libsodium has it, node:crypto does not), requests read without intermediate
copies (−100): about 1,160, a ratio near 0.9. On a machine whose cores are not shared by two threads the ratio is better as well.`,
  ],
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
  [
    "purchase.wall",
    `On two cores that others kept busy (load 3.4) a purchase took 249 ms: 64 in its four round trips, 185 in the wallet. Of those eight strict commits
are 25 to 80, the proof's Ed25519 in JavaScript 6, four calls of \`fetch\` about 10. Two commits fewer would spare 6 to 20 ms
([0104](decisions/0104-telling-of-changes-costs-the-disk.md) says why they stay).`,
  ],
]);
