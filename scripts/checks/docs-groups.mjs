/** A TypeDoc plugin that groups the documentation by the comments above the exports of `lib/index.ts`. */
import { readFileSync } from "node:fs";
import { Application, Comment, CommentTag, Converter } from "typedoc";
import { inProject } from "../setup/project.mjs";

/** @returns {Map<string, string>} the heading above each name that the library exports, in walking order */
export function headings() {
  const sections = readFileSync(inProject("lib", "index.ts"), "utf8")
    .split(/^\/\/ /m)
    .slice(1);
  return new Map(
    sections.flatMap((section) => {
      const [title = ""] = section.split("\n", 1);
      const lists = [...section.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
      return lists.map(
        (name) => /** @type {[string, string]} */ ([name.replace(/\btype\b|.* as /g, "").trim(), title]),
      );
    }),
  );
}

/** @param {import("typedoc").Application} app */
export function load(app) {
  const titles = headings();
  // Not sooner: options are read once more after the plugins are loaded.
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue("categoryOrder", [...new Set(titles.values())]);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const child of project.children ?? []) {
      const title = titles.get(child.name);
      if (title === undefined) continue;
      for (const described of child.signatures ?? [child]) {
        described.comment ??= new Comment();
        described.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: title }]));
      }
    }
  });
}
