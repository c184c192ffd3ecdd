// `npm run types`: checks every TypeScript project, as many at a time as there are processors.
// Each project has its own tsconfig because each may see different globals (see protocol/tsconfig.json).
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

const found = globSync("{,*/,*/*/,*/*/*/}tsconfig.json", {
  exclude: (path) => path.includes("node_modules") || path.includes("dist"),
}).sort();
// A folder with a lock file of its own installs its packages itself, when they are needed.
const absent = found.filter((project) => {
  const folder = dirname(project);
  return existsSync(join(folder, "package-lock.json")) && !existsSync(join(folder, "node_modules"));
});
const projects = found.filter((project) => !absent.includes(project));

const queue = [...projects];
let failed = 0;

function check(project: string): Promise<void> {
  return new Promise((resolve) => {
    execFile("tsc", ["-p", project, "--pretty"], (error, stdout, stderr) => {
      // TS18003: the project has no file yet.
      if (error && !stdout.includes("TS18003")) {
        failed += 1;
        console.log(`${dirname(project)}:\n${stdout}${stderr}`);
      }
      resolve();
    });
  });
}

async function worker(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await check(next);
}

await Promise.all(Array.from({ length: availableParallelism() }, worker));
console.log(`types: ${projects.length - failed} of ${projects.length} projects are sound`);
for (const project of absent)
  console.log(`types: ${dirname(project)} is not installed, not checked`);
process.exitCode = failed === 0 ? 0 : 1;
