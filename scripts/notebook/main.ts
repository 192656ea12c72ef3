/** Runs `npm start` on what was typed. */
import { runCommand } from "../cli/run-command";
import { main } from "./run";

runCommand(main);
