/** The colour that is behind a picture, read from what is on screen. */
import type { ElementHandle, Page } from "playwright-core";

/** @returns red, green and blue near the element's upper left corner */
export async function paperOf(page: Page, element: ElementHandle): Promise<number[]> {
  const png = await element.screenshot();
  return (await page.evaluate(`(async () => {
    const answer = await fetch("data:image/png;base64,${png.toString("base64")}");
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(await createImageBitmap(await answer.blob()), -2, -2);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  })()`)) as number[];
}

/** Whether paper is as dark, or as light, as the page around it. */
export function fits(paper: number[], theme: "light" | "dark"): boolean {
  return paper.every((part) => (theme === "dark" ? part < 32 : part > 240));
}
