import Foundation
import Testing

@testable import Plotting

@Suite("When gnuplot fails")
struct FailingGnuplotTests {
  /// Draws with `program` and returns the error, checking that nothing is left behind.
  func failure(of program: String, timeLimit: Duration = .seconds(300), leaving: [String] = []) throws
    -> PlottingError?
  {
    try withFolder { folder throws in
      let renderer = FigureRenderer(program: program, timeLimit: timeLimit)
      let error = try #require(throws: PlottingError.self) { try renderer.render(sample(), into: folder) }
      #expect(try names(in: folder) == [])
      let absent = folder.appending(path: "absent")
      #expect(throws: PlottingError.self) { try renderer.render(sample(), into: absent) }
      #expect(!FileManager.default.fileExists(atPath: absent.path(percentEncoded: false)))
      return error
    }
  }

  @Test("A gnuplot that is not there is named, with the mend")
  func missing() throws {
    let error = try failure(of: "/no/such/gnuplot")
    #expect(error == .gnuplotNotFound(program: "/no/such/gnuplot", reason: "No such file or directory"))
    #expect(error?.description.contains("apt install gnuplot") == true)
  }

  @Test("The environment variable GNUPLOT names the program")
  func environment() async {
    await #expect(processExitsWith: .success) {
      setenv("GNUPLOT", "/named/by/environment", 1)
      do {
        _ = try FigureRenderer().textPlot(sample())
      } catch PlottingError.gnuplotNotFound(program: "/named/by/environment", _) {
        exit(0)
      }
      exit(1)
    }
  }

  @Test("One that ends at once, before, while or after reading, is reported with its status and its words")
  func dying() throws {
    try withFolder { folder throws in
      #expect(
        try failure(of: impostor("echo 'no licence' >&2; exit 3", in: folder))
          == .gnuplotDied(drawing: "sample", ending: "exit status 3", messages: "no licence"))
      #expect(
        try failure(of: impostor("read line; exit 0", in: folder))
          == .gnuplotDied(drawing: "sample", ending: "exit status 0", messages: ""))
      #expect(
        try failure(of: impostor("cat > /dev/null & exec <&-; sleep 0.1; kill -SEGV $$", in: folder))
          == .gnuplotDied(drawing: "sample", ending: "signal 11", messages: ""))
    }
  }

  @Test("One that never answers is ended after the time limit, with all it started")
  func hanging() throws {
    try withFolder { folder throws in
      let pids = folder.appending(path: "pids").path(percentEncoded: false)
      let program = try impostor("sleep 1000 & echo $! $$ >> \(pids); wait", in: folder)
      var started: [Substring] = []
      // On a busy machine a second may pass before the program has started anything.
      for seconds in [1, 10, 100] where started.count < 4 {
        try? FileManager.default.removeItem(atPath: pids)
        #expect(
          try failure(of: program, timeLimit: .seconds(seconds))
            == .gnuplotTimedOut(drawing: "sample", seconds: Double(seconds)))
        started =
          (try? String(contentsOfFile: pids, encoding: .utf8))?.split(whereSeparator: \.isWhitespace) ?? []
      }
      #expect(started.count == 4)
      for pid in started { #expect(Self.hasEnded(String(pid)), "process \(pid) still runs") }
    }
  }

  @Test("Commands beyond what a pipe holds reach gnuplot, and do not block on one that does not read")
  func longCommands() throws {
    let commands = String(repeating: "# " + String(repeating: "x", count: 98) + "\n", count: 10_000)
    let real = GnuplotSession(program: "gnuplot", timeLimit: .seconds(300))
    #expect(try real.run(commands + "print 6*7\n", drawing: "long") == "42\n")
    try withFolder { folder throws in
      let deaf = GnuplotSession(program: try impostor("exec sleep 1000", in: folder), timeLimit: .seconds(1))
      #expect(throws: PlottingError.gnuplotTimedOut(drawing: "long", seconds: 1)) {
        try deaf.run(commands, drawing: "long")
      }
      let leaving = GnuplotSession(
        program: try impostor("read line; exit 7", in: folder), timeLimit: .seconds(300))
      #expect(throws: PlottingError.gnuplotDied(drawing: "long", ending: "exit status 7", messages: "")) {
        try leaving.run(commands, drawing: "long")
      }
    }
  }

  @Test("A gnuplot that talks without end does not block, whatever it talks")
  func talking() throws {
    try withFolder { folder throws in
      let program = try impostor("while read line; do echo \"$line\"; seq 1 20000; done", in: folder)
      let session = GnuplotSession(program: program, timeLimit: .seconds(2))
      #expect(throws: PlottingError.gnuplotTimedOut(drawing: "noise", seconds: 2)) {
        try session.run("print 1\n", drawing: "noise")
      }
    }
  }

  @Test("Refused commands are reported in gnuplot's own words, and the next figure draws")
  func refused() throws {
    try withFolder { folder throws in
      let broken = renderer(theme: brokenTheme)
      let error = try #require(throws: PlottingError.self) { try broken.render(sample(), into: folder) }
      guard case .gnuplotRefused("sample", let message) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(message.contains("unrecognized color name"))
      #expect(message.contains("\"sample.gp\" line"))
      #expect(try names(in: folder) == [])
      var figure = sample("next")
      figure.series[0].style.role = .data
      #expect(throws: Never.self) { try renderer().render(figure, into: folder) }
    }
    let session = GnuplotSession(program: "gnuplot", timeLimit: .seconds(300))
    #expect(throws: PlottingError.self) { try session.run("plot no_such_function(x)\n", drawing: "first") }
    #expect(try session.run("print 1+1\n", drawing: "second") == "2\n")
  }

  @Test("A session whose gnuplot was killed says so once and starts anew")
  func restart() throws {
    let session = GnuplotSession(program: "gnuplot", timeLimit: .seconds(300))
    #expect(throws: PlottingError.gnuplotDied(drawing: "first", ending: "signal 9", messages: "")) {
      try session.run("system('kill -9 $PPID')\nx = system('kill -9 $PPID')\n", drawing: "first")
    }
    #expect(try session.run("print 3\n", drawing: "second") == "3\n")
  }

  @Test(
    "A picture that is empty, cut off or something else is not accepted",
    arguments: [
      ("true", "is empty"), ("echo hello", "does not begin as SVG does"),
      ("echo '<?xml version=\"1.0\"?><svg>'", "is cut off"),
    ])
  func noPicture(_ writing: String, _ reason: String) throws {
    try withFolder { folder throws in
      // Answers as gnuplot does, and writes something into the file it is asked for.
      let program = try impostor(
        """
        while read -r line; do
          case "$line" in
            cd*) folder=$(printf '%s' "$line" | sed "s/^cd '//; s/'$//"); [ "$folder" = / ] || cd "$folder";;
            load*) \(writing) > sample.svg;;
            *batch*) printf '%s 0\\n' "$(printf '%s' "$line" | sed "s/^print '//; s/ ', .*//")";;
          esac
        done
        """, in: folder)
      #expect(try failure(of: program) == .noPicture(file: "sample.svg", reason: reason))
    }
  }

  @Test("The calling thread's signals are as before")
  func signals() throws {
    func state() -> (blocked: Bool, pending: Bool) {
      var mask = sigset_t()
      var pending = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      sigpending(&pending)
      return (sigismember(&mask, SIGPIPE) == 1, sigismember(&pending, SIGPIPE) == 1)
    }
    let before = state()
    try withFolder { folder throws in
      let session = GnuplotSession(program: try impostor("exit 1", in: folder), timeLimit: .seconds(300))
      _ = try? session.run(String(repeating: "print 1\n", count: 100_000), drawing: "d")
    }
    #expect(state() == before)
  }

  @Test("An interrupted program can remove what is unfinished and end its gnuplot")
  func abandon() async {
    await #expect(processExitsWith: .success) {
      try withFolder { folder throws in
        let pids = folder.appending(path: "pids").path(percentEncoded: false)
        let program = try impostor("sleep 1000 & echo $! $$ > \(pids); wait", in: folder)
        let drawing = Thread {
          let renderer = FigureRenderer(program: program, timeLimit: .seconds(300))
          _ = try? renderer.render(sample(), into: folder)
        }
        drawing.start()
        var started: [String] = []
        while started.count < 2 {
          usleep(1000)
          started =
            (try? String(contentsOfFile: pids, encoding: .utf8))?
            .split(whereSeparator: \.isWhitespace).map(String.init) ?? []
        }
        guard try names(in: folder).contains(where: { $0.hasPrefix(".drawing") }) else { exit(2) }
        UnfinishedWork.abandon()
        while !drawing.isFinished { usleep(1000) }
        let left = try names(in: folder).filter { $0.hasPrefix(".drawing") || $0.hasPrefix("sample") }
        exit(left.isEmpty && started.allSatisfy(FailingGnuplotTests.hasEnded) ? 0 : 1)
      }
    }
  }

  @Test("What begins after an interrupt is ended at once")
  func abandonedBefore() async {
    await #expect(processExitsWith: .success) {
      try withFolder { folder throws in
        UnfinishedWork.abandon()
        let program = try impostor("sleep 1000", in: folder)
        let session = GnuplotSession(program: program, timeLimit: .seconds(300))
        let ends = (try? session.run("print 1\n", drawing: "d")) == nil
        let renderer = FigureRenderer(program: program, timeLimit: .seconds(300))
        let isRefused = (try? renderer.render(sample(), into: folder)) == nil
        let left = try names(in: folder).filter { $0.hasPrefix(".drawing") || $0.hasPrefix("sample") }
        exit(ends && isRefused && left.isEmpty ? 0 : 1)
      }
    }
  }

  /// Whether a process is gone, or only waits to be collected. One that was ended may take a while on a busy machine.
  static func hasEnded(_ pid: String) -> Bool {
    for _ in 0..<6000 {
      guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
        return true
      }
      if status.split(separator: ")").last?.split(separator: " ").first == "Z" { return true }
      usleep(10_000)
    }
    return false
  }
}
