// Runware's SDK for JavaScript as a contender: takes jobs from the bench until it hangs up.
import net from "node:net";
import readline from "node:readline";
import { Runware } from "@runware/sdk-js";

let runware;

async function make(count, throttle) {
  const start = performance.now();
  let next = 0;
  let made = 0;
  const work = async () => {
    while (next < count) {
      const number = ++next;
      const images = await runware.imageInference({
        positivePrompt: `a red tram, number ${number}`,
        model: "openai:1@1",
        width: 1024,
        height: 1024,
        numberResults: 1,
        outputType: "URL",
        includeCost: true,
      });
      made += images?.[0]?.imageURL ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: throttle }, work));
  return { ms: performance.now() - start, made };
}

const jobs = {
  async connect(job) {
    runware = await Runware.initialize({ apiKey: "bench", url: job.endpoint, shouldReconnect: false });
    return { ms: 0, made: 0 };
  },
  calls: (job) => make(job.count, 1),
  batch: (job) => make(job.count, job.throttle),
};

const socket = net.connect(Number(process.argv[2]), "127.0.0.1");
for await (const line of readline.createInterface({ input: socket })) {
  const job = JSON.parse(line);
  let answer;
  try {
    answer = await jobs[job.name](job);
  } catch (e) {
    answer = { ms: 0, made: 0, error: String(e?.message ?? e?.error?.message ?? e) };
  }
  socket.write(JSON.stringify({ ...answer, endedAt: Date.now() }) + "\n");
}
process.exit(0);
