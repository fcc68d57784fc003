/// PostgreSQL 15's keyword classes (kwlist.h), which decide where a word may be a name.
///
/// The dialect's own words (`EMIT`, `STREAM`, `SUBSCRIBE`, …) are reserved nowhere: the parser looks for them only where
/// they can stand, so that every PostgreSQL text keeps its meaning. `EMIT` and ksqlDB's `WINDOW` words take part by
/// looking at the word that follows.
package enum Keywords {
  /// Never a column's, table's, function's or type's name unless quoted; may be a label after AS.
  package static let reserved: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast", "check",
    "collate", "column", "constraint", "create", "current_catalog", "current_date", "current_role", "current_time",
    "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
    "false", "fetch", "for", "foreign", "from", "grant", "group", "having", "in", "initially", "intersect", "into",
    "lateral", "leading", "limit", "localtime", "localtimestamp", "not", "null", "offset", "on", "only", "or", "order",
    "placing", "primary", "references", "returning", "select", "session_user", "some", "symmetric", "table", "then",
    "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "when", "where", "window", "with",
  ]

  /// May be a function's or type's name, not a column's or table's.
  package static let typeOrFunction: Set<String> = [
    "authorization", "binary", "collation", "concurrently", "cross", "current_schema", "freeze", "full", "ilike",
    "inner", "is", "isnull", "join", "left", "like", "natural", "notnull", "outer", "overlaps", "right", "similar",
    "tablesample", "verbose",
  ]

  /// May be a column's or table's name, not a function's or type's: they have grammar of their own.
  package static let columnOnly: Set<String> = [
    "between", "bigint", "bit", "boolean", "char", "character", "coalesce", "dec", "decimal", "exists", "extract",
    "float", "greatest", "grouping", "inout", "int", "integer", "interval", "least", "national", "nchar", "none",
    "normalize", "nullif", "numeric", "out", "overlay", "position", "precision", "real", "row", "setof", "smallint",
    "substring", "time", "timestamp", "treat", "trim", "values", "varchar", "xmlattributes", "xmlconcat", "xmlelement",
    "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
  ]

  /// Words that cannot be a label without AS, beside the reserved ones that cannot (`AS_LABEL` in kwlist.h).
  package static let notBareLabel: Set<String> = [
    "array", "as", "char", "character", "create", "day", "except", "fetch", "filter", "for", "from", "grant", "group",
    "having", "hour", "intersect", "into", "isnull", "limit", "minute", "month", "notnull", "offset", "on", "order",
    "over", "overlaps", "precision", "returning", "second", "to", "union", "varying", "where", "window", "with",
    "within", "without", "year",
  ]

  /// May name a column or table without quotes (`ColId`).
  package static func canNameColumn(_ word: String) -> Bool {
    !reserved.contains(word) && !typeOrFunction.contains(word)
  }
  /// May name a function or type without quotes (`type_function_name`).
  package static func canNameFunction(_ word: String) -> Bool {
    !reserved.contains(word) && !columnOnly.contains(word)
  }
  /// May be a select item's label without AS (`BareColLabel`).
  package static func canBeBareLabel(_ word: String) -> Bool { !notBareLabel.contains(word) }
}
