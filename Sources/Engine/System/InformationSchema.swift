import Expressions
import Planner
import SQLCatalog
import SQLTypes

/// The standard's views of the catalog, with PostgreSQL's columns (chapter 37 of its manual).
///
/// They show what may be seen: everything. A materialized view is none of the standard's tables, so that PostgreSQL leaves it
/// out of them, and so is it here.
enum InformationSchema {
  static let all =
    [schemata, tables, columns, views, tableConstraints, keyColumnUsage, constraintColumnUsage, references, characterSets]

  private static func view(
    _ id: UInt64, _ name: String, _ columns: String,
    rows: @escaping @Sendable (SystemReading) throws(SQLError) -> [[String: SystemValue]]
  ) -> SystemView {
    CatalogTable.make(id, "information_schema", name, columns, rows: rows)
  }

  private static func shown(_ reading: SystemReading) -> [Relation] { reading.catalog.all.filter { $0.kind != .materializedView } }

  private static let schemata = view(
    9_100, "schemata",
    """
    catalog_name:name schema_name:name schema_owner:name default_character_set_catalog:name default_character_set_schema:name
    default_character_set_name:name sql_path:varchar
    """
  ) { reading in
    Catalog.schemas.map {
      ["catalog_name": .text(reading.session.database), "schema_name": .text($0), "schema_owner": .text(reading.session.user)]
    }
  }

  private static let tables = view(
    9_101, "tables",
    """
    table_catalog:name table_schema:name table_name:name table_type:varchar self_referencing_column_name:name
    reference_generation:varchar user_defined_type_catalog:name user_defined_type_schema:name user_defined_type_name:name
    is_insertable_into:varchar is_typed:varchar=NO commit_action:varchar
    """
  ) { reading in
    shown(reading).map { relation in
      let isTable = relation.classKind == "r"
      return [
        "table_catalog": .text(reading.session.database), "table_schema": .text(relation.schema), "table_name": .text(relation.name),
        "table_type": isTable ? "BASE TABLE" : "VIEW", "is_insertable_into": .yesNo(isTable && relation.kind != .system),
      ]
    }
  }

  private static let columns = view(
    9_102, "columns",
    """
    table_catalog:name table_schema:name table_name:name column_name:name ordinal_position:int4 column_default:varchar
    is_nullable:varchar data_type:varchar character_maximum_length:int4 character_octet_length:int4 numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar interval_precision:int4
    character_set_catalog:name character_set_schema:name character_set_name:name collation_catalog:name collation_schema:name
    collation_name:name domain_catalog:name domain_schema:name domain_name:name udt_catalog:name udt_schema:name=pg_catalog
    udt_name:name scope_catalog:name scope_schema:name scope_name:name maximum_cardinality:int4 dtd_identifier:name
    is_self_referencing:varchar=NO is_identity:varchar=NO identity_generation:varchar identity_start:varchar
    identity_increment:varchar identity_maximum:varchar identity_minimum:varchar identity_cycle:varchar=NO
    is_generated:varchar=NEVER generation_expression:varchar is_updatable:varchar
    """
  ) { reading in
    shown(reading).flatMap { relation in
      relation.columns.enumerated().map { index, column in
        var row: [String: SystemValue] = [
          "table_catalog": .text(reading.session.database), "table_schema": .text(relation.schema),
          "table_name": .text(relation.name), "column_name": .text(column.name), "ordinal_position": SystemValue(index + 1),
          "column_default": SystemValue(column.defaultText), "is_nullable": .yesNo(!column.isNotNull),
          "udt_catalog": .text(reading.session.database), "dtd_identifier": .text(String(index + 1)),
          "udt_name": SystemValue(BuiltinType.byObjectID[Int64(column.type.oid)]?.name),
          "data_type": .text(column.type.isArray ? "ARRAY" : column.type.baseName),
          "is_updatable": .yesNo(relation.kind == .table),
        ]
        row.merge(column.type.measures) { _, new in new }
        return row
      }
    }
  }

  private static let views = view(
    9_103, "views",
    """
    table_catalog:name table_schema:name table_name:name view_definition:varchar check_option:varchar=NONE is_updatable:varchar=NO
    is_insertable_into:varchar=NO is_trigger_updatable:varchar=NO is_trigger_deletable:varchar=NO
    is_trigger_insertable_into:varchar=NO
    """
  ) { reading in
    shown(reading).filter { $0.classKind == "v" }.map { relation in
      [
        "table_catalog": .text(reading.session.database), "table_schema": .text(relation.schema), "table_name": .text(relation.name),
        "view_definition": PgCatalog.viewText(relation),
      ]
    }
  }

  private static let tableConstraints = view(
    9_104, "table_constraints",
    """
    constraint_catalog:name constraint_schema:name constraint_name:name table_catalog:name table_schema:name table_name:name
    constraint_type:varchar is_deferrable:varchar=NO initially_deferred:varchar=NO enforced:varchar=YES
    nulls_distinct:varchar
    """
  ) { reading in
    reading.catalog.all.filter { !$0.primaryKey.isEmpty }.map { relation in
      var row = key(of: relation, reading)
      row["constraint_type"] = "PRIMARY KEY"
      return row
    }
  }

  private static let keyColumnUsage = view(
    9_105, "key_column_usage",
    """
    constraint_catalog:name constraint_schema:name constraint_name:name table_catalog:name table_schema:name table_name:name
    column_name:name ordinal_position:int4 position_in_unique_constraint:int4
    """
  ) { reading in
    reading.catalog.all.flatMap { relation in
      relation.primaryKey.enumerated().map { number, index in
        var row = key(of: relation, reading)
        row["column_name"] = .text(relation.columns[index].name)
        row["ordinal_position"] = SystemValue(number + 1)
        return row
      }
    }
  }

  /// Of a primary key, the columns of its own table.
  private static let constraintColumnUsage = view(
    9_106, "constraint_column_usage",
    """
    table_catalog:name table_schema:name table_name:name column_name:name constraint_catalog:name constraint_schema:name
    constraint_name:name
    """
  ) { reading in
    reading.catalog.all.flatMap { relation in
      relation.primaryKey.map { index in
        key(of: relation, reading).merging(["column_name": .text(relation.columns[index].name)]) { first, _ in first }
      }
    }
  }

  /// There are no foreign keys.
  private static let references = view(
    9_107, "referential_constraints",
    """
    constraint_catalog:name constraint_schema:name constraint_name:name unique_constraint_catalog:name
    unique_constraint_schema:name unique_constraint_name:name match_option:varchar update_rule:varchar delete_rule:varchar
    """
  ) { _ in [] }

  private static let characterSets = view(
    9_108, "character_sets",
    """
    character_set_catalog:name character_set_schema:name character_set_name:name=UTF8 character_repertoire:name=UCS
    form_of_use:name=UTF8 default_collate_catalog:name default_collate_schema:name=pg_catalog default_collate_name:name=C
    """
  ) { reading in
    [["default_collate_catalog": .text(reading.session.database)]]
  }

  /// What names a relation's primary key.
  private static func key(of relation: Relation, _ reading: SystemReading) -> [String: SystemValue] {
    let database = SystemValue.text(reading.session.database)
    return [
      "constraint_catalog": database, "constraint_schema": .text(relation.schema), "constraint_name": .text(relation.keyName),
      "table_catalog": database, "table_schema": .text(relation.schema), "table_name": .text(relation.name),
    ]
  }
}

extension SystemValue {
  fileprivate static func yesNo(_ value: Bool) -> SystemValue { value ? "YES" : "NO" }
}

extension SQLType {
  /// What `information_schema.columns` says of a type's size, as PostgreSQL does.
  fileprivate var measures: [String: SystemValue] {
    func binary(_ bits: Int64, _ scale: SystemValue) -> [String: SystemValue] {
      ["numeric_precision": .integer(bits), "numeric_precision_radix": 2, "numeric_scale": scale]
    }
    switch self {
    case .smallint: return binary(16, 0)
    case .integer: return binary(32, 0)
    case .bigint: return binary(64, 0)
    case .real: return binary(24, nil)
    case .double: return binary(53, nil)
    case .numeric(let modifier):
      guard let modifier else { return ["numeric_precision_radix": 10] }
      return [
        "numeric_precision": SystemValue(modifier.precision), "numeric_precision_radix": 10,
        "numeric_scale": SystemValue(modifier.scale),
      ]
    case .varchar(let length):
      return [
        "character_maximum_length": length.map { SystemValue($0) } ?? .null,
        "character_octet_length": .integer(length.map { Int64($0) * 4 } ?? 1_073_741_824),
      ]
    case .text: return ["character_octet_length": 1_073_741_824]
    case .date: return ["datetime_precision": 0]
    case .timestamp, .timestamptz, .interval: return ["datetime_precision": 6]
    case .unknown, .boolean, .oid, .catalogText: return [:]
    }
  }
}
