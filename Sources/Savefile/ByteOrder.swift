/// The order in which a savefile's writer stored integers, relative to this machine's.
struct ByteOrder: BitwiseCopyable {
  let isSwapped: Bool

  static var native: Self { Self(isSwapped: false) }
  static var swapped: Self { Self(isSwapped: true) }

  func callAsFunction<Word: FixedWidthInteger>(_ word: Word) -> Word {
    isSwapped ? word.byteSwapped : word
  }
}
