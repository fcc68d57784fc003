// Shell: what a person or a script at a terminal meets: lines in, tables out. Nothing here knows the engine.
//
// - script text: what is typed or read; `ScriptSplitter` cuts it into statements and commands.
// - command: a line that begins with a backslash (`MetaCommand`), the shell's own and not SQL.
// - variable: a name that `\set` or `-v` gave a text (`ShellVariables`), put in for `:name` before a statement runs.
// - editor: where lines come from (`LineEditor`): a person through readline, or a file or pipe.
// - table: rows as psql shows them (`ResultTable`), or as CSV or JSON lines.
//
// Invariant: a script means the same whether it is typed, pasted, read from a file or piped in, line by line or at once.
