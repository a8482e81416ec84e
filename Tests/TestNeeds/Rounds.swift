// The static standard library of a release build has no Swift Testing; there this module is empty.
#if canImport(Testing)
/// How many rounds a random test takes: all where nothing may be skipped (`Skips`), else so few that the tests of one
/// floor take less than a minute in all.
public func rounds(_ all: Int, few: Int) -> Int { Skips.areFailures ? all : few }
#endif
