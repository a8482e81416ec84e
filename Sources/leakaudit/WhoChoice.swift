import ArgumentParser

/// Whether a watch asks the kernel which process sends.
enum WhoChoice: String, ExpressibleByArgument, CaseIterable { case auto, off }
