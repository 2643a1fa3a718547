// Every kernel the host or compiled pipelines may import. One export line per file.
export * from "./memory";
export * from "./strings";
export * from "./intervals";
export * from "./arrow";
export * from "./floats";
export { highWord, kernelFailure } from "./outcome";
export { decimalMultiply, decimalDivide, decimalRemainder, decimalDivideRounded, decimalDivideFloor } from "./int128";
export * from "./parquet/failure";
export * from "./parquet/snappy";
export * from "./parquet/lz4";
export * from "./parquet/unpack";
export * from "./parquet/hybrid";
export * from "./parquet/plain";
export * from "./parquet/convert";
export * from "./parquet/gather";
export * from "./parquet/delta";
export * from "./parquet/delta-strings";
export * from "./parquet/byte-stream-split";
