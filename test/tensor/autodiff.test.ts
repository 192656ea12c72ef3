import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameter } from "../../lib/model/parameters";
import { differentiable, gradientsOf, recomputed } from "../../lib/tensor/autodiff";
import { type Tensor, tf } from "../../lib/tensor/tensorflow";
import { held } from "../support/memory";

function weight(value: number, requiresGrad = true): Parameter {
  return new Parameter("w", tf.scalar(value), requiresGrad);
}

/** a · b, which counts how often a gradient is asked for. */
function times(a: Tensor | Parameter, b: Tensor | Parameter, asked: string[] = []): Tensor {
  const of = (x: Tensor | Parameter): Tensor => (x instanceof tf.Tensor ? x : x.value);
  return differentiable([a, b], {
    forward(save) {
      save?.(of(a), of(b));
      return tf.mul(of(a), of(b));
    },
    backward: (dy, [x, y]) => [
      () => {
        asked.push("a");
        return tf.mul(dy, y as Tensor);
      },
      () => {
        asked.push("b");
        return tf.mul(dy, x as Tensor);
      },
    ],
  });
}

function values(gradients: Map<Parameter, Tensor>): number[] {
  return [...gradients.values()].map((gradient) => gradient.dataSync()[0] as number);
}

test("a weight that is used several times gets the sum of its gradients", () => {
  const [w, v] = [weight(3), weight(5)];
  // w · (w · v): the derivatives are 2wv = 30 and w² = 9.
  const { value, gradients } = gradientsOf<Parameter>(() => tf.tidy(() => times(w, times(w, v))));
  assert.equal(value.dataSync()[0], 45);
  assert.deepEqual([gradients.get(w)?.dataSync()[0], gradients.get(v)?.dataSync()[0]], [30, 9]);
  assert.equal(gradients.size, 2);
});

test("gradients of frozen weights and of constants are never computed", () => {
  const [learning, frozen] = [weight(3), weight(5, false)];
  const asked: string[] = [];
  const { gradients } = gradientsOf<Parameter>(() => {
    const constant = times(frozen, tf.scalar(2), asked);
    return times(constant, learning, asked);
  });
  assert.deepEqual([...gradients.keys()], [learning]);
  assert.deepEqual([values(gradients), asked], [[10], ["b"]]);
});

test("nothing is saved outside of gradientsOf, nor for operations on constants in it", () => {
  const w = weight(2);
  let saves = 0;
  const operation = (x: Tensor | Parameter): Tensor =>
    differentiable([x], {
      forward(save) {
        if (save !== undefined) saves++;
        return tf.scalar(1);
      },
      backward: (dy) => [dy.clone()],
    });
  operation(w).dispose();
  assert.equal(saves, 0);
  gradientsOf(() => tf.tidy(() => times(operation(tf.scalar(1)), operation(w))));
  assert.equal(saves, 1);
});

test("an operation that does not lead to the result gets no gradient and keeps nothing", () => {
  const [w, v] = [weight(3), weight(5)];
  const before = held();
  const { value, gradients } = gradientsOf<Parameter>(() =>
    tf.tidy(() => {
      times(v, v);
      return times(w, w);
    }),
  );
  assert.deepEqual([[...gradients.keys()], values(gradients)], [[w], [6]]);
  tf.dispose([value, ...gradients.values()]);
  assert.deepEqual(held(), before);
});

test("an error in the forward pass frees what was saved and ends the recording", () => {
  const w = weight(3);
  const before = held();
  assert.throws(
    () =>
      gradientsOf(() =>
        tf.tidy(() => {
          times(w, w);
          throw new Error("no memory");
        }),
      ),
    /no memory/,
  );
  assert.deepEqual(held(), before);
  times(w, w).dispose();
  assert.deepEqual(held(), before);
});

/** Gives x on; the call with this number, from 1, fails once it has saved x. */
function failingForward(call: number): (x: Tensor) => Tensor {
  let calls = 0;
  return (x) =>
    differentiable([x], {
      forward(save) {
        save?.(x);
        if (++calls === call) throw new Error("forward");
        return x.clone();
      },
      backward: (dy) => [dy.clone()],
    });
}

/** Gives x on; its gradient fails. */
function failingBackward(x: Tensor): Tensor {
  return differentiable([x], {
    forward(save) {
      save?.(x);
      return x.clone();
    },
    backward() {
      throw new Error("backward");
    },
  });
}

/** As `operation`, in a part that is computed again. */
function inPart(operation: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  return (x) => recomputed(x, (input) => operation(times(input, input)));
}

const failures: [string, (x: Tensor) => Tensor, RegExp][] = [
  ["in an operation's forward pass", failingForward(1), /forward/],
  ["in an operation's gradient", failingBackward, /backward/],
  ["in a part that is computed again, the first time", inPart(failingForward(1)), /forward/],
  ["in a part that is computed again, the second time", inPart(failingForward(2)), /forward/],
  ["in the gradient of a part that is computed again", inPart(failingBackward), /backward/],
];

for (const [where, operation, message] of failures) {
  test(`an error ${where} leaves nothing behind`, () => {
    const w = weight(3);
    const before = held();
    assert.throws(() => gradientsOf(() => times(w, operation(times(w, w)))), message);
    assert.deepEqual(held(), before);
  });
}

test("a scalar that nothing learns from has no gradients, and nothing is kept but its value", () => {
  const frozen = weight(3, false);
  const before = held();
  const { value, gradients } = gradientsOf(() => times(frozen, frozen));
  assert.deepEqual([value.dataSync()[0], gradients.size], [9, 0]);
  value.dispose();
  assert.deepEqual(held(), before);
});
