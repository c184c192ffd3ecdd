import { crc32 } from "node:zlib";
import { DOMParser } from "@xmldom/xmldom";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { BOOK_TITLE, makeBook } from "../src/goods/epub.ts";

const book = Buffer.from(makeBook());
const files = unzipSync(book);
const text = (path: string) => new TextDecoder().decode(files[path]);
const xml = (path: string) => new DOMParser().parseFromString(text(path), "text/xml");

describe("the e-book is an EPUB 3 (EPUB 3.3, OCF)", () => {
  it("begins with a file mimetype, stored, without extra field", () => {
    expect(book.readUInt32LE(0)).toBe(0x04034b50);
    expect(book.readUInt16LE(8), "compression method: stored").toBe(0);
    expect(book.readUInt16LE(26), "length of the name").toBe(8);
    expect(book.readUInt16LE(28), "length of the extra field").toBe(0);
    expect(book.toString("latin1", 30, 58)).toBe("mimetypeapplication/epub+zip");
    expect(book.readUInt32LE(14)).toBe(crc32("application/epub+zip"));
  });

  it("has a container that points at the package document", () => {
    const [rootfile] = Array.from(xml("META-INF/container.xml").getElementsByTagName("rootfile"));
    expect(rootfile?.getAttribute("full-path")).toBe("EPUB/package.opf");
    expect(rootfile?.getAttribute("media-type")).toBe("application/oebps-package+xml");
  });

  it("names in its manifest every file that it has, and no other", () => {
    const items = Array.from(xml("EPUB/package.opf").getElementsByTagName("item"));
    const named = items.map((item) => `EPUB/${item.getAttribute("href")}`);
    const content = Object.keys(files).filter(
      (path) => path.startsWith("EPUB/") && path !== "EPUB/package.opf",
    );
    expect(named.toSorted()).toEqual(content.toSorted());
  });

  it("has a title, an identifier, a language, a date, a cover and a table of contents", () => {
    const opf = xml("EPUB/package.opf");
    const one = (name: string) => opf.getElementsByTagName(name).item(0)?.textContent;
    expect(one("dc:title")).toBe(BOOK_TITLE);
    expect(one("dc:identifier")).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(one("dc:language")).toBe("en");
    expect(one("meta")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const properties = Array.from(opf.getElementsByTagName("item"), (item) =>
      item.getAttribute("properties"),
    );
    expect(properties).toContain("cover-image");
    expect(properties).toContain("nav");
  });

  it("has a spine of items of its manifest, and links in its contents that lead somewhere", () => {
    const opf = xml("EPUB/package.opf");
    const ids = Array.from(opf.getElementsByTagName("item"), (item) => item.getAttribute("id"));
    const spine = Array.from(opf.getElementsByTagName("itemref"), (item) =>
      item.getAttribute("idref"),
    );
    expect(spine).toHaveLength(7);
    for (const id of spine) expect(ids).toContain(id);
    const links = Array.from(xml("EPUB/nav.xhtml").getElementsByTagName("a"), (link) =>
      link.getAttribute("href"),
    );
    expect(links).toHaveLength(6);
    for (const link of links) expect(Object.keys(files)).toContain(`EPUB/${link}`);
  });

  it("has chapters that are well-formed, titled and worth reading", () => {
    for (const path of Object.keys(files).filter((name) => name.includes("chapter-"))) {
      const page = xml(path);
      expect(page.getElementsByTagName("title").item(0)?.textContent).toBe(
        page.getElementsByTagName("h1").item(0)?.textContent,
      );
      expect(page.documentElement?.textContent?.split(/\s+/).length).toBeGreaterThan(150);
    }
  });

  it("is the same bytes every time: its digest stands in shipping advices", () => {
    expect(Buffer.from(makeBook()).equals(book)).toBe(true);
  });
});
