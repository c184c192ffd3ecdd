import type { Stopper } from "../stopper.ts";
import type { World } from "../world.ts";
export async function driveOnce(
  _world: World,
  _stopper: Stopper,
  _options: { profile: string; output: string; language: "en" | "de"; dark: boolean },
): Promise<void> {}
