import { K, Name } from "../keywords.ts";
import { stringValue } from "../literals.ts";
import type { Token } from "../token.ts";
import { Comma, Equal, LParen, Minus, NumberLiteral, RParen, StringLiteral } from "../tokens.ts";
import type * as tree from "../tree.ts";
import type { Rule } from "./parser.ts";
import { QueryGrammar } from "./query-grammar.ts";

/** Statements: the whole grammar, ready to parse. It learns as it parses, so `parse` keeps one. */
export class StatementGrammar extends QueryGrammar {
  /** Throws Mismatch, QueryError "unsupported", "syntax". */
  parse(tokens: readonly Token[]): tree.Statement {
    this.begin();
    return this.parseAll(this.statement, tokens);
  }

  protected readonly statement: Rule<[], tree.Statement> = this.rule(
    "statement",
    (): tree.Statement =>
      this.or<tree.Statement>(0, {
        alternatives: [
          { parse: () => this.apply(this.query) },
          { parse: () => this.apply(this.explain) },
          { parse: () => this.apply(this.describe) },
          { parse: () => this.apply(this.show) },
          { parse: () => this.apply(this.create) },
          { parse: () => this.apply(this.drop) },
          { parse: () => this.apply(this.insert) },
          { parse: () => this.apply(this.copy) },
        ],
        expected: "a statement",
      }),
  );

  // ---- EXPLAIN, DESCRIBE, SHOW --------------------------------------------------------------------------------------

  private readonly explain: Rule<[], tree.Explain> = this.rule("explain", (): tree.Explain => {
    const start = this.enter();
    this.consume(K.EXPLAIN);
    let analyze = this.flag(1, K.ANALYZE);
    let format: tree.Explain["format"] = "text";
    this.option(2, {
      gate: () => this.isOneOf(2, [K.ANALYZE, K.FORMAT]),
      parse: () => {
        this.consume(LParen);
        this.atLeastOneSeparated(0, {
          separator: Comma,
          parse: () => {
            this.or(0, [
              {
                parse: () => {
                  this.consume(K.ANALYZE);
                  analyze = true;
                },
              },
              {
                parse: () => {
                  this.consume(K.FORMAT);
                  format = this.apply(this.explainFormat);
                },
              },
            ]);
          },
          expected: "FORMAT or ANALYZE",
        });
        this.consume(RParen);
      },
    });
    const statement = this.apply(this.statement);
    this.leave();
    return { kind: "explain", analyze, format, statement, range: this.since(start) };
  });

  private readonly explainFormat: Rule<[], tree.Explain["format"]> = this.rule("explainFormat", () => {
    const word = this.consume(Name, "text or json").image.toLowerCase();
    if (word !== "text" && word !== "json") this.refuse(`the format ${word} is`, "EXPLAIN prints text or json");
    return word as tree.Explain["format"];
  });

  private readonly describe: Rule<[], tree.Describe> = this.rule("describe", (): tree.Describe => {
    const start = this.start();
    this.oneOf(1, [K.DESCRIBE, K.DESC]);
    const target = this.or<tree.Describe["target"]>(2, {
      alternatives: [
        { parse: () => this.apply(this.query) },
        { parse: () => this.apply(this.qualifiedName, "a table name or a query") },
        {
          parse: (): tree.Path => {
            const pathStart = this.start();
            const path = stringValue(this.consume(StringLiteral));
            return { kind: "path", path, alias: undefined, range: this.since(pathStart) };
          },
        },
      ],
      expected: "a table name or a query",
    });
    return { kind: "describe", target, range: this.since(start) };
  });

  /** `SHOW TABLES`; `SHOW t` describes `t`. */
  private readonly show: Rule<[], tree.ShowTables | tree.Describe> = this.rule("show", () => {
    const start = this.start();
    this.consume(K.SHOW);
    return this.or<tree.ShowTables | tree.Describe>(0, {
      alternatives: [
        {
          parse: () => {
            this.consume(K.TABLES);
            return { kind: "showTables", range: this.since(start) };
          },
        },
        {
          parse: () => {
            const target = this.apply(this.qualifiedName, "TABLES or a table name");
            return { kind: "describe", target, range: this.since(start) };
          },
        },
      ],
      expected: "TABLES or a table name",
    });
  });

  // ---- CREATE, DROP -------------------------------------------------------------------------------------------------

  private readonly create: Rule<[], tree.CreateTable | tree.CreateTableAs> = this.rule("create", () => {
    const start = this.start();
    this.consume(K.CREATE);
    let orReplace = false;
    this.option(1, () => {
      this.consume(K.OR);
      this.consume(K.REPLACE);
      orReplace = true;
    });
    // Every table lives in this process and ends with it, so TEMPORARY changes nothing.
    this.option(2, () => {
      this.oneOf(1, [K.TEMP, K.TEMPORARY]);
    });
    this.apply(this.tableWord, "CREATE");
    const ifNotExists = this.apply(this.ifNotExists);
    const name = this.apply(this.qualifiedName, "a name for the table");
    return this.or<tree.CreateTable | tree.CreateTableAs>(2, {
      alternatives: [
        {
          gate: () => this.follows(1, K.AS) || this.isOneOf(3, [Comma, RParen]),
          parse: () => {
            let columnNames: readonly tree.Identifier[] = [];
            this.option(3, () => {
              columnNames = this.apply(this.columnNames);
            });
            this.consume(K.AS);
            const query = this.apply(this.query);
            const range = this.since(start);
            return { kind: "createTableAs", name, orReplace, ifNotExists, columnNames, query, range };
          },
        },
        {
          parse: () => {
            const columns: tree.ColumnDefinition[] = [];
            this.consume(LParen);
            this.atLeastOneSeparated(0, {
              separator: Comma,
              parse: () => columns.push(this.apply(this.columnDefinition)),
              expected: "a column name",
            });
            this.consume(RParen);
            return { kind: "createTable", name, orReplace, ifNotExists, columns, range: this.since(start) };
          },
        },
      ],
      expected: "AS or a list of columns in parentheses",
    });
  });

  /** The word TABLE, or a refusal of what else could be created or dropped. */
  private readonly tableWord: Rule<[verb: string], void> = this.rule("tableWord", (verb: string) => {
    this.or(0, {
      alternatives: [
        { parse: () => this.consume(K.TABLE) },
        {
          gate: () => OTHER_OBJECTS.has(this.LA(1).image.toUpperCase()),
          parse: () => this.refuse(`${verb} ${this.consume(Name).image.toUpperCase()} is`, `${verb} TABLE is`),
        },
      ],
      expected: "TABLE",
    });
  });

  private readonly columnDefinition: Rule<[], tree.ColumnDefinition> = this.rule(
    "columnDefinition",
    (): tree.ColumnDefinition => {
      const start = this.start();
      let notNull = false;
      const name = this.apply(this.columnOfTable);
      const type = this.apply(this.typeName);
      this.many(0, () => {
        this.or(0, [
          {
            parse: () => {
              this.consume(K.NOT);
              this.consume(K.NULL);
              notNull = true;
            },
          },
          { parse: () => this.consume(K.NULL) },
          { parse: () => this.apply(this.constraint) },
        ]);
      });
      return { kind: "columnDefinition", name, type, notNull, range: this.since(start) };
    },
  );

  private readonly columnOfTable: Rule<[], tree.Identifier> = this.rule("columnOfTable", () => {
    this.option(0, () => this.apply(this.constraint));
    return this.name("a column name");
  });

  private readonly constraint: Rule<[], void> = this.rule("constraint", () => {
    const word = this.oneOf(0, [K.PRIMARY, K.UNIQUE, K.CHECK, K.REFERENCES, K.DEFAULT, K.COLLATE]);
    this.refuse(`${word.image.toUpperCase()} in a table definition is`, "of the constraints, NOT NULL is");
  });

  private readonly drop: Rule<[], tree.DropTable> = this.rule("drop", (): tree.DropTable => {
    const start = this.start();
    let ifExists = false;
    this.consume(K.DROP);
    this.apply(this.tableWord, "DROP");
    this.option(0, {
      gate: () => this.follows(2, K.EXISTS),
      parse: () => {
        this.consume(K.IF);
        this.consume(K.EXISTS);
        ifExists = true;
      },
    });
    const name = this.apply(this.qualifiedName, "a table name");
    return { kind: "dropTable", name, ifExists, range: this.since(start) };
  });

  // ---- INSERT -------------------------------------------------------------------------------------------------------

  private readonly insert: Rule<[], tree.Insert> = this.rule("insert", (): tree.Insert => {
    const start = this.start();
    let columns: readonly tree.Identifier[] = [];
    this.consume(K.INSERT);
    this.option(1, () => {
      this.consume(K.OR);
      this.refuse("INSERT OR … is");
    });
    this.consume(K.INTO);
    const table = this.apply(this.qualifiedName, "a table name");
    this.option(2, () => {
      this.consume(K.BY);
      this.refuse("INSERT BY NAME is", "name the columns in parentheses after the table");
    });
    this.option(3, {
      gate: () => !this.opensQuery(1),
      parse: () => {
        columns = this.apply(this.columnNames);
      },
    });
    this.option(4, () => {
      this.consume(K.DEFAULT);
      this.refuse("DEFAULT VALUES is");
    });
    const query = this.apply(this.query);
    this.option(5, () => {
      this.oneOf(0, [K.ON, K.RETURNING]);
      this.refuse(`${this.LA(0).tokenType === K.ON ? "ON CONFLICT" : "RETURNING"} is`);
    });
    return { kind: "insert", table, columns, query, range: this.since(start) };
  });

  // ---- COPY ---------------------------------------------------------------------------------------------------------

  private readonly copy: Rule<[], tree.Copy> = this.rule("copy", (): tree.Copy => {
    const start = this.start();
    const options: tree.CopyOption[] = [];
    this.consume(K.COPY);
    const source = this.or<tree.Copy["source"]>(1, {
      alternatives: [
        {
          parse: () => {
            this.consume(LParen);
            const query = this.apply(this.query);
            this.consume(RParen);
            return query;
          },
        },
        { parse: () => this.apply(this.qualifiedName, "a table name") },
      ],
      expected: "a table name or a query in parentheses",
    });
    this.action(() => {
      if (this.LA(1).tokenType === K.FROM)
        this.refuseNext("COPY … FROM is", "INSERT INTO t SELECT … FROM 'path' reads a file");
    });
    this.consume(K.TO);
    const path = stringValue(this.consume(StringLiteral, "a file path in single quotes"));
    this.flag(1, K.WITH);
    this.option(2, () => {
      this.consume(LParen);
      this.atLeastOneSeparated(0, {
        separator: Comma,
        parse: () => options.push(this.apply(this.copyOption)),
        expected: "an option such as FORMAT",
      });
      this.consume(RParen);
    });
    return { kind: "copy", source, path, options, range: this.since(start) };
  });

  private readonly copyOption: Rule<[], tree.CopyOption> = this.rule("copyOption", (): tree.CopyOption => {
    const start = this.start();
    let value: tree.CopyOption["value"];
    const name = this.label("an option such as FORMAT").name.toLowerCase();
    this.flag(1, Equal);
    this.option(2, () => {
      value = this.or<tree.CopyOption["value"]>(0, {
        alternatives: [
          { parse: () => stringValue(this.consume(StringLiteral)) },
          {
            parse: () => {
              const negative = this.flag(3, Minus);
              const text = this.consume(NumberLiteral).image.replaceAll("_", "");
              return negative ? -Number(text) : Number(text);
            },
          },
          { parse: () => this.oneOf(9, [K.TRUE, K.FALSE]).tokenType === K.TRUE },
          { parse: () => this.label("a value").name },
        ],
        expected: "a value",
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
