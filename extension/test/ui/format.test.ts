/** Amounts, sizes, days and addresses of the web, as people read them. */
import { describe, expect, it } from "vitest";
import { fill } from "../../src/ui/fill.ts";
import {
  formatDays,
  formatMoney,
  formatOrigin,
  formatSize,
  subtract,
} from "../../src/ui/format.ts";

const euro = (amount: string) => ({ amount, currency: "EUR", scale: 4 });
/** Intl puts no-break spaces; people see spaces. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("an amount", () => {
  it.each([
    ["49000", "€4.90", "4,90 €"],
    ["5", "€0.0005", "0,0005 €"],
    ["0", "€0.00", "0,00 €"],
    ["-10000", "-€1.00", "-1,00 €"],
    ["12345678", "€1,234.5678", "1.234,5678 €"],
  ])("of %s smallest units is %s or %s", (amount, english, german) => {
    expect(plain(formatMoney("en", euro(amount)))).toBe(english);
    expect(plain(formatMoney("de", euro(amount)))).toBe(german);
  });

  it("is exact where a float is not", () => {
    expect(formatMoney("en", euro("9223372036854775807"))).toBe("€922,337,203,685,477.5807");
  });

  it("of a currency that the browser does not know shows its code", () => {
    expect(plain(formatMoney("de", { amount: "1250", currency: "QZT", scale: 2 }))).toBe(
      "12,50 QZT",
    );
  });

  it("without decimals shows none", () => {
    expect(formatMoney("en", { amount: "1250", currency: "JPY", scale: 0 })).toBe("¥1,250");
  });

  it("is subtracted exactly", () => {
    expect(subtract("9223372036854775807", "1")).toBe("9223372036854775806");
    expect(subtract("1", "2")).toBe("-1");
  });
});

describe("a web origin", () => {
  it("is shown as its host on https, and whole elsewhere", () => {
    expect(formatOrigin("https://shop.example")).toBe("shop.example");
    expect(formatOrigin("https://shop.example:8443")).toBe("shop.example:8443");
    expect(formatOrigin("http://shop.localhost:4000")).toBe("http://shop.localhost:4000");
  });

  it("threat 20: a look-alike’s address is shown in punycode", () => {
    expect(formatOrigin("https://xn--pple-43d.example")).toBe("xn--pple-43d.example");
    expect(formatOrigin("https://аpple.example")).toBe("xn--pple-43d.example");
  });
});

describe("other measures", () => {
  it("names sizes in the unit that fits", () => {
    expect(plain(formatSize("en", 0))).toBe("0 bytes");
    expect(plain(formatSize("en", 999))).toBe("999 bytes");
    expect(plain(formatSize("de", 1_248_000))).toBe("1,2 MB");
    expect(plain(formatSize("en", 1_099_511_627_776))).toBe("1.1 TB");
  });

  it("writes one day or a range of days, or nothing", () => {
    const day = 1_795_356_300;
    expect(formatDays("en", null, null)).toBe("");
    expect(formatDays("en", day, null)).toBe(formatDays("en", null, day));
    expect(formatDays("en", day, day + 172_800)).toMatch(/–/);
  });
});

describe("values in texts", () => {
  it("are put in once: a value that looks like a name stays text", () => {
    expect(fill("{shop} asks {amount}", { shop: "{amount}", amount: "$1" })).toBe(
      "{amount} asks $1",
    );
  });

  it("leave what they do not know", () => {
    expect(fill("{toString} {a}", { a: "b" })).toBe("{toString} b");
  });
});
