/** Writes the vector files: `npx node protocol/test/vectors/generate.ts`. */
import { writeFileSync } from "node:fs";
import { makeVectors, vectorText } from "./vectors.ts";

for (const [name, content] of Object.entries(await makeVectors())) {
  writeFileSync(new URL(`./${name}.json`, import.meta.url), vectorText(content));
  console.log(name);
}
