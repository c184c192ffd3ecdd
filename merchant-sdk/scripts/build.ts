/**
 * Builds the package as merchants get it: `node scripts/build.ts [directory]`, `dist` unless told. The directory is
 * complete, with a package.json of its own: `npm pack` and `npm publish` run in it. The protocol is bundled,
 * because it is no package of its own; its libraries stay dependencies, so that they can be updated.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { build, type Rolldown } from "vite";

const ROOT = resolve(import.meta.dirname, "../..");
const SDK = join(ROOT, "merchant-sdk");
const TYPES_ENTRY = "types/merchant-sdk/src/index.d.ts";

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: object;
}

const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, directory, "package.json"), "utf8"));

/** Bundles all entries; tells which packages they import. */
async function bundle(out: string): Promise<string[]> {
  const result = (await build({
    configFile: false,
    root: SDK,
    logLevel: "warn",
    ssr: { noExternal: [/^@chit\//] },
    build: {
      ssr: true,
      outDir: out,
      target: "node22",
      minify: false,
      emptyOutDir: false,
      rollupOptions: {
        input: {
          index: join(SDK, "src/index.ts"),
          cli: join(SDK, "src/cli.ts"),
          verify: join(SDK, "src/verify.ts"),
        },
        output: { entryFileNames: "[name].js", chunkFileNames: "chunk-[hash].js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  const imports = result.output.flatMap((file) => (file.type === "chunk" ? file.imports : []));
  const packages = imports
    .filter((name) => !name.endsWith(".js") || name.startsWith("@"))
    .filter((name) => !isBuiltin(name))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(packages)].sort();
}

/** Declarations of this package and of the protocol, which refer to each other by relative paths. */
function declare(out: string): void {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const types = join(out, "types");
  // On several threads TypeScript 7.0.2 leaves out a few files now and then, and says nothing.
  const options = ["--singleThreaded", "--outDir", types];
  execFileSync(tsc, ["-p", join(SDK, "tsconfig.build.json"), ...options]);
  const protocol = (file: string, entry: string) => {
    const path = relative(dirname(file), join(types, "protocol/src", entry))
      .split(sep)
      .join("/");
    return path.startsWith(".") ? path : `./${path}`;
  };
  for (const path of globSync("**/*.d.ts", { cwd: types })) {
    const file = join(types, path);
    const text = readFileSync(file, "utf8")
      .replace(/"@chit\/protocol"/g, () => JSON.stringify(protocol(file, "index.js")))
      .replace(/"@chit\/protocol\/node"/g, () => JSON.stringify(protocol(file, "node/index.js")))
      .replace(/"(\.\.?\/[^"]+)\.ts"/g, '"$1.js"');
    for (const [, imported = ""] of text.matchAll(/"(\.\.?\/[^"]+)\.js"/g)) {
      const target = join(dirname(file), `${imported}.d.ts`);
      if (!existsSync(target)) throw new Error(`${path} refers to ${target}, which is not there.`);
    }
    writeFileSync(file, text);
  }
}

/** The package.json of the published package. */
function manifest(packages: readonly string[]): object {
  const { version, description, license, engines, ...own } = readManifest("merchant-sdk");
  const known = { ...readManifest("protocol").dependencies, ...own.dependencies };
  const dependencies = packages.map((name) => {
    const pinned = known[name];
    if (pinned === undefined) throw new Error(`${name} is imported, but nobody depends on it.`);
    return [name, `^${pinned}`];
  });
  return {
    name: "@chit/merchant",
    version,
    description,
    license,
    keywords: ["payment", "402", "express", "chit"],
    type: "module",
    engines,
    exports: {
      ".": { types: `./${TYPES_ENTRY}`, default: "./index.js" },
      "./package.json": "./package.json",
    },
    types: `./${TYPES_ENTRY}`,
    bin: { "chit-merchant": "cli.js", "chit-verify": "verify.js" },
    dependencies: Object.fromEntries(dependencies),
    peerDependencies: own.peerDependencies,
    peerDependenciesMeta: own.peerDependenciesMeta,
  };
}

/** Builds into `out`, which is emptied. */
async function buildPackage(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const packages = await bundle(out);
  declare(out);
  writeFileSync(join(out, "package.json"), `${JSON.stringify(manifest(packages), null, 2)}\n`);
  copyFileSync(join(SDK, "README.md"), join(out, "README.md"));
  copyFileSync(join(ROOT, "LICENSE"), join(out, "LICENSE"));
  for (const command of ["cli.js", "verify.js"]) chmodSync(join(out, command), 0o755);
}

await buildPackage(resolve(process.argv[2] ?? join(SDK, "dist")));
