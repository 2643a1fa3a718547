// A worker that, as the second thread, dies in one way or another when it is to run a pipeline of that name.
import run from "../../dist/threads/worker.js";

const deaths = {
  deadly: () => process.exit(7),
  throwing: () => {
    throw new Error("no task for me");
  },
  bursting: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error("nobody catches this");
      });
    }),
};

export default (task) => {
  const die = task.threadIndex === 1 ? deaths[task.pipelines[0].name] : undefined;
  return die === undefined ? run(task) : die();
};
