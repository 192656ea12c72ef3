/** What JupyterLab's page loads: in a dark theme its figures are dark. They are drawn on white paper; turned round they fit. */
(() => {
  const page = /** @type {any} */ (globalThis);
  const style = page.document.createElement("style");
  style.textContent = "[data-jp-theme-light='false'] .jp-RenderedPlotly { filter: invert(0.93) hue-rotate(180deg); }";
  page.document.head.append(style);
  // JupyterLab asks every extension to begin.
  page._JUPYTERLAB = { ...page._JUPYTERLAB, "ethics-for-robots": { init() {} } };
})();
