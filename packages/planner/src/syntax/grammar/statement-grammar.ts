import { K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import { Comma, Equal, LParen, Minus, NumberLiteral, RParen, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./base-grammar.ts";
import { QueryGrammar } from "./query-grammar.ts";

/** Statements: the whole grammar, ready to parse. Constructing it takes milliseconds; `parse` keeps one. */
export class StatementGrammar extends QueryGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  readonly statement: Rule<[], tree.Statement> = this.RULE(
    "statement",
    (): tree.Statement =>
      this.OR<tree.Statement>({
        DEF: [
          { ALT: () => this.SUBRULE(this.query) },
          { ALT: () => this.SUBRULE(this.explain) },
          { ALT: () => this.SUBRULE(this.describe) },
          { ALT: () => this.SUBRULE(this.show) },
          { ALT: () => this.SUBRULE(this.create) },
          { ALT: () => this.SUBRULE(this.drop) },
          { ALT: () => this.SUBRULE(this.insert) },
          { ALT: () => this.SUBRULE(this.copy) },
        ],
        ERR_MSG: "a statement",
      }),
  );

  // ---- EXPLAIN, DESCRIBE, SHOW --------------------------------------------------------------------------------------

  private readonly explain: Rule<[], tree.Explain> = this.RULE("explain", (): tree.Explain => {
    const start = this.enter();
    this.CONSUME(K.EXPLAIN);
    let analyze = this.flag(1, K.ANALYZE);
    let format: tree.Explain["format"] = "text";
    this.OPTION2({
      GATE: () => this.isOneOf(2, [K.ANALYZE, K.FORMAT]),
      DEF: () => {
        this.CONSUME(LParen);
        this.AT_LEAST_ONE_SEP({
          SEP: Comma,
          DEF: () => {
            this.OR([
              {
                ALT: () => {
                  this.CONSUME1(K.ANALYZE);
                  analyze = true;
                },
              },
              {
                ALT: () => {
                  this.CONSUME(K.FORMAT);
                  format = this.SUBRULE(this.explainFormat);
                },
              },
            ]);
          },
          ERR_MSG: "FORMAT or ANALYZE",
        });
        this.CONSUME(RParen);
      },
    });
    const statement = this.SUBRULE(this.statement);
    this.leave();
    return { kind: "explain", analyze, format, statement, range: this.since(start) };
  });

  private readonly explainFormat: Rule<[], tree.Explain["format"]> = this.RULE("explainFormat", () => {
    const word = this.CONSUME(Name, { ERR_MSG: "text or json" }).image.toLowerCase();
    if (word !== "text" && word !== "json") this.refuse(`the format ${word} is`, "EXPLAIN prints text or json");
    return word as tree.Explain["format"];
  });

  private readonly describe: Rule<[], tree.Describe> = this.RULE("describe", (): tree.Describe => {
    const start = this.start();
    this.oneOf(1, [K.DESCRIBE, K.DESC]);
    const target = this.OR2<tree.Describe["target"]>({
      DEF: [
        { ALT: () => this.SUBRULE(this.query) },
        { ALT: () => this.SUBRULE(this.qualifiedName, { ARGS: ["a table name or a query"] }) },
        {
          ALT: (): tree.Path => {
            const pathStart = this.start();
            const path = stringValue(this.CONSUME(StringLiteral));
            return { kind: "path", path, alias: undefined, range: this.since(pathStart) };
          },
        },
      ],
      ERR_MSG: "a table name or a query",
    });
    return { kind: "describe", target, range: this.since(start) };
  });

  /** `SHOW TABLES`; `SHOW t` describes `t`. */
  private readonly show: Rule<[], tree.ShowTables | tree.Describe> = this.RULE("show", () => {
    const start = this.start();
    this.CONSUME(K.SHOW);
    return this.OR<tree.ShowTables | tree.Describe>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(K.TABLES);
            return { kind: "showTables", range: this.since(start) };
          },
        },
        {
          ALT: () => {
            const target = this.SUBRULE(this.qualifiedName, { ARGS: ["TABLES or a table name"] });
            return { kind: "describe", target, range: this.since(start) };
          },
        },
      ],
      ERR_MSG: "TABLES or a table name",
    });
  });

  // ---- CREATE, DROP -------------------------------------------------------------------------------------------------

  private readonly create: Rule<[], tree.CreateTable | tree.CreateTableAs> = this.RULE("create", () => {
    const start = this.start();
    this.CONSUME(K.CREATE);
    let orReplace = false;
    this.OPTION1(() => {
      this.CONSUME(K.OR);
      this.CONSUME(K.REPLACE);
      orReplace = true;
    });
    // Every table lives in this process and ends with it, so TEMPORARY changes nothing.
    this.OPTION2(() => {
      this.oneOf(1, [K.TEMP, K.TEMPORARY]);
    });
    this.SUBRULE1(this.tableWord, { ARGS: ["CREATE"] });
    const ifNotExists = this.SUBRULE(this.ifNotExists);
    const name = this.SUBRULE(this.qualifiedName, { ARGS: ["a name for the table"] });
    return this.OR2<tree.CreateTable | tree.CreateTableAs>({
      DEF: [
        {
          GATE: () => this.follows(1, K.AS) || this.isOneOf(3, [Comma, RParen]),
          ALT: () => {
            let columnNames: readonly tree.Identifier[] = [];
            this.OPTION3(() => {
              columnNames = this.SUBRULE(this.columnNames);
            });
            this.CONSUME(K.AS);
            const query = this.SUBRULE(this.query);
            const range = this.since(start);
            return { kind: "createTableAs", name, orReplace, ifNotExists, columnNames, query, range };
          },
        },
        {
          ALT: () => {
            const columns: tree.ColumnDefinition[] = [];
            this.CONSUME(LParen);
            this.AT_LEAST_ONE_SEP({
              SEP: Comma,
              DEF: () => columns.push(this.SUBRULE(this.columnDefinition)),
              ERR_MSG: "a column name",
            });
            this.CONSUME(RParen);
            return { kind: "createTable", name, orReplace, ifNotExists, columns, range: this.since(start) };
          },
        },
      ],
      ERR_MSG: "AS or a list of columns in parentheses",
    });
  });

  /** The word TABLE, or a refusal of what else could be created or dropped. */
  private readonly tableWord: Rule<[verb: string], void> = this.RULE("tableWord", (verb: string) => {
    this.OR({
      DEF: [
        { ALT: () => this.CONSUME(K.TABLE) },
        {
          GATE: () => OTHER_OBJECTS.has(this.LA(1).image.toUpperCase()),
          ALT: () => this.refuse(`${verb} ${this.CONSUME(Name).image.toUpperCase()} is`, `${verb} TABLE is`),
        },
      ],
      ERR_MSG: "TABLE",
    });
  });

  private readonly columnDefinition: Rule<[], tree.ColumnDefinition> = this.RULE(
    "columnDefinition",
    (): tree.ColumnDefinition => {
      const start = this.start();
      let notNull = false;
      const name = this.SUBRULE(this.columnOfTable);
      const type = this.SUBRULE(this.typeName);
      this.MANY(() => {
        this.OR([
          {
            ALT: () => {
              this.CONSUME(K.NOT);
              this.CONSUME1(K.NULL);
              notNull = true;
            },
          },
          { ALT: () => this.CONSUME2(K.NULL) },
          { ALT: () => this.SUBRULE(this.constraint) },
        ]);
      });
      return { kind: "columnDefinition", name, type, notNull, range: this.since(start) };
    },
  );

  private readonly columnOfTable: Rule<[], tree.Identifier> = this.RULE("columnOfTable", () => {
    this.OPTION(() => this.SUBRULE(this.constraint));
    return this.name(0, "a column name");
  });

  private readonly constraint: Rule<[], void> = this.RULE("constraint", () => {
    const word = this.oneOf(0, [K.PRIMARY, K.UNIQUE, K.CHECK, K.REFERENCES, K.DEFAULT, K.COLLATE]);
    this.refuse(`${word.image.toUpperCase()} in a table definition is`, "of the constraints, NOT NULL is");
  });

  private readonly drop: Rule<[], tree.DropTable> = this.RULE("drop", (): tree.DropTable => {
    const start = this.start();
    let ifExists = false;
    this.CONSUME(K.DROP);
    this.SUBRULE(this.tableWord, { ARGS: ["DROP"] });
    this.OPTION({
      GATE: () => this.follows(2, K.EXISTS),
      DEF: () => {
        this.CONSUME(K.IF);
        this.CONSUME(K.EXISTS);
        ifExists = true;
      },
    });
    const name = this.SUBRULE(this.qualifiedName, { ARGS: ["a table name"] });
    return { kind: "dropTable", name, ifExists, range: this.since(start) };
  });

  // ---- INSERT -------------------------------------------------------------------------------------------------------

  private readonly insert: Rule<[], tree.Insert> = this.RULE("insert", (): tree.Insert => {
    const start = this.start();
    let columns: readonly tree.Identifier[] = [];
    this.CONSUME(K.INSERT);
    this.OPTION1(() => {
      this.CONSUME(K.OR);
      this.refuse("INSERT OR … is");
    });
    this.CONSUME(K.INTO);
    const table = this.SUBRULE(this.qualifiedName, { ARGS: ["a table name"] });
    this.OPTION2(() => {
      this.CONSUME(K.BY);
      this.refuse("INSERT BY NAME is", "name the columns in parentheses after the table");
    });
    this.OPTION3({
      GATE: () => !this.opensQuery(1),
      DEF: () => {
        columns = this.SUBRULE(this.columnNames);
      },
    });
    this.OPTION4(() => {
      this.CONSUME(K.DEFAULT);
      this.refuse("DEFAULT VALUES is");
    });
    const query = this.SUBRULE(this.query);
    this.OPTION5(() => {
      this.oneOf(0, [K.ON, K.RETURNING]);
      this.refuse(`${this.LA(0).tokenType === K.ON ? "ON CONFLICT" : "RETURNING"} is`);
    });
    return { kind: "insert", table, columns, query, range: this.since(start) };
  });

  // ---- COPY ---------------------------------------------------------------------------------------------------------

  private readonly copy: Rule<[], tree.Copy> = this.RULE("copy", (): tree.Copy => {
    const start = this.start();
    const options: tree.CopyOption[] = [];
    this.CONSUME(K.COPY);
    const source = this.OR1<tree.Copy["source"]>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME1(LParen);
            const query = this.SUBRULE(this.query);
            this.CONSUME1(RParen);
            return query;
          },
        },
        { ALT: () => this.SUBRULE(this.qualifiedName, { ARGS: ["a table name"] }) },
      ],
      ERR_MSG: "a table name or a query in parentheses",
    });
    this.ACTION(() => {
      if (this.LA(1).tokenType === K.FROM)
        this.refuseNext("COPY … FROM is", "INSERT INTO t SELECT … FROM 'path' reads a file");
    });
    this.CONSUME(K.TO);
    const path = stringValue(this.CONSUME(StringLiteral, { ERR_MSG: "a file path in single quotes" }));
    this.flag(1, K.WITH);
    this.OPTION2(() => {
      this.CONSUME2(LParen);
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => options.push(this.SUBRULE(this.copyOption)),
        ERR_MSG: "an option such as FORMAT",
      });
      this.CONSUME2(RParen);
    });
    return { kind: "copy", source, path, options, range: this.since(start) };
  });

  private readonly copyOption: Rule<[], tree.CopyOption> = this.RULE("copyOption", (): tree.CopyOption => {
    const start = this.start();
    let value: tree.CopyOption["value"];
    const name = this.label(0, "an option such as FORMAT").name.toLowerCase();
    this.flag(1, Equal);
    this.OPTION2(() => {
      value = this.OR<tree.CopyOption["value"]>({
        DEF: [
          { ALT: () => stringValue(this.CONSUME(StringLiteral)) },
          {
            ALT: () => {
              const negative = this.flag(3, Minus);
              const text = this.CONSUME(NumberLiteral).image.replaceAll("_", "");
              return negative ? -Number(text) : Number(text);
            },
          },
          { ALT: () => this.oneOf(9, [K.TRUE, K.FALSE]).tokenType === K.TRUE },
          { ALT: () => this.label(1, "a value").name },
        ],
        ERR_MSG: "a value",
      });
    });
    return { kind: "copyOption", name, value, range: this.since(start) };
  });
}

/** What other databases create and drop. */
const OTHER_OBJECTS = new Set([
  ...["DATABASE", "EXTENSION", "EXTERNAL", "FUNCTION", "INDEX", "MACRO", "MATERIALIZED", "PROCEDURE", "ROLE", "SCHEMA"],
  ...["SECRET", "SEQUENCE", "SERVER", "TRIGGER", "TYPE", "UNLOGGED", "USER", "VIEW"],
]);
