// Checks HTML reports in a real browser: `node check.mjs report.html …`; the browser is named by CHROMIUM.
//
// Each page: valid HTML; no axe violation in light, dark and at 390 pixels; no sideways scroll; no request beyond the
// page itself; no script, and none that ran although the page's own policy is lifted; at most 500 kB and 5,000 nodes; at most MAX_PAGES printed pages where that is set.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const validator = new HtmlValidate(
  new FileSystemConfigLoader({
    root: true,
    extends: ["html-validate:standard"],
    rules: { "no-inline-style": "error", "long-title": "off", "no-trailing-whitespace": "off" },
  }),
);
const views = [
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
  ["dark", 390],
];
const problems = [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
for (const file of process.argv.slice(2)) {
  const say = (text) => problems.push(`${file}: ${text}`);
  const bytes = readFileSync(file);
  if (bytes.length > 500_000) say(`${bytes.length} bytes, allowed are 500000`);
  const report = await validator.validateFile(resolve(file));
  for (const m of report.results.flatMap((r) => r.messages)) say(`${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
  for (const [colorScheme, width] of views) {
    // A page of its own context, so that axe may be evaluated although the page's policy forbids scripts.
    const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const url = pathToFileURL(resolve(file)).href;
    page.on("request", (r) => r.url() === url || say(`asks for ${r.url()}`));
    page.on("pageerror", (e) => say(`script error ${e}`));
    page.on("dialog", async (d) => {
      say(`a script ran: ${d.message()}`);
      await d.dismiss();
    });
    await page.goto(url);
    const view = `${colorScheme} ${width}`;
    const facts = await page.evaluate(() => ({
      nodes: document.querySelectorAll("*").length,
      scripts:
        document.querySelectorAll("script, iframe, object, embed").length +
        [...document.querySelectorAll("*")].flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith("on")).length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    if (facts.nodes > 5_000) say(`${facts.nodes} nodes, allowed are 5000`);
    if (facts.scripts > 0) say(`${facts.scripts} elements that could run a script`);
    if (facts.wide > 0) say(`${view}: ${facts.wide} pixels wider than the window`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
    const opened = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (opened > 0) say(`${view}, all opened: ${opened} pixels wider than the window`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const v of violations) say(`${view}: axe ${v.id}: ${v.help}: ${v.nodes[0].target} (${v.nodes.length})`);
    await context.close();
  }
  if (process.env.MAX_PAGES) {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(resolve(file)).href);
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    if (pages > Number(process.env.MAX_PAGES)) say(`prints on ${pages} pages`);
    await page.close();
  }
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${process.argv.length - 2} pages, ${problems.length} problems`);
process.exit(problems.length > 0 || process.argv.length < 3 ? 1 : 0);
