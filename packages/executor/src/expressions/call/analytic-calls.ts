import { emitRaiseIf } from "../failure.ts";
import type { KernelName } from "../kernel-signatures.ts";
import { raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";
import { anyNull, only, pop, push, type Value } from "../value.ts";
import { type CallContext, type EmitCall, kernelCall } from "./call.ts";

/** Raises where the argument is outside the function's domain. */
type Domain = (scope: ExpressionScope, arg: Value) => void;

const refuse =
  (sentence: string, outside: (context: Pick<ExpressionScope, "fn">, arg: Value) => void): Domain =>
  (scope, arg) => {
    outside(scope, arg);
    emitRaiseIf(scope, raiseCode.invalidArgument, sentence, arg.isNull);
  };

const notNegative = refuse("the square root of a negative number does not exist", ({ fn }, arg) => {
  push(fn, arg);
  fn.f64(0);
  fn.op("f64.lt");
});

const positive = refuse("the logarithm of a number not above zero does not exist", ({ fn }, arg) => {
  push(fn, arg);
  fn.f64(0);
  fn.op("f64.le");
});

const finite = refuse("a trigonometric function of an infinity does not exist", ({ fn }, arg) => {
  push(fn, arg);
  fn.op("f64.abs");
  fn.f64(Number.POSITIVE_INFINITY);
  fn.op("f64.eq");
});

const withinOne = refuse("asin and acos are defined from -1 to 1", ({ fn }, arg) => {
  push(fn, arg);
  fn.op("f64.abs");
  fn.f64(1);
  fn.op("f64.gt");
});

const analytic =
  (kernel: KernelName, domain?: Domain): EmitCall =>
  (context) => {
    domain?.(context.scope, context.args[0]!);
    return kernelCall({ kernel })(context);
  };

const squareRoot: EmitCall = ({ scope, args }) => {
  const { fn } = scope;
  notNegative(scope, args[0]!);
  push(fn, args[0]!);
  fn.op("f64.sqrt");
  return pop(fn, "float64", args[0]!.isNull);
};

const scaled =
  (factor: number): EmitCall =>
  ({ scope: { fn }, args }) => {
    push(fn, args[0]!);
    fn.f64(factor);
    fn.op("f64.mul");
    return pop(fn, "float64", args[0]!.isNull);
  };

/** log10(x) / log10(b). */
const logarithmToBase: EmitCall = ({ scope, args }: CallContext) => {
  const { fn, module } = scope;
  const [base, x] = args as [Value, Value];
  const isNull = anyNull(fn, args);
  for (const arg of [base, x]) positive(scope, { ...arg, isNull });
  const divisor = fn.local("f64");
  push(fn, base);
  fn.call(module.kernel("logarithm10"));
  fn.set(divisor);
  fn.get(divisor);
  fn.f64(0);
  fn.op("f64.eq");
  emitRaiseIf(scope, raiseCode.invalidArgument, "there is no logarithm to base 1", isNull);
  push(fn, x);
  fn.call(module.kernel("logarithm10"));
  fn.get(divisor);
  fn.op("f64.div");
  return pop(fn, "float64", isNull);
};

/** Whether the number is NaN, an infinity, or neither. */
const classify =
  (kind: "isnan" | "isinf" | "isfinite"): EmitCall =>
  ({ scope: { fn }, args }) => {
    const word = args[0]!.storage === "float32" ? "f32" : "f64";
    const arg = only(args[0]!);
    fn.get(arg);
    if (kind === "isnan") {
      fn.get(arg);
      fn.op(`${word}.ne`);
    } else {
      fn.op(`${word}.abs`);
      fn[word](Number.POSITIVE_INFINITY);
      fn.op(kind === "isinf" ? `${word}.eq` : `${word}.lt`);
    }
    return pop(fn, "bool", args[0]!.isNull);
  };

export const analyticCalls: Readonly<Record<string, EmitCall>> = {
  sqrt: squareRoot,
  cbrt: analytic("cubeRoot"),
  exp: analytic("exponential"),
  ln: analytic("logarithm", positive),
  log10: analytic("logarithm10", positive),
  log2: analytic("logarithm2", positive),
  logb: logarithmToBase,
  pow: kernelCall({ kernel: "power" }),
  sin: analytic("sine", finite),
  cos: analytic("cosine", finite),
  tan: analytic("tangent", finite),
  asin: analytic("arcSine", withinOne),
  acos: analytic("arcCosine", withinOne),
  atan: analytic("arcTangent"),
  atan2: kernelCall({ kernel: "arcTangent2" }),
  sinh: analytic("hyperbolicSine"),
  cosh: analytic("hyperbolicCosine"),
  tanh: analytic("hyperbolicTangent"),
  degrees: scaled(180 / Math.PI),
  radians: scaled(Math.PI / 180),
  isnan: classify("isnan"),
  isinf: classify("isinf"),
  isfinite: classify("isfinite"),
};
