/**
 * Several servers on one port: worker processes that share nothing but PostgreSQL. This process starts them, starts
 * another where one ends, and replaces them one by one when told to.
 */
import cluster, { type Worker } from "node:cluster";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Platform } from "../platform.ts";

/** Whether this process was started by {@link superviseWorkers}. */
export const isWorkerProcess = (): boolean => cluster.isWorker;

/** Running workers. */
export interface Supervisor {
  /** Where they listen. */
  readonly address: string;
  /**
   * Starts a successor for each worker, one after another; the old one answers what it has under way and ends once the
   * new one listens. Meanwhile a second call changes nothing.
   *
   * @throws {OperatorError} `worker-failed` when a successor does not start; the others go on
   */
  replaceAll(): Promise<void>;
  /** All of them answer what is under way and end. */
  stop(): Promise<void>;
}

/** How to run workers. */
export interface SupervisorOptions {
  readonly workers: number;
  /** Arguments of the program: the workers run the same command. */
  readonly args: readonly string[];
  readonly platform: Pick<Platform, "sleep" | "every">;
  /** Remarks for the operator. */
  say(text: string): void;
}

interface Started {
  readonly worker: Worker;
  readonly address: string;
}

/**
 * Starts workers, and returns when all of them listen.
 *
 * @throws {OperatorError} `worker-failed`; its cause was said by the worker itself
 */
export async function superviseWorkers(options: SupervisorOptions): Promise<Supervisor> {
  const { platform, say } = options;
  cluster.setupPrimary({ args: [...options.args] });
  const serving = new Set<Worker>();
  let stopping = false;
  let replacing: Promise<void> | undefined;

  async function start(): Promise<Started> {
    const started = await startWorker();
    serving.add(started.worker);
    started.worker.once("exit", () => {
      // Whoever retires a worker takes it out first.
      if (!serving.delete(started.worker) || stopping) return;
      say("A worker ended unasked. Another is started.");
      void restart();
    });
    return started;
  }

  async function restart(): Promise<void> {
    for (let attempt = 0; !stopping; attempt++) {
      try {
        await start();
        return;
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
      const [shortest, longest] = LIMITS.workerPauseMilliseconds;
      await platform.sleep(Math.min(shortest * 2 ** attempt, longest));
    }
  }

  async function retire(worker: Worker): Promise<void> {
    serving.delete(worker);
    await endWorker(platform, worker);
  }

  async function replaceAll(): Promise<void> {
    for (const old of [...serving]) {
      if (stopping) return;
      await start();
      await retire(old);
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    // One that is just starting is no longer wanted either.
    await Promise.all(
      Object.values(cluster.workers ?? {}).map((worker) => worker && retire(worker)),
    );
  }

  const started = await Promise.allSettled(Array.from({ length: options.workers }, start));
  const failed = started.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [first] = started;
  return {
    address: first?.status === "fulfilled" ? first.value.address : "",
    replaceAll() {
      replacing ??= replaceAll().finally(() => {
        replacing = undefined;
      });
      return replacing;
    },
    stop,
  };
}

function startWorker(): Promise<Started> {
  const worker = cluster.fork();
  return new Promise((resolve, reject) => {
    // No process at all: the program is just being replaced, or the system has none left. Unheard it would end this one.
    worker.on("error", ({ message }) =>
      reject(new OperatorError("worker-failed", `A worker could not be started: ${message}`)),
    );
    worker.once("listening", ({ address, port }) =>
      resolve({ worker, address: `http://${address ?? "0.0.0.0"}:${port}` }),
    );
    worker.once("exit", () =>
      reject(
        new OperatorError("worker-failed", "A worker ended before it listened: see what it said."),
      ),
    );
  });
}

/** Lets a worker finish; one that does not is ended. */
async function endWorker(platform: Pick<Platform, "every">, worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  worker.process.kill("SIGTERM");
  const stopWaiting = platform.every(LIMITS.workerEndMilliseconds, () =>
    worker.process.kill("SIGKILL"),
  );
  await ended;
  stopWaiting();
}
