/// The source that the spec asks for.
package func makeSource(_ spec: SourceSpec) -> any Source {
  switch spec.connector {
  case .file(let options): FileSource(spec, options)
  case .nexmark(let options): NexmarkSource(spec, options)
  }
}
