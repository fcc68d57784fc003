import Expressions
import Planner
import SQLCatalog
import SQLTypes

/// PostgreSQL's readable views over its tables.
extension PgCatalog {
  static let views = [tables, plainViews, materializedViews, indexViews]

  private static let tables = table(
    9_010, "pg_tables",
    """
    schemaname:name tablename:name tableowner:name tablespace:name hasindexes:bool hasrules:bool=f hastriggers:bool=f
    rowsecurity:bool=f
    """
  ) { reading in
    reading.catalog.all.filter { $0.classKind == "r" }.map {
      [
        "schemaname": .text($0.schema), "tablename": .text($0.name), "tableowner": .text(reading.session.user),
        "hasindexes": .boolean(!$0.primaryKey.isEmpty),
      ]
    }
  }

  private static let plainViews = table(
    9_011, "pg_views", "schemaname:name viewname:name viewowner:name definition:text"
  ) { reading in
    reading.catalog.all.filter { $0.classKind == "v" }.map {
      [
        "schemaname": .text($0.schema), "viewname": .text($0.name), "viewowner": .text(reading.session.user),
        "definition": viewText($0),
      ]
    }
  }

  private static let materializedViews = table(
    9_012, "pg_matviews",
    "schemaname:name matviewname:name matviewowner:name tablespace:name hasindexes:bool=f ispopulated:bool=t definition:text"
  ) { reading in
    reading.catalog.all.filter { $0.kind == .materializedView }.map {
      [
        "schemaname": .text($0.schema), "matviewname": .text($0.name), "matviewowner": .text(reading.session.user),
        "definition": viewText($0),
      ]
    }
  }

  private static let indexViews = table(
    9_013, "pg_indexes", "schemaname:name tablename:name indexname:name tablespace:name indexdef:text"
  ) { reading in
    reading.catalog.all.filter { !$0.primaryKey.isEmpty }.map {
      [
        "schemaname": .text($0.schema), "tablename": .text($0.name), "indexname": .text($0.keyName),
        "indexdef": .text($0.keyIndexDefinition()),
      ]
    }
  }

  /// A view's query as `pg_get_viewdef` gives it; what leat computes itself has none.
  static func viewText(_ relation: Relation) -> SystemValue {
    relation.definition.map { .text(" \($0);") } ?? .null
  }
}
