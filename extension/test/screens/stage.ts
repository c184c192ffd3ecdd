/**
 * A stage for the built pages: served as the extension serves them (same Content-Security-Policy), with a
 * background that answers from a scenario. What is looked at is the shipped code.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Page } from "playwright";
import { NOW } from "./fixtures.ts";
import type { Answers } from "./scenario.ts";

/** Where the build lies: of `npm run build:extension`, or elsewhere. */
export const BUILT = process.env.CHIT_EXTENSION ?? "dist/extension";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/** Serves a built extension on a free port of this computer. */
export async function serve(folder: string): Promise<{ origin: string; close: () => void }> {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const policy: string = manifest.content_security_policy.extension_pages;
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    try {
      const body = readFileSync(join(folder, path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-security-policy": policy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** Puts a background and the texts of a language where the pages look for the extension's interface. */
export async function playBackground(
  page: Page,
  folder: string,
  language: string,
  answers: Answers,
): Promise<void> {
  const texts = readFileSync(join(folder, "_locales", language, "messages.json"), "utf8");
  await page.addInitScript(
    ({ answers, texts, language, now }) => {
      interface Text {
        message: string;
        placeholders?: Record<string, { content: string }>;
      }
      const messages = JSON.parse(texts) as Record<string, Text>;
      const getMessage = (key: string) => {
        const text = messages[key];
        if (text === undefined) return "";
        return text.message.replace(
          /\$(\w+)\$/g,
          (_, name: string) => text.placeholders?.[name.toLowerCase()]?.content ?? "",
        );
      };
      const asked: { name: string; input: unknown }[] = [];
      const browser = {
        runtime: {
          id: "stage",
          getManifest: () => ({ version: "0.1.0" }),
          sendMessage: async (message: { type: string; name: string; input: unknown }) => {
            asked.push({ name: message.name, input: message.input });
            const all = answers as Record<string, unknown>;
            return (
              all[message.name] ?? {
                ok: false,
                failure: { code: "internal-error", detail: message.name },
              }
            );
          },
        },
        i18n: { getMessage, getUILanguage: () => (language === "en" ? "en-GB" : language) },
      };
      Object.assign(globalThis, { browser, chrome: browser, asked });
      // A picture of the same purchase says the same time every day.
      Date.now = () => now * 1000;
    },
    { answers: answers as unknown as Record<string, never>, texts, language, now: NOW },
  );
}
