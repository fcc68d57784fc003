import Glibc

/// What the process has used so far.
struct ProcessUsage {
  /// User and system time of all threads.
  let cpuSeconds: Double
  /// The most memory that it had at once, in MiB.
  let peakMegabytes: Int

  static var now: ProcessUsage {
    var usage = rusage()
    let status = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    precondition(status == 0, "a process may ask for its own usage")
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ProcessUsage(
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakMegabytes: Int(usage.ru_maxrss) / 1024)
  }
}
