import { boolean, type DataType, decimal, double, type Expression, float, int8, int32 } from "@headcut/plan";
import { fn, type Parameter, type Result, type ScalarFunction } from "./signature.ts";

type Overload = readonly [readonly Parameter[], Result, Parameter?];

const anyNumber: readonly Overload[] = [
  [["integer"], "same"],
  [["decimal"], "same"],
  [[float], "same"],
  [[double], "same"],
];

/** The decimal without its fraction. */
const whole = (args: readonly Expression[]): DataType => {
  const { type } = args[0]!;
  return type.kind === "decimal" ? decimal(type.precision, 0) : type;
};

/** `round(x, n)`: a decimal keeps at most n fraction digits. */
const digits = (args: readonly Expression[]): DataType => {
  const { type } = args[0]!;
  const places = args[1]!;
  if (type.kind !== "decimal" || places.kind !== "constant") return type;
  return decimal(type.precision, Math.max(0, Math.min(type.scale, Number(places.value ?? 0))));
};

const rounding: readonly Overload[] = [
  [["decimal"], whole],
  [["decimal", int32], digits],
  [["integer", int32], "same"],
  [[float], "same"],
  [[double], "same"],
  [[float, int32], "same"],
  [[double, int32], "same"],
];

const analytic = (names: string, doc: string): ScalarFunction => fn(names, doc, [[[double], double]]);

export const NUMERIC_FUNCTIONS: readonly ScalarFunction[] = [
  fn("abs", "Absolute value; the least value of an integer type is an overflow.", anyNumber),
  fn("sign", "-1, 0 or 1.", [
    [["integer"], int8],
    [["decimal"], int8],
    [[float], int8],
    [[double], int8],
  ]),
  fn("ceil ceiling", "Least whole number not below; DECIMAL(p,s) gives DECIMAL(p,0).", [
    [["decimal"], whole],
    [[float], "same"],
    [[double], "same"],
  ]),
  fn("floor", "Greatest whole number not above; DECIMAL(p,s) gives DECIMAL(p,0).", [
    [["decimal"], whole],
    [[float], "same"],
    [[double], "same"],
  ]),
  fn("round", "Half away from zero, to n places (constant for decimals; negative: tens, hundreds).", rounding),
  fn("trunc", "Towards zero, to n places (constant for decimals).", rounding),
  analytic("sqrt", "Square root; an argument below zero is an error."),
  analytic("cbrt", "Cube root."),
  analytic("exp", "e to the power of x."),
  analytic("ln", "Natural logarithm; an argument not above zero is an error."),
  analytic("log10 log", "Logarithm to base 10; an argument not above zero is an error."),
  analytic("log2", "Logarithm to base 2; an argument not above zero is an error."),
  fn("logb", "log(b, x): logarithm of x to base b, log10(x) / log10(b).", [[[double, double], double]]),
  fn("pow power", "x to the power of y, on doubles.", [[[double, double], double]]),
  analytic("sin", "Sine of radians."),
  analytic("cos", "Cosine of radians."),
  analytic("tan", "Tangent of radians."),
  analytic("asin", "Arc sine; outside -1 … 1 is an error."),
  analytic("acos", "Arc cosine; outside -1 … 1 is an error."),
  analytic("atan", "Arc tangent."),
  fn("atan2", "atan2(y, x): angle of the point.", [[[double, double], double]]),
  analytic("sinh", "Hyperbolic sine."),
  analytic("cosh", "Hyperbolic cosine."),
  analytic("tanh", "Hyperbolic tangent."),
  analytic("degrees", "Radians to degrees."),
  analytic("radians", "Degrees to radians."),
  fn("isnan", "Whether a floating-point number is NaN.", [
    [[float], boolean],
    [[double], boolean],
  ]),
  fn("isinf", "Whether a floating-point number is an infinity.", [
    [[float], boolean],
    [[double], boolean],
  ]),
  fn("isfinite", "Whether a floating-point number is neither NaN nor infinite.", [
    [[float], boolean],
    [[double], boolean],
  ]),
  fn("greatest", "Greatest argument that is not NULL.", [[["common"], "same", "common"]], { nulls: "allNull" }),
  fn("least", "Least argument that is not NULL.", [[["common"], "same", "common"]], { nulls: "allNull" }),
];
