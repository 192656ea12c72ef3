import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import type { ForwardContext } from "../../lib/model/linear";
import { DropoutStream } from "../../lib/tensor/dropout";
import { withoutKernels } from "../../lib/tensor/native/library";
import { tf } from "../../lib/tensor/tensorflow";
import { computeGradients } from "../../lib/train/train-step";
import { temporaryFolder } from "../support/folders";
import { assertNothingKept } from "../support/memory";
import { TINY_ROWS, tinyModel } from "../support/tiny";
import { checkpointBytes, tinyTrainer } from "../support/training";

const deep = { num_hidden_layers: 3, hidden_dropout_prob: 0.3, attention_probs_dropout_prob: 0.3 };

/** Loss and gradients, with the masks of one step. */
function gradients(context: ForwardContext): Record<string, number[]> {
  const model = getPeftModel(tinyModel(deep), new LoraConfig({ r: 2, initLoraWeights: false, taskType: "SEQ_CLS" }));
  const dropout = new DropoutStream(3, 5);
  const { loss, gradients } = computeGradients(model, TINY_ROWS, { ...context, dropout });
  const result = Object.fromEntries([...gradients].map(([{ name }, gradient]) => [name, [...gradient.dataSync()]]));
  result.loss = [...loss.dataSync()];
  tf.dispose([loss, ...gradients.values()]);
  model.unload().dispose();
  return result;
}

for (const [what, run] of [
  ["with", <T>(work: () => T): T => work()],
  ["without", withoutKernels],
] as const) {
  test(`gradient checkpointing changes no gradient, masks included, ${what} the fused kernels`, () => {
    const plain = run(() => gradients({}));
    assert.equal(Object.keys(plain).length, 3 * 2 * 2 + 4 + 1);
    assert.deepEqual(
      run(() => gradients({ gradientCheckpointing: true })),
      plain,
    );
  });
}

test("it keeps less for the backward pass, and nothing after it", async () => {
  const most = (gradientCheckpointing: boolean): number => {
    const model = getPeftModel(tinyModel({ ...deep, num_hidden_layers: 12 }), new LoraConfig({ r: 2 }));
    const before = tf.memory().numBytes;
    let peak = 0;
    const watch = new Proxy(new DropoutStream(3, 5), {
      get(stream, name) {
        peak = Math.max(peak, tf.memory().numBytes - before);
        const value = Reflect.get(stream, name);
        return typeof value === "function" ? value.bind(stream) : value;
      },
    });
    const { loss, gradients } = computeGradients(model, TINY_ROWS, { dropout: watch, gradientCheckpointing });
    tf.dispose([loss, ...gradients.values()]);
    model.unload().dispose();
    return peak;
  };
  const [plain, less] = await assertNothingKept(() => [most(false), most(true)] as const);
  assert.ok(less < plain / 3, `${less} bytes against ${plain}`);
});

test("a Trainer trains with it where its arguments say so, to the same checkpoint byte by byte", async (t) => {
  const train = async (gradientCheckpointing: boolean): Promise<Buffer[]> => {
    const outputDir = temporaryFolder();
    const model = getPeftModel(tinyModel(deep), new LoraConfig({ r: 2, taskType: "SEQ_CLS" }));
    const forward = t.mock.method(model, "forward");
    await tinyTrainer({ outputDir, gradientCheckpointing, saveStrategy: "epoch" }, { model }).train();
    const given = forward.mock.calls.map(({ arguments: [, context] }) => context?.gradientCheckpointing);
    assert.deepEqual(given, Array(6).fill(gradientCheckpointing));
    model.unload().dispose();
    return checkpointBytes(join(outputDir, "checkpoint-6"));
  };
  assert.deepEqual(await train(true), await train(false));
});
