import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../lib/onnx/builder";
import { modelBytes } from "../../lib/onnx/proto";

test("a model has the bytes that protobuf's encoding of onnx.proto gives", () => {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", ["n", 2]);
  const y = graph.op("Concat", [x, graph.store("w", "float32", [1, 2], () => Float32Array.of(1, -2))], { axis: -1 });
  graph.output(y, "y", ["m", 2]);
  const made = Buffer.concat([...modelBytes(graph, 17)]).toString("latin1");
  const field = (tag: string, content: string): string => tag + String.fromCharCode(content.length) + content;
  const minusOne = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"; // 64 bits
  const value = (name: string, axis: string): string =>
    field("\x0a", name) +
    field(
      "\x12",
      field("\x0a", `\x08\x01${field("\x12", field("\x0a", field("\x12", axis)) + field("\x0a", "\x08\x02"))}`),
    );
  const attribute = `${field("\x0a", "axis")}\x18${minusOne}\xa0\x01\x02`;
  const concat = ["\x0ax", "\x0aw", "\x12Concat_0", "\x1aConcat_0", "\x22Concat"].map((part) =>
    field(part[0] as string, part.slice(1)),
  );
  const identity = ["\x0aConcat_0", "\x12y", "\x1ay", "\x22Identity"].map((part) =>
    field(part[0] as string, part.slice(1)),
  );
  const numbers = "\x00\x00\x80\x3f\x00\x00\x00\xc0";
  const content = [
    field("\x0a", concat.join("") + field("\x2a", attribute)),
    field("\x0a", identity.join("")),
    field("\x12", "classifier"),
    field("\x2a", `\x08\x01\x08\x02\x10\x01${field("\x42", "w")}${field("\x4a", numbers)}`),
    field("\x5a", value("x", "n")),
    field("\x62", value("y", "m")),
  ].join("");
  assert.ok(content.length > 127 && content.length < 256);
  const length = String.fromCharCode((content.length & 127) | 128, 1);
  const producer = field("\x12", "ethics-for-robots");
  assert.equal(made, `\x08\x08${producer}\x3a${length}${content}${field("\x42", "\x10\x11")}`);
});

test("a tensor's values are asked for when they are written, once", () => {
  const graph = new GraphBuilder();
  const asked: string[] = [];
  for (const name of ["first", "second", "second"]) {
    graph.store(name, "float32", [1], () => {
      asked.push(name);
      return Float32Array.of(1);
    });
  }
  const pieces = modelBytes(graph, 17);
  assert.deepEqual(asked, []);
  for (const _ of pieces) if (asked.length === 1) break;
  assert.deepEqual(asked, ["first"]);
  for (const _ of modelBytes(graph, 17));
  assert.deepEqual(asked, ["first", "first", "second"]);
});
