/** A supervisor whose program is away, as while a new version is being installed, when its worker dies. It says so and goes on. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import { superviseWorkers } from "../../src/workers/supervise.ts";

if (cluster.isWorker) {
  createServer().listen(0, "127.0.0.1");
} else {
  const { execPath } = process;
  const say = (text: string) => console.log(text);
  const supervisor = await superviseWorkers({
    workers: 1,
    args: [],
    platform: {
      async sleep() {
        process.execPath = execPath;
      },
      every: () => () => undefined,
    },
    say,
  });
  const again = new Promise((resolve) => cluster.once("listening", resolve));
  process.execPath = "/nowhere/node";
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
  await again;
  say("It is served again.");
  await supervisor.stop();
  process.exit();
}
