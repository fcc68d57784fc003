package import Engine
package import SQLTypes

/// A session of an engine of its own that keeps nothing; the engine ends with the session.
package func inMemorySession() throws(SQLError) -> Session { try Engine().session() }
