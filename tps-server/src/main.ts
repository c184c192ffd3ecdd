#!/usr/bin/env node
/** `chit-tps`: composition root of the operator's command line. */
import cluster from "node:cluster";
import { runCli } from "./cli/program.ts";
import { systemPlatform } from "./platform.ts";

// A closed terminal or pipe must not end a server that still has a database to stop.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
  platform: systemPlatform,
  environment: process.env,
  out: (text) => {
    process.stdout.write(`${text}\n`);
  },
  say: (text) => {
    process.stderr.write(`${text}\n`);
  },
  args: process.argv.slice(2),
  onReplace: (replace) => {
    process.on("SIGUSR2", replace);
  },
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.once(signal, () => resolve());
    }),
});
// A worker is kept alive by its tie to the process that started it.
cluster.worker?.disconnect();
