// Builds the wallet into dist/extension: the background as a module, the pages, and the content script as one
// IIFE (content scripts cannot be modules; a loader would be visible to pages).
import { globSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const UI = "extension/src/ui";

/** Puts the manifest, the texts and the icons beside the code, under the names that the manifest uses. */
const extensionFiles = (): Plugin => ({
  name: "chit:extension-files",
  applyToEnvironment: (environment) => environment.name === "client",
  generateBundle() {
    const files = globSync("{_locales,icons}/**/*.{json,png,svg}", { cwd: UI });
    for (const file of files) this.emitFile(asset(file, `${UI}/${file}`));
    this.emitFile(asset("manifest.json", "manifest.json"));
  },
});

const asset = (fileName: string, path: string) =>
  ({ type: "asset", fileName, source: readFileSync(path) }) as const;

const path = (file: string) => new URL(`extension/src/${file}`, import.meta.url).pathname;

export default defineConfig({
  root: UI,
  base: "./",
  publicDir: false,
  plugins: [extensionFiles()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../../dist/extension",
    emptyOutDir: false,
    target: ["chrome133", "firefox142"],
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        rolldownOptions: {
          input: {
            background: path("background/index.ts"),
            payment: path("ui/payment.html"),
            home: path("ui/home.html"),
          },
          output: {
            entryFileNames: "[name].js",
            chunkFileNames: "assets/[name].js",
            assetFileNames: "assets/[name][extname]",
          },
        },
      },
    },
    content: {
      consumer: "client",
      build: {
        rolldownOptions: {
          input: path("content/index.ts"),
          output: { format: "iife", entryFileNames: "content.js" },
        },
      },
    },
  },
  builder: {},
});
