// The lab by hand: starts Cloudflare's local runtime on port 8787 (or PORT) with the workflows of src/index.js, creates
// as many instances as asked for, and runs until Ctrl-C.
//
//     npm ci && npm run lab -- 300

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const instances = Number(process.argv[2] ?? 300);
const port = process.env.PORT ?? "8787";
const api = `http://127.0.0.1:${port}/cdn-cgi/explorer/api`;

// Each ends within seconds, but the approvals that nobody gives and the last of the nightly ones.
const kinds = [
  ["checkout", {}],
  ["checkout", { parcels: 8 }],
  ["imports", { fails: 1 }],
  ["imports", { enrich: true }],
  ["billing", { how: "exhausted" }],
  ["billing", { how: "timeout" }],
  ["billing", { how: "non-retryable" }],
  ["approval", { timeout: 2000 }],
  ["approval", {}],
  ["nightly", { sleep: "5 seconds" }],
  ["nightly", {}],
  ["odd-names", {}],
  ["ping", {}],
  ["ping", {}],
  ["noop", {}],
];

const state = mkdtempSync(join(tmpdir(), "flowmeter-lab-"));
const home = join(state, "home");
const log = join(state, "wrangler.log");
mkdirSync(home);

// workerd keeps about three files open for each instance.
const raised = 'ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -Hn); exec "$@"';
const wrangler = [
  process.execPath, fileURLToPath(new URL("node_modules/wrangler/bin/wrangler.js", import.meta.url)), "dev",
  "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0",
  "--persist-to", state, "--show-interactive-dev-session=false",
];
const runtime = spawn("sh", ["-c", raised, "lab", ...wrangler], {
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  stdio: ["ignore", openSync(log, "w"), openSync(log, "a")],
  // Offline, and apart from the user's own wrangler.
  env: {
    PATH: process.env.PATH, HOME: home, CI: "1", NO_COLOR: "1", DO_NOT_TRACK: "1", WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false",
  },
});
let code = 0;
let stopping = false;
const stop = () => {
  stopping = true;
  runtime.kill("SIGTERM");
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
runtime.on("exit", () => {
  if (!stopping) console.error(`wrangler ended, see ${log}`);
  process.exit(stopping ? code : 1);
});

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
while (!(await fetch(`${api}/workflows`).then((answer) => answer.ok, () => false))) await wait(200);
console.log(`Cloudflare's local runtime answers, its state is in ${state}`);
console.log(`  ./flowmeter up --source ${api}`);

const started = Date.now();
// wrangler's proxy loses a request now and then when the machine is busy; creating an id twice does no harm.
const create = async (i, tries = 8) => {
  const [workflow, params] = kinds[i % kinds.length];
  const answer = await fetch(`${api}/workflows/${workflow}/instances`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: `lab-${started}-${i}`, params }),
    signal: AbortSignal.timeout(8000),
  }).then((a) => (a.ok ? "created" : a.text().then((text) => `${a.status} ${text}`)), String);
  if (answer === "created") return;
  if (tries === 1) throw new Error(`expected an instance of ${workflow}, got ${answer}`);
  await create(i, tries - 1);
};
try {
  for (let i = 0; i < instances; i += 10) {
    await Promise.all(Array.from({ length: Math.min(10, instances - i) }, (_, j) => create(i + j)));
  }
  console.log(`${instances} instances created within ${Date.now() - started} ms; Ctrl-C stops`);
} catch (error) {
  await wait(500); // Ctrl-C reaches wrangler as well, and perhaps first.
  if (!stopping) {
    console.error(error.message);
    code = 1;
    stop();
  }
}
