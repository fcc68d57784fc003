#pragma once
// What Shell's ReadlineEditor needs of readline. Swift 6 refuses C globals, so each is reached through an accessor here;
// nothing else of the package includes readline's headers (readline is GPL-3, libedit could take its place).
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>

typedef char **(*leat_rl_completion)(const char *text, int start, int end);

/// readline's own preparation of the terminal, but Ctrl-C stays a character instead of becoming a signal.
static inline void leat_rl_prepare_terminal(int meta) {
  rl_prep_terminal(meta);
  struct termios settings;
  int descriptor = fileno(rl_instream ? rl_instream : stdin);
  if (tcgetattr(descriptor, &settings) != 0) return;
  settings.c_cc[VINTR] = _POSIX_VDISABLE;
  tcsetattr(descriptor, TCSADRAIN, &settings);
}

/// Names the program for inputrc, sets the hooks, and makes Ctrl-C call `interrupt` in every keymap.
///
/// - prepare: prepares the terminal, by `leat_rl_prepare_terminal`.
/// - release: gives it back as it was, by `rl_deprep_terminal`.
static inline void leat_rl_set_up(
    leat_rl_completion complete, rl_command_func_t *interrupt, rl_vintfunc_t *prepare, rl_voidfunc_t *release) {
  rl_readline_name = "leat";
  rl_variable_bind("enable-bracketed-paste", "on");  // before inputrc is read, which may say otherwise
  rl_initialize();
  rl_attempted_completion_function = complete;
  // The basic ones are looked at once, by rl_initialize; a backslash and a quote belong to the word.
  rl_completer_word_break_characters = "\t\n@$><=;|&{}()[]+-*/%,: ";
  rl_completer_quote_characters = "";
  rl_prep_term_function = prepare;
  rl_deprep_term_function = release;
  static const char *const maps[] = {"emacs", "vi-insert", "vi-command"};
  for (int i = 0; i < 3; i++) {
    Keymap map = rl_get_keymap_by_name(maps[i]);
    if (map) rl_bind_key_in_map(3, interrupt, map);
  }
}

/// Ends the line being edited, leaving it on the screen with ^C behind it; readline() then returns an empty line.
static inline void leat_rl_abandon_line(void) {
  rl_point = rl_end;
  rl_redisplay();
  fputs("^C", rl_outstream ? rl_outstream : stdout);
  rl_crlf();
  rl_replace_line("", 0);
  rl_on_new_line();
  rl_done = 1;
}

static inline const char *leat_rl_version(void) { return rl_library_version; }
static inline const char *leat_rl_line(void) { return rl_line_buffer; }
/// Tells readline that these candidates are all: no file names when there are none.
static inline void leat_rl_no_file_names(void) { rl_attempted_completion_over = 1; }
/// What readline appends to a completed word; 0 for nothing.
static inline void leat_rl_set_append(int character) { rl_completion_append_character = character; }
static inline void leat_rl_set_input(FILE *input) { rl_instream = input; }
static inline void leat_rl_set_output(FILE *output) { rl_outstream = output; }
