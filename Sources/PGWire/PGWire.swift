// PGWire: PostgreSQL's frontend/backend protocol 3.0 without I/O. Sockets, TLS and threads belong to PGServer and Shell.
//
// - frame: one message as it lies on the wire. A startup frame is `length:4 code:4 body`, every other frame is
//   `type:1 length:4 body`; `length` counts itself and the body; all integers are big-endian.
// - frontend: the client; backend: the server. `FrontendMessage` and `BackendMessage` are what each of them sends.
// - prepared statement: a named, planned text; portal: a prepared statement with its parameters, which Execute runs.
//   The empty name is the *unnamed* statement or portal, which the next Parse, Bind or Query replaces.
// - event: what happened to a connection (a message came, the engine answered); action: what its thread does next.
//
// Server: `MessageReader` frames bytes, `ConnectionProtocol` decides, `BackendEncoder` writes the answers.
// Client: `FrontendEncoder` writes the requests, `BackendReader` frames the answers, `ClientProtocol` follows the state.
//
// Invariant: no sequence of bytes from a peer traps or makes a buffer grow beyond the announced limits; what is wrong
// with it becomes an `SQLError`. A precondition here can only be broken by the thread that performs the actions.
