/** Takes the locks `0` … of a folder, each at its moment, and tells which it got; holds them until it is ended. */
import { join } from "node:path";
import { takeLock } from "../../lib/process/lock";

const [folder = "", count = "", start = ""] = process.argv.slice(2);
const taken: number[] = [];
for (let i = 0; i < Number(count); i++) {
  while (Date.now() < Number(start) + 20 * i);
  if (takeLock(join(folder, String(i))) === undefined) taken.push(i);
}
console.log(JSON.stringify(taken));
setInterval(() => {}, 1000);
