// Workflows of our own for the end-to-end test: together they show every way in which a run, a step and an attempt can
// go. What an instance does is decided by its params alone, so that a restarted life does the same again.

import { WorkflowEntrypoint } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class LedgerError extends Error {
  constructor(message) {
    super(message);
    this.name = "LedgerError";
  }
}

/** The happy path: steps, a sleep, parallel steps, a sleep until a date, a repeated name, large outputs, no output. */
export class Checkout extends WorkflowEntrypoint {
  async run(event, step) {
    const { parcels = 2, outputBytes = 0 } = event.payload ?? {};
    const order = await step.do("validate order", async () => ({ order: event.instanceId, amount: 12.5 }));
    await step.sleep("settle", 250);
    await Promise.all([
      step.do("charge card", { retries: { limit: 3, delay: "1 second", backoff: "exponential" }, timeout: "30 seconds" }, async () => {
        await pause(60);
        return `charged ${order.amount}`;
      }),
      step.do("reserve stock", { retries: { limit: 0, delay: 0 } }, async () => {
        await pause(30);
        return 42;
      }),
      step.sleep("hold", 90),
    ]);
    await step.sleepUntil("until the tick", new Date(Date.now() + 300));
    await step.do("no output", async () => {});
    for (let parcel = 0; parcel < parcels; parcel++) {
      await step.do("ship parcel", async () => parcel);
    }
    if (outputBytes > 0) {
      for (const part of ["first", "second", "third"]) {
        await step.do(`render ${part}`, async () => part.slice(0, 1).repeat(outputBytes));
      }
    }
    return { ok: true };
  }
}

/** Fails a few times with each backoff, then succeeds; every attempt counts in the step's own context. */
export class Imports extends WorkflowEntrypoint {
  async run(event, step) {
    const { fails = 2, delay = 100, enrich = false } = event.payload ?? {};
    for (const backoff of ["constant", "linear", "exponential"]) {
      await step.do(`fetch ${backoff}`, { retries: { limit: fails + 1, delay, backoff }, timeout: "20 seconds" }, async (context) => {
        if (context.attempt <= fails) throw new TypeError(`upstream 503, attempt ${context.attempt}, ${backoff}`);
        return context.attempt;
      });
    }
    if (enrich) {
      // Failures that the workflow lives with: the run completes all the same.
      await step.do("too slow", { retries: { limit: 1, delay: 50, backoff: "constant" }, timeout: 200 }, () => pause(5000)).catch(() => {});
      await step.do("optional enrich", async () => { throw new NonRetryableError("record is malformed"); }).catch(() => {});
      await step.do("store", async () => "stored");
    }
    return "imported";
  }
}

/** Every way to fail: params.how names it. */
export class Billing extends WorkflowEntrypoint {
  async run(event, step) {
    const how = event.payload?.how;
    await step.do("prepare invoice", async () => ({ invoice: 7 }));
    const ledger = { retries: { limit: 2, delay: 80, backoff: "linear" }, timeout: "5 seconds" };
    switch (how) {
      case "exhausted":
        return step.do("post to ledger", ledger, async () => { await pause(15); throw new RangeError("ledger rejected: balance < 0"); });
      case "no retries":
        return step.do("post to ledger", { retries: { limit: 0, delay: 1000 } }, async () => { throw new RangeError("ledger is closed"); });
      case "timeout":
        return step.do("post to ledger", { ...ledger, timeout: 150 }, () => pause(5000));
      case "non-retryable":
        return step.do("post to ledger", ledger, async () => { throw new NonRetryableError('account "12-7" is closed', "AccountClosed"); });
      case "non-retryable, unnamed":
        return step.do("post to ledger", ledger, async () => { throw new NonRetryableError("account is closed"); });
      case "custom error":
        return step.do("post to ledger", { ...ledger, retries: { limit: 1, delay: 20 } }, async () => { throw new LedgerError("ledger is read-only"); });
      case "empty message":
        return step.do("post to ledger", { retries: { limit: 0, delay: 0 } }, async () => { throw new TypeError(""); });
      case "caught, then another error":
        await step.do("post to ledger", { ...ledger, retries: { limit: 1, delay: 20 } }, async () => { throw new RangeError("ledger is busy"); }).catch(() => {});
        await step.do("note the failure", async () => "noted");
        throw new Error("invoice 7 was not posted");
      case "outside of a step":
        throw new SyntaxError("Unexpected token < in JSON");
      case "one of two in parallel":
        return Promise.allSettled([
          step.do("post to ledger", { retries: { limit: 0, delay: 0 } }, async () => { throw new RangeError("ledger is busy"); }),
          step.do("print invoice", async () => { await pause(300); return "printed"; }),
        ]).then(([posted]) => { if (posted.status === "rejected") throw posted.reason; });
      case "while another step runs":
        return Promise.all([
          step.do("post to ledger", { retries: { limit: 0, delay: 0 } }, async () => { throw new RangeError("ledger is busy"); }),
          step.do("print invoice", async () => { await pause(1500); return "printed"; }),
          step.sleep("dry the ink", 2000),
        ]);
      default:
        throw new Error(`unknown way to fail: ${how}`);
    }
  }
}

/** Waits for an event; on its time-out it fails or goes on. Slow steps leave time to pause or terminate in the middle. */
export class Approval extends WorkflowEntrypoint {
  async run(event, step) {
    const { timeout = "1 hour", failOnTimeout = true, slowSteps = 0, slowMs = 1500 } = event.payload ?? {};
    await step.do("open request", async () => "opened");
    let decision;
    try {
      decision = await step.waitForEvent("wait for approval", { type: "approval", timeout });
    } catch (error) {
      // A pause is thrown into the workflow as well: it is not ours to swallow.
      if (failOnTimeout || String(error).includes("Aborting engine")) throw error;
      return step.do("withdraw request", async () => "withdrawn");
    }
    for (let slow = 0; slow < slowSteps; slow++) {
      await step.do("review", async () => { await pause(slowMs); return slow; });
    }
    await step.do("record decision", async () => decision.payload ?? null);
    return decision.payload ?? null;
  }
}

/** Sleeps for long, then does its work: to be paused, resumed, terminated and restarted meanwhile. */
export class Nightly extends WorkflowEntrypoint {
  async run(event, step) {
    const { sleep = "1 hour", workMs = 0, retryDelay } = event.payload ?? {};
    await step.do("plan", async () => "planned");
    await step.sleep("until night", sleep);
    if (retryDelay) {
      // The first attempt fails and its retry is far away: a backoff to be stopped in.
      await step.do("work", { retries: { limit: 2, delay: retryDelay, backoff: "constant" } }, async (context) => {
        if (context.attempt === 1) throw new Error("database is locked");
        return "done";
      });
    } else {
      await step.do("work", async () => { await pause(workMs); return "done"; });
    }
    return "night is over";
  }
}

/** Names that break what is not quoted, escaped or measured well; names that are told twice. */
export class OddNames extends WorkflowEntrypoint {
  async run(event, step) {
    const quick = { retries: { limit: 1, delay: 10 } };
    const names = [
      "with some spaces", " leading and trailing ", "it's \"quoted\" `thrice`", "path/to/../step", "100% done %2F %s %",
      "back\\slash \\n \\t", "semi;colon, comma | pipe", "{curly} ${dollar} $1 [square] <angle>", "?query=1&other=2#hash",
      "naïve café – 日本語 – Ω", "emoji 🚚📦", "עברית العربية", "e\u0301 combining", "step-1", "step-1-2", "ends with -", "-7",
      "NULL", "0", "550e8400-e29b-41d4-a716-446655440000", "x".repeat(200), "é".repeat(120) + " long",
    ];
    for (const name of names) await step.do(name, quick, async () => name.length);
    // Two sleeps of one name and different length are both `nap-1`; of the same length, the second is `nap-2`.
    await step.sleep("nap", 20);
    await step.sleep("nap", 30);
    await step.sleep("nap", 30);
    // A step and a sleep of one name are both `zeta-1`.
    await step.sleep("zeta", 25);
    await step.do("zeta", async () => "z");
    await step.waitForEvent("zeta", { type: "never", timeout: 1000 }).catch(() => {});
    for (let i = 0; i < 12; i++) await step.do("loop", quick, async () => i);
    return names.length;
  }
}

/** One quick step: a life of a few milliseconds. */
export class Ping extends WorkflowEntrypoint {
  async run(event, step) {
    return step.do("ping", async () => event.payload?.n ?? 0);
  }
}

/** No step at all. */
export class Noop extends WorkflowEntrypoint {
  async run() {}
}

export default {
  async fetch() {
    return new Response("flowmeter-lab\n");
  },
};
