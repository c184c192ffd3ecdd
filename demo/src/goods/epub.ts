/**
 * The e-book: packs `goods/book` into an EPUB 3.3 file (https://www.w3.org/TR/epub-33/). The same bytes every
 * time, so that the digest in a shipping advice stays the same across restarts.
 */
import { readFileSync } from "node:fs";
import { type Zippable, zipSync } from "fflate";

export const BOOK_TITLE = "A Short History of the Chit";

const folder = new URL("../../goods/book/", import.meta.url);
const CHAPTERS = [1, 2, 3, 4, 5, 6].map((number) => `chapter-${number}`);
/** Dates inside the archive and of the edition; a ZIP knows no time before 1980 and no time zone. */
const EDITION = "2026-01-01T00:00:00Z";
const MTIME = new Date(2026, 0, 1);

/** The whole EPUB: `mimetype` first and stored (EPUB 3.3, section 4.2.2), then container, package, content. */
export function makeBook(): Uint8Array {
  const chapters = CHAPTERS.map((id) => ({ id, text: read(`${id}.xhtml`) }));
  const files: Zippable = {
    mimetype: [text("application/epub+zip"), { level: 0, mtime: MTIME }],
    "META-INF/container.xml": text(container),
    "EPUB/package.opf": text(packageDocument()),
    "EPUB/nav.xhtml": text(navigation(chapters)),
    "EPUB/cover.xhtml": text(coverPage),
    "EPUB/cover.svg": text(read("cover.svg")),
    "EPUB/style.css": text(read("style.css")),
  };
  for (const chapter of chapters) files[`EPUB/${chapter.id}.xhtml`] = text(chapter.text);
  return zipSync(files, { level: 9, mtime: MTIME });
}

const container = `<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`;

function packageDocument(): string {
  const items = CHAPTERS.map(
    (id) => `    <item id="${id}" href="${id}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  const spine = CHAPTERS.map((id) => `    <itemref idref="${id}"/>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:uuid:5b1f6b5e-9a43-4a35-9c0d-0c41a5b0c417</dc:identifier>
    <dc:title>${BOOK_TITLE}</dc:title>
    <dc:language>en</dc:language>
    <dc:creator>The Chit project</dc:creator>
    <dc:publisher>Paper &amp; Ink</dc:publisher>
    <dc:rights>CC0 1.0 Universal</dc:rights>
    <meta property="dcterms:modified">${EDITION}</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
    <item id="cover-image" href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>
    <item id="style" href="style.css" media-type="text/css"/>
${items.join("\n")}
  </manifest>
  <spine>
    <itemref idref="cover"/>
${spine.join("\n")}
  </spine>
</package>
`;
}

function navigation(chapters: readonly { id: string; text: string }[]): string {
  const entries = chapters.map(({ id, text: page }) => {
    const title = /<title>([^<]*)<\/title>/.exec(page)?.[1] ?? id;
    return `    <li><a href="${id}.xhtml">${title}</a></li>`;
  });
  return xhtml(
    "Contents",
    `<nav epub:type="toc"><h1>Contents</h1>\n  <ol>\n${entries.join("\n")}\n  </ol>\n</nav>`,
  );
}

const coverPage = xhtml(
  BOOK_TITLE,
  `<section class="cover" epub:type="cover"><img src="cover.svg" alt="Cover: ${BOOK_TITLE}"/></section>`,
);

function xhtml(title: string, body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>${title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>${body}</body>
</html>
`;
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
