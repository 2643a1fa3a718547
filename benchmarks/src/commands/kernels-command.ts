import type { Command } from "commander";
import { kernelCases, measureKernels } from "../kernels/measure-kernels.ts";
import { measureOperators } from "../kernels/measure-operators.ts";
import { operatorCases } from "../kernels/operator-cases.ts";
import { type Column, layOut, titles } from "../report/lay-out.ts";

export const addKernelsCommand = (program: Command): void => {
  program
    .command("kernels")
    .description("Time kernels on arrays, and operators on tables in memory, on one thread.")
    .option("--only <text>", "those whose name contains it", "")
    .action(async ({ only }: { only: string }) => {
      const wanted = ({ name }: { name: string }): boolean => name.includes(only);
      const kernels = kernelCases.filter(wanted);
      const operators = operatorCases.filter(wanted);
      const width = Math.max(6, ...[...kernels, ...operators].map(({ name }) => name.length));
      const columns: Column[] = [
        { title: "kernel", width },
        { title: "ns/value", width: 9 },
        { title: "copying ns", width: 10 },
      ];
      console.log(`Node ${process.version}; "copying" moves as many bytes as the kernel does`);
      if (kernels.length > 0) console.log(titles(columns));
      for (const { name, nsPerValue, floorNs } of measureKernels(kernels)) {
        console.log(layOut(columns, [name, nsPerValue.toFixed(3), floorNs.toFixed(3)]));
      }
      const operatorColumns: Column[] = [
        { title: "operator", width },
        { title: "ns/row", width: 9 },
      ];
      if (operators.length > 0) console.log(`\n${titles(operatorColumns)}`);
      for await (const { name, nsPerRow } of measureOperators(operators)) {
        console.log(layOut(operatorColumns, [name, nsPerRow.toFixed(2)]));
      }
    });
};
