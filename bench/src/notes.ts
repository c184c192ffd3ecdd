/**
 * Why a row misses what is expected of it, and in figures what it would take: written by hand, one note a row. The report
 * shows a note only while its row misses.
 */

/** Markdown, by the name of the row. */
export const NOTES: ReadonlyMap<string, string> = new Map<string, string>([
  [
    "tps.floor",
    `The floor is one agreement and one signature on one core that has its caches to itself: 84 µs at best. A payment also needs the verification of the device's
signature, which alone takes 117 µs, and a commit. Half of the floor would leave a payment 335 µs of the two cores together, load generator (80 µs)
included. It takes 940 µs of CPU in the TPS's processes and 420 in PostgreSQL (\`tps.cost\`). Of the 940, in a profile: Curve25519 some 290 (verify 170, sign 65, agree 55;
117, 55 and 35 while the other hyperthread rests), derivations, tags and AES-GCM 150, reading keys 40, parsing, checking and writing messages 140, HTTP with
Fastify 130, the database's driver 80, garbage and its threads 100. Without the device's signature, which is what makes a payment undeniable, and with all but
cryptography at half its cost, some 0.2 could be reached; 0.5 by no program that opens, verifies, signs and commits each payment on these two cores.`,
  ],
  [
    "tps.tpcb",
    `Twice the yardstick would leave a payment 420 to 550 µs of the two cores (pgbench makes 1,800 to 2,400 transactions a second here), load generator (80 µs)
included: less than its cryptography and its share of PostgreSQL, 480 and 420. pgbench has no cryptography, and sends some numbers where a payment is 5 kB on
the wire and 9 kB in the write-ahead log. What would come next: replies that are made again instead of stored (−70 µs in PostgreSQL, half of the log), Curve25519 in
radix 2^51 instead of OpenSSL's portable code (−100; libsodium has it, node:crypto does not), requests read without intermediate copies
(−100). With all three a ratio near 0.85; 2 would take some three times the cores for the TPS beside the same PostgreSQL, which workers on other hosts are.`,
  ],
  [
    "mts.step",
    `The same five answers cost Express some 810 µs, so that twice that leaves the shop 810 µs of its own; it takes 4,300 on top. Warm and by itself, without HTTP, a
sale's steps add up to 2,650 (table in [bench/README.md](../bench/README.md)): seven durable writes 875, opening the session 300, verifying the proof 240, sealing goods and
advice, parsing and checking the rest. The other 1,650 were not taken apart: in the profile of the running shop most code is not yet optimized, and garbage takes 13 %.
Four writes would do (the advice with the payment; the event leased as it is written, its end with the next write), and records of 1 KB that leave the
quote where it is would cost 90 each: −500. The public-key work (540) and what the same bytes cost in Express are below any program's reach on one core.`,
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
