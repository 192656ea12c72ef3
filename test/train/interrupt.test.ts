import assert from "node:assert/strict";
import { test } from "node:test";
import { interruptible } from "../../lib/train/interrupt";
import { nextTurn } from "../../lib/train/predict";
import { tinyTrainer } from "../support/training";

test("a first interrupt only asks to stop, a second one reaches whoever listened before", async () => {
  const heard: string[] = [];
  const other = (): void => void heard.push("other");
  process.on("SIGINT", other);
  try {
    const result = await interruptible(
      () => heard.push("stop"),
      async () => {
        process.emit("SIGINT", "SIGINT");
        heard.push("work");
        process.emit("SIGINT", "SIGINT");
        return 5;
      },
    );
    assert.deepEqual([result, heard], [5, ["stop", "work", "other"]]);
    assert.deepEqual(process.listeners("SIGINT"), [other]);
  } finally {
    process.removeListener("SIGINT", other);
  }
});

test("listeners are as before after work that fails", async () => {
  const before = process.listeners("SIGINT");
  const failing = interruptible(
    () => assert.fail("no interrupt came"),
    async () => {
      throw new Error("broken");
    },
  );
  await assert.rejects(failing, /broken/);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

test("a signal ends training after the step under way", async () => {
  const pressed = {
    onStepEnd: async ({ state }: { state: { globalStep: number } }) => {
      if (state.globalStep !== 2) return;
      process.kill(process.pid, "SIGINT");
      // A signal is delivered between two turns of the event loop.
      await nextTurn();
      await nextTurn();
    },
  };
  const output = await tinyTrainer({ outputDir: "unused" }, { callbacks: [pressed] }).train();
  assert.deepEqual([output.stopped, output.globalStep <= 3], [true, true]);
});
