// SQLCatalog: what there is: streams, tables, views, and who depends on whom.
//
// - relation: anything that FROM can name. Its id is never given out again.
// - catalog: a value. The driver makes the next one; readers keep the one that they took.
//
// Invariant: a relation's dependencies are in the catalog as long as it is.
