extension [UInt8] {
  /// The array's bytes as the views take them. Sound: the array outlives the borrow.
  public var rawSpan: RawSpan {
    @_lifetime(borrow self) get { unsafe self.span.bytes }
  }
}
