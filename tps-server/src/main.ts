#!/usr/bin/env node
/** `chit-tps`: composition root of the operator's command line. */
import { runCli } from "./cli/program.ts";
import { systemPlatform } from "./platform.ts";

process.exitCode = await runCli(process.argv.slice(2), {
  platform: systemPlatform,
  environment: process.env,
  out: (text) => {
    process.stdout.write(`${text}\n`);
  },
  say: (text) => {
    process.stderr.write(`${text}\n`);
  },
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    }),
});
