import Foundation
import Glibc
import Testing

@testable import Shell

/// A pseudo terminal, and a thread that types at its other end, each text after the next prompt.
private final class Typist: @unchecked Sendable {       // the thread alone uses it until it has ended
  let terminal: Int32
  private let keyboard: Int32
  private let texts: [String]
  private let done = DispatchSemaphore(value: 0)
  private(set) var screen: [UInt8] = []

  init(typing texts: [String]) {
    self.texts = texts
    keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var number: CInt = 0
    _ = ioctl(keyboard, 0x4004_5431, &number)           // TIOCSPTLCK: unlock
    _ = ioctl(keyboard, 0x8004_5430, &number)           // TIOCGPTN: its number
    terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    Thread { self.run() }.start()
  }

  private func run() {
    defer { done.signal() }
    for text in texts {
      let seen = screen.count
      while !String(decoding: screen[seen...], as: UTF8.self).contains("leat=> ") {
        var wait = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 10_000) == 1 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(keyboard, &buffer, buffer.count)
        guard count > 0 else { return }
        screen += buffer[..<count]
      }
      let bytes = Array(text.utf8)
      write(keyboard, bytes, bytes.count)
    }
  }

  func wait() { done.wait() }
}

@Suite(.serialized) struct ReadlineEditorTests {
  /// One test, for readline is one per process.
  @Test func linesAreEditedCompletedPastedInterruptedAndRemembered() throws {
    setenv("TERM", "xterm", 1)
    setenv("INPUTRC", "/dev/null", 1)
    let path = NSTemporaryDirectory() + "leat-history-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    HistoryFile(path: path).append("select\n  'old';")

    let typist = Typist(typing: [
      "selekt\u{7F}\u{7F}ct 1;\r", "sel\t2;\r", "from o\tp\t \r", "qq\t\r", "abc\u{3}",
      "\u{1B}[200~select 1;\nselect 2;\u{1B}[201~\r", "\u{1B}[A\r", "\u{1B}[A\u{1B}[A\r", "'東\u{7F}京'\r", "\u{4}",
    ])
    var requests: [CompletionRequest] = []
    // What the terminal's key for SIGINT was when the editor said that Ctrl-C is a key.
    var interruptKeys: [cc_t] = []
    let editor = ReadlineEditor(
      terminal: typist.terminal, history: HistoryFile(path: path),
      withoutSignals: {
        var state = termios()
        if tcgetattr(typist.terminal, &state) == 0 { interruptKeys.append(state.c_cc.0) }
      },
      completer: { request in
        requests.append(request)
        return ["select", "orders", "orphans"].filter { $0.hasPrefix(request.word) }
      })
    func line() -> LineInput { editor.readLine(prompt: "leat=> ") }
    #expect(line() == .line("select 1;"))
    #expect(line() == .line("select 2;"))
    #expect(line() == .line("from orphans  "))
    #expect(line() == .line("qq"))
    #expect(line() == .interrupted)
    #expect(line() == .line("select 1;\nselect 2;"))
    editor.remember("select\n  'new';")
    editor.remember("select\n  'new';")
    #expect(line() == .line("select\n  'new';"))
    #expect(line() == .line("select\n  'old';"))
    #expect(line() == .line("'京'"))
    #expect(line() == .endOfInput)
    typist.wait()
    // As each of the ten lines begins and ends.
    #expect(interruptKeys == Array(repeating: 0, count: 20))
    #expect(requests.first == CompletionRequest(textBefore: "", word: "sel"))
    #expect(requests.contains(CompletionRequest(textBefore: "from ", word: "o")))
    #expect(HistoryFile(path: path).load() == ["select\n  'old';", "select\n  'new';"])
  }
}
