import ArgumentParser

/// Options of tcpdump that change nothing here.
struct HabitOptions: ParsableArguments {
  @Flag(name: .customShort("n"), help: "Changes nothing: an address is never looked up. For the habit of typing it.")
  var isNumeric = false
}
