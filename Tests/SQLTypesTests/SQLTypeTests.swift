import Testing

@testable import SQLTypes

@Test func typeNamesCarryTheirModifiers() {
  #expect(SQLType.numeric(.init(precision: 12, scale: 2)).name == "numeric(12,2)")
  #expect(SQLType.varchar(7).name == "character varying(7)")
  #expect(SQLType.numeric(.init(precision: 12, scale: 2)).typeModifier == 786438)
}
