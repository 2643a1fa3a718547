// A worker that dies when it is to run a pipeline named "deadly" as the second thread.
import run from "../../dist/threads/worker.js";

export default (task) => {
  if (task.threadIndex === 1 && task.pipelines[0].name === "deadly") process.exit(7);
  return run(task);
};
