// Engine: sessions, and the path from a statement's text to its answer.
//
// - session: what one client has: it runs statements one after another.
// - run: an ad-hoc SELECT is planned like a view, lowered to the same operators, fed once, and thrown away (DESIGN §2).
//
// Invariant: a statement that this build cannot run is refused with 0A000 and its name; nothing is accepted and ignored.
