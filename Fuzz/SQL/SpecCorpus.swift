import Planner
import Platform
import SQLCatalog
import SQLSyntax
import SQLTypes

@testable import Engine

/// The statements of one file of the specification, and the relations that it makes.
struct SpecFile {
  var name: String
  var statements: [TokenText]
  /// With all system views; of relations of one name, the first that the file makes.
  var catalog: Catalog

  init(name: String, text: String) {
    self.name = name
    let texts = Self.statements(of: text)
    catalog = Catalog(system: SystemView.all.map(\.relation))
    var id = Catalog.firstUserID.rawValue
    for statement in texts.flatMap(Parser.parseScript) {
      guard case .success(let parsed) = statement.result else { continue }
      id += 1
      do throws(SQLError) { try Self.create(parsed, RelationID(id), in: &catalog) } catch { continue }
    }
    statements = texts.map(TokenText.init).filter { !$0.pieces.isEmpty }
  }

  private static func create(_ statement: Statement, _ id: RelationID, in catalog: inout Catalog) throws(SQLError) {
    switch statement.kind {
    case .createTable(let table): try catalog.add(TableBinder.plan(table, id: id, names: catalog).relation)
    case .createView(let view): try catalog.add(ViewBinder.plan(view, id: id, names: catalog).relation)
    default: break
    }
  }

  /// The SQL of a file's records: what stands between a record's first line and its result, or a blank line.
  private static func statements(of text: String) -> [String] {
    var statements: [String] = []
    var current: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()] {
      if let lines = current, line.isEmpty || line == "----" {
        statements.append(lines.joined(separator: "\n"))
        current = nil
      } else if current != nil {
        current?.append(line)
      } else if ["statement ", "query", "changelog "].contains(where: line.hasPrefix) {
        current = []
      }
    }
    return statements
  }
}

/// All files of the specification, in the order of their names, and one of the statements that the parser's own tests begin with.
struct SpecCorpus {
  var files: [SpecFile]
  var statements: [TokenText] { files.flatMap(\.statements) }

  /// - root: the repository.
  init(root: String) throws(PlatformError) {
    files = []
    for pattern in ["Tests/Spec/*/*.slt", "queries/*/*.slt"] {
      for path in try matchingPaths("\(root)/\(pattern)") { files.append(SpecFile(name: path, text: try Self.read(path))) }
    }
    let parsers = try Self.read("\(root)/Tests/SQLSyntaxTests/Corpus.swift")
    // The first of a file decides its relations: that one's statements are bound over those of the largest.
    let names = files.max { $0.catalog.user.count < $1.catalog.user.count }?.catalog ?? Catalog(system: [])
    var own = SpecFile(name: "parser", text: "")
    own.statements = Self.stringLiterals(parsers).map(TokenText.init).filter { $0.pieces.count > 1 }
    own.catalog = names
    files = files.filter { !$0.statements.isEmpty } + [own]
  }

  private static func read(_ path: String) throws(PlatformError) -> String {
    String(decoding: try FileDescriptor(opening: path, .read).readToEnd(), as: UTF8.self)
  }

  /// Swift's string literals of one line.
  private static func stringLiterals(_ source: String) -> [String] {
    var literals: [String] = []
    var literal: String?
    var isEscaped = false
    for character in source {
      if isEscaped {
        literal?.append(character)
        isEscaped = false
      } else if literal != nil, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        if let text = literal { literals.append(text) }
        literal = literal == nil ? "" : nil
      } else {
        literal?.append(character)
      }
    }
    return literals
  }
}
