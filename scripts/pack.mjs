/** `npm run pack`: the library as an npm package, from a manifest of its own, `.setup/package/ethics-for-robots-VERSION.tgz`. */
import { packageTarball } from "./package/stage.mjs";
import { refuseOptions, runMain } from "./setup/setup-error.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  refuseOptions("npm run pack", process.argv.slice(2));
  await setUp();
  console.log(await packageTarball());
  return 0;
});
