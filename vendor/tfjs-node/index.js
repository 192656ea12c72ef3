// tfjs-node-gpu 4.22 calls these two helpers, which Node 23 removed from `util`.
const util = require("node:util");
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

module.exports = require("@tensorflow/tfjs-node-gpu");
